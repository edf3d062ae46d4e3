# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NICs of a node: hardware, link and what they can carry. This module util is private to the collection."""

from __future__ import annotations

import json
import os
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError

Run = Callable[[Sequence[str]], Tuple[int, str, str]]

LINKS = ("ip", "-j", "-d", "link", "show")
NET = "sys/class/net"


class Nic(NamedTuple):
    """One NIC, a network device with hardware behind it.

    driver: kernel module. bus: address on its bus ("0000:3b:00.0"). speed: Mb/s, None while there is no link or the
    driver does not say. duplex: "full", "half"; None as for speed. carrier: whether there is link; None while it is
    down. mtu, max_mtu: bytes; max_mtu None when the driver names none. controller: bond or bridge that it is a port of.
    virtual_functions: how many it has made. physical_function: for a virtual function the NIC that it belongs to.
    """

    name: str
    driver: Optional[str]
    bus: Optional[str]
    mac: Optional[str]
    permanent_mac: Optional[str]
    operstate: str
    carrier: Optional[bool]
    speed: Optional[int]
    duplex: Optional[str]
    mtu: int
    max_mtu: Optional[int]
    controller: Optional[str]
    virtual_functions: int
    physical_function: Optional[str]


def read(run: Run, root: str = "/") -> List[Nic]:
    """All NICs by name. Raises NetworkError when ip fails."""
    status, output, errors = run(LINKS)
    if status:
        raise NetworkError("%s: exit status %d (%s)" % (" ".join(LINKS), status, errors.strip() or "no message"))
    links: Dict[str, Dict[str, object]] = {str(link["ifname"]): link for link in json.loads(output or "[]")}
    return [_nic(root, name, links[name]) for name in sorted(links) if _hardware(root, name)]


def _hardware(root: str, name: str) -> bool:
    return os.path.exists(os.path.join(root, NET, name, "device"))


def _nic(root: str, name: str, link: Dict[str, object]) -> Nic:
    device = os.path.join(root, NET, name, "device")
    speed = _text(root, name, "speed")
    carrier = _text(root, name, "carrier")
    functions = _text(root, name, "device/sriov_numvfs")
    duplex = _text(root, name, "duplex")
    mtu, largest = link.get("mtu"), link.get("max_mtu")
    mac, permanent = link.get("address"), link.get("permaddr")
    controller = link.get("master")
    return Nic(
        name=name,
        driver=_target(os.path.join(device, "driver")),
        bus=_target(device),
        mac=str(mac) if mac else None,
        permanent_mac=str(permanent or mac) if permanent or mac else None,
        operstate=str(link.get("operstate", "unknown")).lower(),
        carrier=carrier == "1" if carrier else None,
        # -1 and 65535 both are the drivers' ways to say that they do not know.
        speed=int(speed) if speed.isdigit() and speed != "65535" else None,
        duplex=duplex if duplex in ("full", "half") else None,
        mtu=mtu if isinstance(mtu, int) else 0,
        max_mtu=largest if isinstance(largest, int) and largest else None,
        controller=str(controller) if controller else None,
        virtual_functions=int(functions) if functions.isdigit() else 0,
        physical_function=_physical_function(device),
    )


def _physical_function(device: str) -> Optional[str]:
    try:
        names = sorted(os.listdir(os.path.join(device, "physfn", "net")))
    except OSError:
        return None
    return names[0] if names else None


def _target(path: str) -> Optional[str]:
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return None


def _text(root: str, name: str, file: str) -> str:
    try:
        with open(os.path.join(root, NET, name, file), encoding="ascii", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""  # the driver has no such file, or does not answer while the NIC is down
