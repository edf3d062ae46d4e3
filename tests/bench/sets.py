# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sets of profiles that are measured, in the words of both sides.

The five are shaped like Harvester's own and lie on the two free NICs of a node, so that the real management network is
not touched; both sides make the same set, really active. The many are VLAN profiles that NetworkManager knows and
never activates, so that their number alone makes the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BOND, BRIDGE, VLAN_ID = "bench-bo", "bench-br", 2999
MANY_SIZES = (5, 20, 50, 100)
MANY_MTU, MANY_OTHER_MTU = 1500, 1400
MANY_FIRST_VLAN = 3000
MANY_PREFIX = "bench-many-"

CANNOT = (
    "the bridge's MTU (ignored for type bridge)",
    "VLAN filtering, default PVID and VLAN lists of the bridge",
    "VLAN list of the bond as a port of the bridge",
    "unsetting an option",
    "making a changed profile live",
)
"""What community.general.nmcli has no way to express; left out on its side."""


@dataclass(frozen=True)
class Target:
    """A node as the benchmark uses it. nics: two physical NICs without controller and address. index: from 1."""

    name: str
    nics: tuple[str, str]
    index: int

    @property
    def address(self) -> str:
        return "198.51.100.%d/24" % self.index


def ids(target: Target) -> list[str]:
    """Profile ids of the five."""
    return ["vlan-bench", *("bond-slave-%s" % nic for nic in target.nics), "bond-bench", "bridge-bench"]


def ours(target: Target, mtu: int, secondary: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """The five as options of the module `profiles`. mtu: bytes; secondary: VLAN ids beside the address's own."""
    tagged = [VLAN_ID, *secondary]
    return [
        {
            "id": "bond-bench",
            "type": "bond",
            "interface_name": BOND,
            "controller": BRIDGE,
            "port_type": "bridge",
            "ports": list(target.nics),
            "mtu": mtu,
            "bond": {"mode": "active-backup", "miimon": 100},
            "bridge_port": {"vlans": ["1 pvid untagged", *tagged]},
        },
        {
            "id": "bridge-bench",
            "type": "bridge",
            "interface_name": BRIDGE,
            "mtu": mtu,
            "bridge": {
                "stp": False,
                "forward_delay": 0,
                "vlan_filtering": True,
                "vlan_default_pvid": 1,
                "vlans": tagged,
            },
            "ipv4": {"method": "disabled"},
            "ipv6": {"method": "disabled"},
        },
        {
            "id": "vlan-bench",
            "type": "vlan",
            "mtu": mtu,
            "vlan": {"id": VLAN_ID, "parent": BRIDGE, "flags": 1},
            "ipv4": {"method": "manual", "addresses": [target.address]},
            "ipv6": {"method": "disabled"},
        },
    ]


def peer(target: Target, mtu: int) -> list[dict[str, Any]]:
    """The five as options of community.general.nmcli, a controller before its ports; see CANNOT."""
    bridge = {
        "conn_name": "bridge-bench",
        "type": "bridge",
        "autoconnect": True,
        "ifname": BRIDGE,
        "stp": False,
        "forwarddelay": 0,
        "method4": "disabled",
        "method6": "disabled",
    }
    bond = {
        "conn_name": "bond-bench",
        "type": "bond",
        "autoconnect": True,
        "ifname": BOND,
        "master": BRIDGE,
        "slave_type": "bridge",
        "mode": "active-backup",
        "miimon": 100,
        "mtu": mtu,
    }
    ports = [
        {
            "conn_name": "bond-slave-%s" % nic,
            "type": "ethernet",
            "autoconnect": True,
            "ifname": nic,
            "master": BOND,
            "slave_type": "bond",
        }
        for nic in target.nics
    ]
    vlan = {
        "conn_name": "vlan-bench",
        "type": "vlan",
        "autoconnect": True,
        "ifname": "%s.%d" % (BRIDGE, VLAN_ID),
        "vlandev": BRIDGE,
        "vlanid": VLAN_ID,
        "flags": "1",
        "mtu": mtu,
        "ip4": [target.address],
        "method4": "manual",
        "method6": "disabled",
    }
    return [bridge, bond, *ports, vlan]


PEER_OPTIONS = sorted(
    {option for item in peer(Target("", ("a", "b"), 1), 1500) for option in item} - {"conn_name", "type"}
)


def many(target: Target, count: int, mtu: int = MANY_MTU) -> list[dict[str, Any]]:
    """VLAN profiles that are never activated, as options of the module `profiles`. mtu: bytes."""
    return [
        {
            "id": "%s%d" % (MANY_PREFIX, vlan),
            "type": "vlan",
            "interface_name": "bench.%d" % vlan,
            "autoconnect": False,
            "mtu": mtu,
            "vlan": {"id": vlan, "parent": target.nics[0]},
            "ipv4": {"method": "disabled"},
            "ipv6": {"method": "disabled"},
        }
        for vlan in range(MANY_FIRST_VLAN, MANY_FIRST_VLAN + count)
    ]


def peer_many(target: Target, count: int, mtu: int = MANY_MTU) -> list[dict[str, Any]]:
    """The same, as options of community.general.nmcli."""
    return [
        {
            "conn_name": "%s%d" % (MANY_PREFIX, vlan),
            "type": "vlan",
            "autoconnect": False,
            "ifname": "bench.%d" % vlan,
            "vlandev": target.nics[0],
            "vlanid": vlan,
            "mtu": mtu,
            "method4": "disabled",
            "method6": "disabled",
        }
        for vlan in range(MANY_FIRST_VLAN, MANY_FIRST_VLAN + count)
    ]
