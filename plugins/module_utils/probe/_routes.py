# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this node reaches a peer, and which peers it must not send large probes to.

This module util is private to the collection. A router that has to refuse a packet answers with the MTU of its next
link (RFC 1191), and the kernel remembers that for the destination whoever sent the packet (a route exception, for
net.ipv4.route.mtu_expires = 600 seconds): real traffic to the same address would be cut down, or slowed, by a probe.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import sys
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..common._errors import NetworkError, Problem
from ._paths import Path, Way

Run = Callable[[Sequence[str], str], Tuple[int, str, str]]
"""Takes an argv and standard input, gives exit status, output and errors; status 127 for a missing program."""

RESOLVERS = ("/etc/resolv.conf", "/run/NetworkManager/resolv.conf")
CONNECTIONS = ("/proc/net/tcp", "/proc/net/tcp6")

_ROUTES = "route show table all"
_FAILED = re.compile(r"^Command failed -:(\d+)")
_ESTABLISHED = "01"
_MAPPED = b"\0" * 10 + b"\xff" * 2
"""Begins an IPv4 address in a socket of IPv6 (RFC 4291), as servers have that listen for both."""


def ways(run: Run, paths: Sequence[Path]) -> List[Way]:
    """The kernel's way to every peer, in order: one process per network namespace. Raises NetworkError."""
    found: Dict[Path, Way] = {}
    for namespace in sorted({path.line.namespace for path in paths}):
        inside = list(dict.fromkeys(path for path in paths if path.line.namespace == namespace))
        argv = ["ip"] + (["-n", namespace] if namespace else []) + ["-4", "-j", "-force", "-batch", "-"]
        lines = [query(path) for path in inside] + [_ROUTES]
        status, output, errors = run(argv, "\n".join(lines) + "\n")
        failed = failures(errors)
        try:
            answers = documents(output)
            if status == 127 or len(answers) + len(failed) != len(lines):
                raise ValueError
            table = [] if len(lines) in failed else answers[-1]
            unread = iter(answers)
            for number, path in enumerate(inside, 1):
                found[path] = way(failed[number] if number in failed else next(unread), path, table)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise NetworkError(
                "%s: exit status %d (%s); path_mtu needs iproute2's ip with JSON output on the node"
                % (" ".join(argv), status, errors.strip() or "an answer that cannot be read")
            ) from None
    return [found[path] for path in paths]


def query(path: Path) -> str:
    """The line for ip's batch mode that asks for the way of a path."""
    words = ["route", "get", path.peer]
    words += ["from", path.line.source] if path.line.source else []
    words += ["oif", path.line.device] if path.line.device else []
    return " ".join(words)


def failures(errors: str) -> Dict[int, str]:
    """Number of each line of a batch that failed, with what ip said."""
    found: Dict[int, str] = {}
    said = ""
    for line in errors.splitlines():
        match = _FAILED.match(line)
        if match:
            found[int(match.group(1))] = said or "no message"
            said = ""
        else:
            said = line.strip().replace("RTNETLINK answers: ", "")
    return found


def documents(output: str) -> List[Any]:
    """The JSON documents of a batch, one per line that did not fail."""
    decoder = json.JSONDecoder()
    found: List[Any] = []
    rest = output.lstrip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


def way(answer: Any, path: Path, table: Sequence[Mapping[str, Any]]) -> Way:
    """From the answer of 'ip -j route get', or from its error as a text."""
    if isinstance(answer, str):
        return Way(error=answer)
    route = answer[0]
    via = route.get("via") or {}
    return Way(
        device=route.get("dev", ""),
        source=path.line.source or route.get("prefsrc", ""),
        gateway=route.get("gateway") or via.get("host", ""),
        kind=route.get("type", "unicast"),
        host_route=any(
            entry.get("dst") in (path.peer, path.peer + "/32") and entry.get("type", "unicast") == "unicast"
            for entry in table
        ),
    )


def resolvers(text: str) -> List[str]:
    """The IPv4 name servers of a resolv.conf."""
    rows = [line.split() for line in text.splitlines()]
    return [row[1] for row in rows if len(row) > 1 and row[0] == "nameserver" and _ipv4(row[1])]


def remotes(text: str) -> List[str]:
    """The IPv4 addresses at the other end of established connections, from /proc/net/tcp or /proc/net/tcp6."""
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 4 or words[3] != _ESTABLISHED:
            continue
        number = words[2].partition(":")[0]
        # Each 32-bit word is printed in the order of this machine.
        parts = [int(number[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(number), 8)]
        address = b"".join(parts)
        if len(address) == 16 and address.startswith(_MAPPED):
            address = address[12:]
        if len(address) == 4:
            found.append(".".join(str(byte) for byte in address))
    return found


class InUse:
    """Addresses that real traffic of this node goes to, with what each is."""

    def __init__(self, named: Iterable[str] = (), root: str = "/") -> None:
        self._everywhere = dict.fromkeys(named, "in_use names it")
        self._own: Dict[str, str] = {}
        for path in CONNECTIONS:
            self._own.update(dict.fromkeys(remotes(_read(root, path)), "this node has a TCP connection to it"))
        for path in RESOLVERS:
            self._everywhere.update(dict.fromkeys(resolvers(_read(root, path)), "it is a DNS server in %s" % path))

    def why(self, path: Path, found: Way) -> str:
        """What speaks against large packets to a peer; empty when nothing does."""
        # TCP connections of other namespaces are not in this list, and this list is not about other namespaces.
        own = "" if path.line.namespace else self._own.get(path.peer, "")
        return (
            self._everywhere.get(path.peer, "")
            or own
            or ("this node has a route for exactly this address" if found.host_route else "")
        )


def objections(where: str, path: Path, found: Way, used: InUse) -> List[Problem]:
    """Why a path must not be probed."""
    if found.kind == "local":
        rule = "this is an address of the sender itself, so nothing would leave the node"
        return [Problem(where, "peer", path.peer, rule, "name the other end")]
    if found.kind != "unicast":
        rule = "this is a %s address, not one of a single host" % found.kind
        return [Problem(where, "peer", path.peer, rule, "name the address of a host")]
    # flannel's routes lead to a node's pods through that node's own address: nothing lies between.
    why = used.why(path, found) if found.gateway not in ("", path.peer) else ""
    if not why:
        return []
    rule = (
        "%s, and it lies behind the router %s: a probe that is too large can leave a path MTU in this node's cache"
        " which slows or cuts the real traffic to it for ten minutes" % (why, found.gateway)
    )
    return [Problem(where, "peer", path.peer, rule, "name another address behind the same router")]


def _ipv4(word: str) -> bool:
    try:
        return isinstance(ipaddress.ip_address(word), ipaddress.IPv4Address)
    except ValueError:
        return False


def _read(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path.lstrip("/")), encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def address_objection(word: Optional[str]) -> str:
    """What is wrong with an address to send to or from, as a sentence part; empty when nothing is."""
    try:
        address = ipaddress.ip_address(str(word))
    except ValueError:
        return "is no IPv4 address; names are not looked up"
    if isinstance(address, ipaddress.IPv6Address):
        return "is an IPv6 address, which is not supported yet"
    return ""
