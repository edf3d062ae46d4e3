# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be removed: devices in use, the last port, the node's address."""

from __future__ import annotations

import pytest
from judging import NODE, WITHOUT_VLAN, line, problems

from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile

OTHERS = {
    "bond-x": Profile("bond-x", "bond", {"interface_name": "x-bo", "controller": "x-br", "port_type": "bridge"}),
    "bond-slave-eno4": Profile(
        "bond-slave-eno4", "ethernet", {"interface_name": "eno4", "controller": "x-bo", "port_type": "bond"}
    ),
    "bridge-x": Profile("bridge-x", "bridge", {"interface_name": "x-br", "ipv4.method": "disabled"}),
    "vlan-x": Profile("vlan-x", "vlan", {"vlan.parent": "x-br", "vlan.id": 7, "ipv4.method": "disabled"}),
}
BOTH = {**NODE, **OTHERS}


def cut_off(name, device):
    return line(f"""profile '{name}': the node has its address and its default route on {device}, and no profile would
    have them any more; keep them, or give them to another profile in the same call""")


@pytest.mark.parametrize(
    "removed",
    [
        [],
        ["not-there-before"],
        ["vlan-x"],
        ["bond-slave-eno4", "bond-x", "bridge-x", "vlan-x"],
        # One of two ports.
        ["bond-slave-eno2"],
    ],
)
def test_good(removed):
    node = dict(BOTH, **{"not-there-before": Profile("not-there-before", "ethernet", {})})
    assert problems({}, removed=removed, node=node) == []


@pytest.mark.parametrize(
    ("removed", "messages"),
    [
        (
            ["bridge-x"],
            [
                line("""profile 'bridge-x': its device x-br is still used by profiles 'bond-x' and 'vlan-x'; remove them
                in the same call""")
            ],
        ),
        (
            ["bridge-x", "vlan-x"],
            ["profile 'bridge-x': its device x-br is still used by profile 'bond-x'; remove it in the same call"],
        ),
        (
            ["bond-x"],
            [
                line("""profile 'bond-x': its device x-bo is still used by profile 'bond-slave-eno4'; remove it in the
                same call"""),
                line("""profile 'bridge-x': x-br would be left without a port (it had x-bo); leave it one, or remove
                this profile too"""),
            ],
        ),
        (
            ["bond-slave-eno4"],
            [
                line("""profile 'bond-x': x-bo would be left without a port (it had eno4); leave it one, or remove this
                profile too""")
            ],
        ),
        (
            ["bond-slave-eno1", "bond-slave-eno2"],
            [
                line("""profile 'bond-mgmt': mgmt-bo would be left without a port (it had eno1, eno2); leave it one, or
                remove this profile too""")
            ],
        ),
        (["vlan-mgmt"], [cut_off("vlan-mgmt", "mgmt-br.2017")]),
    ],
)
def test_refused(removed, messages):
    assert problems({}, removed=removed, node=BOTH) == messages


def test_without_a_management_vlan():
    found = problems({}, removed=list(WITHOUT_VLAN), node=WITHOUT_VLAN)
    assert found == [cut_off("bridge-mgmt", "mgmt-br")]


@pytest.mark.parametrize(
    "change",
    [
        {"ipv4.method": "disabled", "ipv4.addresses": None, "ipv4.gateway": None},
        {"ipv4.gateway": None},
        {"ipv4.never_default": True},
    ],
)
def test_the_last_default_route_is_taken_away(change):
    assert problems({"vlan-mgmt": change}) == [cut_off("vlan-mgmt", "mgmt-br.2017")]


@pytest.mark.parametrize(
    "change",
    [
        {"ipv4.method": "auto", "ipv4.addresses": None, "ipv4.gateway": None},
        {"ipv4.gateway": None, "ipv4.routes": ["0.0.0.0/0 10.217.0.1"]},
        {"ipv4.gateway": "10.217.0.254"},
    ],
)
def test_the_default_route_comes_another_way(change):
    assert problems({"vlan-mgmt": change}) == []


def test_the_address_moves_in_one_call():
    moved = {
        "bridge-mgmt": {
            "ipv4.method": "manual",
            "ipv4.addresses": ["10.217.0.11/24"],
            "ipv4.gateway": "10.217.0.1",
        }
    }
    assert problems(moved, removed=["vlan-mgmt"]) == []


def test_ports_that_leave_by_a_change():
    moved = {
        "bond-slave-eno4": {"controller": "mgmt-bo"},
    }
    found = problems(moved, node=BOTH)
    assert found == [
        line("""profile 'bond-x': x-bo would be left without a port (it had eno4); leave it one, or remove this profile
        too""")
    ]
