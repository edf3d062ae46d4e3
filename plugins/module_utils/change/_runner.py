# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host of a run is: its addresses, and how it reaches the API. This module util is private to the collection.

The only part of the change engine that looks at the controller. It sends nothing but names to a name server.
"""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Iterable, List, Sequence, Tuple
from urllib.parse import urlsplit

from ._ground import Runner

NET = Path("/sys/class/net")
RESOLV, HOSTS = Path("/etc/resolv.conf"), Path("/etc/hosts")


def look(nodes: Iterable[str], urls: Iterable[str], hosts: Iterable[str] = ()) -> Runner:
    """This host, as the run needs it.

    nodes: addresses of the cluster's nodes. urls: of the API and of its proxy. hosts: names or addresses by which the
    nodes are reached. What cannot be found out is left out.
    """
    ways = [name for name in (host_of(url) for url in urls) if name]
    asked = names([*ways, *hosts], _text(HOSTS))
    return Runner(
        addresses=own_addresses(nodes),
        macs=own_macs(NET),
        api=tuple(dict.fromkeys(address for way in ways for address in _resolved(way))),
        name_servers=name_servers(_text(RESOLV)) if asked else (),
    )


def host_of(url: str) -> str:
    """The host of "https://192.0.2.1:6443" or "192.0.2.1:6443"; empty for none."""
    return urlsplit(url if "//" in url else "//" + url).hostname or ""


def names(hosts: Iterable[str], known: str) -> List[str]:
    """Those that have to be asked for: no addresses, and not in the text of /etc/hosts."""
    local = {word for line in known.splitlines() for word in line.partition("#")[0].split()[1:]}
    return [host for host in dict.fromkeys(hosts) if not _is_address(host) and host not in local]


def name_servers(text: str) -> Tuple[str, ...]:
    """The name servers of a resolv.conf."""
    lines = [line.split() for line in text.splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")


def own_addresses(targets: Iterable[str]) -> Tuple[str, ...]:
    """The addresses from which this host would send to these; a connected UDP socket sends nothing."""
    found = []
    for target in targets:
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as one:
                one.connect((target, 9))
                found.append(str(one.getsockname()[0]))
        except OSError:
            continue
    return tuple(dict.fromkeys(found))


def own_macs(folder: Path) -> Tuple[str, ...]:
    """The MACs of this host's interfaces. folder: that of sysfs."""
    found = [_text(path) for path in sorted(folder.glob("*/address"))]
    return tuple(dict.fromkeys(mac.strip() for mac in found if mac.strip(" 0:\n")))


def _resolved(host: str) -> Sequence[str]:
    if _is_address(host):
        return [host]
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
