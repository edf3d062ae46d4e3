# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node still reaches what it lives by. This module util is private to the collection.

Not a proof of an MTU (that is path_mtu): a quick look before and after a change, at what the node used anyway. So one
answer is enough, and sizes are an extra wish.
"""

from __future__ import annotations

import ipaddress
import os
import select
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common import _pause
from ..common._errors import Problem, ValidationError
from . import _icmp

PING, TCP, DNS = "ping", "tcp", "dns"
KINDS = (PING, TCP, DNS)
TRIES = 3
LOOKS, PAUSE = 3, 2.0
"""How often what does not answer after a change is asked again, and how long to wait before, in seconds."""
DNS_PORT = 53
# Of a block for documentation (RFC 5737): only a default route leads there.
_ANYBODY = "192.0.2.1"
# Names that not every build of Python has.
_IP_MTU_DISCOVER, _PMTUDISC_PROBE = 10, 3
# A query for the name servers of the root, which every resolver answers somehow (RFC 1035, 4.1).
_QUERY = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01"


class Target(NamedTuple):
    """Something to reach. port: of tcp. size: bytes of the IP packet of a ping, which must not be fragmented; 0: small.

    required: whether it must be reached afterwards though it was not reached before.
    """

    name: str
    kind: str
    address: str
    port: int = 0
    size: int = 0
    required: bool = False


def read(items: Sequence[Mapping[str, Any]]) -> Tuple[Target, ...]:
    """From option dicts. Raises ValidationError with all objections."""
    problems: List[Problem] = []
    found = []
    for item in items:
        where = "target '%s'" % (item.get("name") or item["address"])
        wrong = _objection(item["address"], item["kind"])
        if wrong:
            problems.append(Problem(where, "address", item["address"], wrong))
        if item["kind"] == TCP and not 1 <= (item.get("port") or 0) <= 65535:
            problems.append(Problem(where, "port", item.get("port"), "a TCP connection needs a port within 1..65535"))
        size = item.get("size") or 0
        if size and not 68 <= size <= _icmp.LONGEST:
            problems.append(Problem(where, "size", size, "must be within 68..%d bytes" % _icmp.LONGEST))
        found.append(
            Target(
                item.get("name") or "%s %s" % (item["kind"], item["address"]),
                item["kind"],
                item["address"],
                item.get("port") or 0,
                size,
                bool(item.get("required")),
            )
        )
    if problems:
        raise ValidationError(problems)
    return tuple(found)


def _objection(address: str, kind: str) -> str:
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return "is no IP address; names are not looked up"
    return "a ping needs an IPv4 address" if kind == PING and version != 4 else ""


def chosen(params: Mapping[str, Any]) -> Tuple[Target, ...]:
    """What module reach_info is to ask. Raises ValidationError with all objections."""
    if params["earlier"] is not None:
        again = [item for item in params["earlier"] if item.get("reached") or item.get("required")]
        return read([dict({"kind": PING, "address": ""}, **item) for item in again])
    peers = [{"name": "node %s" % address, "kind": PING, "address": address} for address in params["peers"]]
    targets = read(list(params["targets"]) + peers)
    if not params["discover"]:
        return targets
    known = {(target.kind, target.address, target.size) for target in targets}
    return targets + tuple(item for item in discover() if (item.kind, item.address, item.size) not in known)


def missing(earlier: Sequence[Mapping[str, Any]], timeout: float = 1.0) -> List[str]:
    """What of the results of an earlier call is not reached any more, with the reason; empty when all of it is.

    timeout: seconds per try. Raises ValidationError for what cannot be results of an earlier call.
    """
    targets = chosen({"earlier": earlier})
    found: List[str] = []
    for look in range(LOOKS):
        if look:
            _pause.sleep(PAUSE)
        found = ["%s (%s)" % (item["name"], item["why"]) for item in reach(targets, timeout) if item["why"]]
        if not found:
            break
    return found


def discover(root: str = "/") -> Tuple[Target, ...]:
    """The default gateways and the name servers of the node (IPv4)."""
    gateways = _gateways(_lines(root, "proc/net/route"))
    servers = _servers(_lines(root, "etc/resolv.conf"))
    return tuple(Target("gateway %s" % address, PING, address) for address in gateways) + tuple(
        Target("name server %s" % address, DNS, address) for address in servers
    )


def own_address() -> str:
    """The IPv4 address that the node uses towards everybody else; '' without a default route. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect((_ANYBODY, 9))
        except OSError:
            return ""
        return str(line.getsockname()[0])


def _lines(root: str, path: str) -> List[str]:
    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
            return stream.read().splitlines()
    except OSError:
        return []


def _gateways(lines: Sequence[str]) -> List[str]:
    """From /proc/net/route: hexadecimal numbers in the order of the host's bytes."""
    found = []
    for line in lines[1:]:
        words = line.split()
        if len(words) > 7 and words[1] == "00000000" and words[7] == "00000000" and int(words[2], 16):
            found.append(str(ipaddress.IPv4Address(int(words[2], 16).to_bytes(4, sys.byteorder))))
    return sorted(set(found))


def _servers(lines: Sequence[str]) -> List[str]:
    found = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                address = ipaddress.ip_address(words[1])
            except ValueError:
                continue
            if address.version == 4 and not address.is_loopback:
                found.append(str(address))
    return found


def reach(targets: Sequence[Target], timeout: float, ask: Optional[Callable[..., str]] = None) -> List[Dict[str, Any]]:
    """A result per target, in their order: ``reached``, and ``why`` not. timeout: seconds per try."""
    if not targets:
        return []
    with ThreadPoolExecutor(min(32, len(targets))) as pool:
        answers = list(pool.map(lambda target: (ask or _ask)(target, timeout), targets))
    return [dict(target._asdict(), reached=not why, why=why) for target, why in zip(targets, answers)]


def _ask(target: Target, timeout: float) -> str:
    """'' when the target answers, else why not."""
    why = "no answer"
    for _number in range(TRIES):
        try:
            if {PING: _ping, TCP: _connect, DNS: _query}[target.kind](target, timeout):
                return ""
        except OSError as error:
            why = "%s" % (error.strerror or error)
            # What fails at once would fail at once three times.
            time.sleep(min(0.2, timeout))
    return why


def _ping(target: Target, timeout: float) -> bool:
    ident, nonce = os.getpid() & 0xFFFF, os.urandom(_icmp.NONCE)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as line:
        line.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _PMTUDISC_PROBE)
        line.sendto(_icmp.request(ident, 1, nonce, target.size or 84), (target.address, 0))
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            ready, _out, _bad = select.select([line], [], [], max(0.0, end - time.monotonic()))
            if ready and isinstance(_icmp.parse(line.recv(_icmp.LONGEST), nonce), _icmp.Reply):
                return True
    return False


def _connect(target: Target, timeout: float) -> bool:
    with socket.create_connection((target.address, target.port), timeout):
        return True


def _query(target: Target, timeout: float) -> bool:
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    ident = os.urandom(2)
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(timeout)
        line.connect((target.address, DNS_PORT))
        line.send(ident + _QUERY)
        try:
            return line.recv(512)[:2] == ident
        except socket.timeout:
            return False
