# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bond and its ports as the kernel has them now. This module util is private to the collection.

Files of /sys/class/net (Documentation/networking/bonding.rst and Documentation/ABI/testing/sysfs-class-net of Linux).
"""

from __future__ import annotations

import os
from typing import Callable, List, NamedTuple, Optional, Sequence

from ..common._errors import NetworkError

ACTIVE_BACKUP, LACP, BROADCAST = "active-backup", "802.3ad", "broadcast"

# Actor state of LACP (IEEE 802.1AX 6.4.2.3).
_COLLECTING, _DISTRIBUTING = 0x10, 0x20


class Port(NamedTuple):
    """A NIC of a bond. mii_status: as the bonding driver sees it, "" when it does not say.

    aggregator, lacp_state: its aggregator and its own state in LACP, None outside 802.3ad.
    """

    name: str
    carrier: bool = True
    mii_status: str = "up"
    aggregator: Optional[int] = None
    lacp_state: Optional[int] = None


class Bond(NamedTuple):
    """aggregator: the active one, None outside 802.3ad. active: the port in use, "" in modes that use all."""

    name: str
    mode: str
    ports: Sequence[Port] = ()
    active: str = ""
    policy: str = ""
    aggregator: Optional[int] = None


def why_down(bond: Bond, port: Port) -> str:
    """Why a port carries no traffic; empty when it does, or could as a backup."""
    if not port.carrier:
        return "no carrier"
    if port.mii_status not in ("", "up"):
        return "link %s" % port.mii_status
    if bond.mode != LACP:
        return ""
    if bond.aggregator is not None and port.aggregator != bond.aggregator:
        return "not in the active aggregator of LACP"
    if port.lacp_state is not None and port.lacp_state & (_COLLECTING | _DISTRIBUTING) != _COLLECTING | _DISTRIBUTING:
        return "LACP does not pass traffic yet"
    return ""


def down(bond: Bond) -> List[str]:
    """The ports that carry no traffic, each with its reason."""
    return ["%s (%s)" % (port.name, why_down(bond, port)) for port in bond.ports if why_down(bond, port)]


class BondFiles:
    """Reads and switches bonds through files below ``root``; announce is called with the bond after each switch."""

    def __init__(self, root: str = "/", announce: Optional[Callable[[str], object]] = None) -> None:
        self._net = os.path.join(root, "sys/class/net")
        self._announce = announce

    def read(self, name: str) -> Optional[Bond]:
        """None when there is no such bond."""
        mode = self._word(name, "bonding/mode")
        if not mode:
            return None
        return Bond(
            name,
            mode,
            tuple(self._port(port) for port in self._text(name, "bonding/slaves").split()),
            self._word(name, "bonding/active_slave"),
            self._word(name, "bonding/xmit_hash_policy"),
            _number(self._word(name, "bonding/ad_aggregator")) if mode == LACP else None,
        )

    def active(self, name: str) -> str:
        return self._word(name, "bonding/active_slave")

    def active_file(self, name: str) -> str:
        return os.path.join(self._net, name, "bonding/active_slave")

    def activate(self, name: str, port: str) -> None:
        """Make a port the active one. Raises NetworkError when the driver refuses."""
        try:
            with open(self.active_file(name), "w", encoding="ascii") as stream:
                stream.write(port)
        except OSError as error:
            raise NetworkError("bond %s: cannot make %s the active port (%s)" % (name, port, error.strerror)) from None
        if self._announce:
            self._announce(name)

    def _port(self, name: str) -> Port:
        return Port(
            name,
            self._word(name, "carrier") == "1",
            self._text(name, "bonding_slave/mii_status").strip(),
            _number(self._word(name, "bonding_slave/ad_aggregator_id")),
            _number(self._word(name, "bonding_slave/ad_actor_oper_port_state")),
        )

    def _text(self, name: str, path: str) -> str:
        try:
            with open(os.path.join(self._net, name, path), encoding="ascii", errors="replace") as stream:
                return stream.read()
        except OSError:
            # Among others: the carrier of a device that is not set up cannot be read.
            return ""

    def _word(self, name: str, path: str) -> str:
        return (self._text(name, path).split() or [""])[0]


def _number(word: str) -> Optional[int]:
    return int(word) if word.isdigit() else None
