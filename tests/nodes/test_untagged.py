# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout without management VLAN: the address is on mgmt-br, there is no vlan-mgmt and no list on the bridge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runs import Ansible
from state import mtus, vids

from lab import Lab, Progress
from lab.bystanders import VmPing, capture, compare

pytestmark = pytest.mark.nodes

PROFILES = [
    {"id": "bond-mgmt", "mtu": 9000, "bridge_port": {"vlans": ["1 pvid untagged", 2018]}},
    {"id": "bridge-mgmt", "mtu": 9000, "bridge": {"vlans": [2018]}},
]


@pytest.fixture
def flat(lab: Lab) -> Iterator[Lab]:
    """A second lab beside the first; two nodes are enough to ping."""
    found = Lab(f"{lab.name}-flat", Progress()).up("untagged", nodes=2)
    yield found
    found.down()


@pytest.mark.long
def test_mtu_and_vlan_ids_without_a_management_vlan(flat: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    ansible = Ansible(flat, tmp_path_factory.mktemp("flat"))
    node1, node2 = flat.nodes
    others = {node.name: capture(node) for node in flat.nodes}

    bad = ansible.module("profiles", {"profiles": [PROFILES[0]]}, "all")
    assert "profile 'bridge-mgmt': bridge.vlans" in bad.of("node1").msg
    check = ansible.module("profiles", {"profiles": PROFILES}, "all", check=True)
    assert check.of("node2").how() == {"mgmt-bo": "kernel", "mgmt-br": "kernel"}
    with VmPing(node1, node2) as ping:
        run = ansible.module("profiles", {"profiles": PROFILES}, "all")
    assert run.status == 0, run.output
    assert ping.lost == 0, ping
    for node in flat.nodes:
        assert run.of(node.name).how() == check.of(node.name).how()
        assert {mtus(node)[device] for device in ("mgmt-bo", "mgmt-br")} == {9000}
        assert 2018 in vids(node, "mgmt-bo") & vids(node, "mgmt-br")
        assert compare(others[node.name], capture(node)) == []
    assert node1.ping(node2.spec.mgmt_address, size=8972)
    assert not ansible.module("profiles", {"profiles": PROFILES}, "all").of("node1").changed
