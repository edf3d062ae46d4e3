# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests that are looked at from inside: which, what is compared, and whom they send to."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._guests import chosen, judged


def facts(address: str, mtu: int, netmask: str = "255.255.255.0", device: str = "enp1s0") -> dict[str, Any]:
    """As module setup returns them."""
    interface = {"device": device, "mtu": mtu, "ipv4": {"address": address, "netmask": netmask}}
    return {"interfaces": ["lo", device], "lo": {"mtu": 65536, "ipv4": {"address": "127.0.0.1"}}, device: interface}


HOSTVARS: dict[str, dict[str, Any]] = {
    "web": {"ansible_host": "192.0.2.21", "ansible_facts": facts("192.0.2.21", 9000)},
    "db": {
        "harvester_guest_vm": "production/db",
        "harvester_guest_address": "192.0.2.22",
        "ansible_host": "10.0.0.1",
        "ansible_facts": facts("192.0.2.22", 9000),
    },
    "far": {"ansible_host": "198.51.100.9", "ansible_facts": facts("198.51.100.9", 9000)},
}


def test_which_vms_are_looked_at() -> None:
    vms = ["production/db", "default/web", "default/db", "default/appliance"]
    assert chosen(list(HOSTVARS), HOSTVARS, vms) == {
        "inside": ["db", "web"],
        "outside": ["default/db", "default/appliance"],
    }


def test_guests_of_one_network_send_to_each_other() -> None:
    found = judged(["web", "db", "far"], HOSTVARS, 9000)
    assert found["problems"] == []
    assert found["paths"] == {
        "web": [{"peer": "192.0.2.22", "mtu": 9000, "device": "enp1s0", "name": "web to db"}],
        "db": [{"peer": "192.0.2.21", "mtu": 9000, "device": "enp1s0", "name": "db to web"}],
    }
    assert found["alone"] == ["far"]


def test_peers_of_the_inventory_come_first() -> None:
    hostvars = {**HOSTVARS, "web": {**HOSTVARS["web"], "harvester_guest_peers": ["192.0.2.1"]}}
    found = judged(["web", "db"], hostvars, 9000)
    assert found["paths"]["web"] == [{"peer": "192.0.2.1", "mtu": 9000, "device": "enp1s0", "name": "web to 192.0.2.1"}]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            facts("192.0.2.21", 1500),
            (
                "guest web: enp1s0 has MTU 1500 instead of 9000; see what its DHCP, cloud-init or network configuration"
                " says"
            ),
        ),
        (
            facts("192.0.2.99", 9000),
            (
                "guest web: no interface has the address 192.0.2.21; give harvester_guest_address, the address in the"
                " VM network that has changed"
            ),
        ),
        (
            {},
            (
                "guest web: no interface has the address 192.0.2.21; give harvester_guest_address, the address in the"
                " VM network that has changed"
            ),
        ),
    ],
    ids=["another MTU", "another address", "no facts"],
)
def test_what_is_wrong_inside(found: dict[str, Any], problem: str) -> None:
    assert judged(["web"], {"web": {**HOSTVARS["web"], "ansible_facts": found}}, 9000)["problems"] == [problem]


def test_a_second_address_and_a_device_with_a_dot() -> None:
    link = facts("192.0.2.99", 9000, device="eth0.5")
    link["eth0_5"] = {**link.pop("eth0.5"), "ipv4_secondaries": [{"address": "192.0.2.21", "netmask": "255.255.255.0"}]}
    found = judged(["web", "db"], {**HOSTVARS, "web": {**HOSTVARS["web"], "ansible_facts": link}}, 9000)
    assert (found["problems"], found["paths"]["web"][0]["device"]) == ([], "eth0.5")
