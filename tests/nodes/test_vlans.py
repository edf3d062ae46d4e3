# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLAN ids of bond and bridge: live, at the next boot, stripped by an agent, held by a device, removed."""

from __future__ import annotations

import pytest
from runs import Ansible
from state import files, holder, mtu_items, mtus, vids, vlan_items

from lab import Lab, Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes


@pytest.mark.debian12
def test_vlan_ids_are_added_live_and_removed_again(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    text, others = files(node), capture(node)

    bad = ansible.module("profiles", {"profiles": [vlan_items(2018)[0]]})
    assert bad.of("node1").msg == (
        "profile 'bridge-mgmt': bridge.vlans=2017: VLAN id 2018 is missing, which bridge_port.vlans of profile"
        " 'bond-mgmt' has; add it here, or take it out there"
    )

    items = {"profiles": vlan_items(2018, "2100-2103")}
    check = ansible.module("profiles", items, check=True)
    assert check.of("node1").changed
    assert files(node) == text

    run = ansible.module("profiles", items)
    assert run.of("node1").how() == {"mgmt-bo": "kernel", "mgmt-br": "kernel"}
    for device in ("mgmt-bo", "mgmt-br"):
        assert {2017, 2018, 2100, 2103} <= vids(node, device)
    assert {100, 2030} <= vids(node, "mgmt-bo"), "the agent's ids stay"
    assert compare(others, capture(node)) == []

    assert not ansible.module("profiles", items).of("node1").changed

    back = ansible.module("profiles", {"profiles": vlan_items()})
    assert back.of("node1").changed, back.output
    assert vids(node, "mgmt-bo") == {1, 100, 2017, 2030}
    assert files(node) == text
    assert compare(others, capture(node)) == []


@pytest.mark.long
def test_an_id_that_an_agent_stripped_is_a_warning_and_its_device_brings_it_back(
    nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node1"]
    assert ansible.module("profiles", {"profiles": vlan_items(2018)}).status == 0
    node.run("bridge vlan del vid 2018 dev mgmt-bo")
    run = ansible.module("profiles", {"profiles": vlan_items(2018)})
    assert not run.of("node1").changed
    assert run.of("node1").result["reboot_required"] is False
    (warning,) = run.of("node1").result["warnings_found"]
    assert warning == (
        "stripped: VLAN id 2018 is in profile 'bond-mgmt' but not on mgmt-bo, and there is no device mgmt-br.<id>:"
        " Harvester's agent removes such ids at every boot; give each a VLAN profile (mgmt-br.<id>, without addresses)"
        " or a VM network"
    )
    items = {"profiles": [*vlan_items(2018), holder(2018)]}
    held = ansible.module("profiles", items)
    assert held.of("node1").how() == {"mgmt-bo": "kernel", "mgmt-br.2018": "up"}, held.output
    assert 2018 in vids(node, "mgmt-bo")
    again = ansible.module("profiles", items)
    assert (again.of("node1").changed, again.of("node1").result["warnings_found"]) == (False, [])


@pytest.mark.long
@pytest.mark.debian12
def test_files_only_until_the_boot_and_everything_is_there_after_it(
    lab: Lab, nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node3"]
    others = capture(node)
    items = [*vlan_items(2018, "2100-2103"), *mtu_items(9000), holder(2018)]
    merged: dict[str, dict[str, object]] = {}
    for item in items:
        merged.setdefault(str(item["id"]), {}).update(item)
    arguments = {"apply": "reboot", "profiles": list(merged.values())}
    run = ansible.module("profiles", arguments, "node3")
    result = run.of("node3")
    assert result.result["reboot_required"] is True, run.output
    assert set(result.how().values()) == {"reboot"}
    assert mtus(node)["mgmt-bo"] == 1500
    assert 2018 not in vids(node, "mgmt-bo") | vids(node, "mgmt-br")
    # Pending is computed again from the kernel, not remembered.
    again = ansible.module("profiles", arguments, "node3")
    assert (again.of("node3").changed, again.of("node3").result["reboot_required"]) == (False, True)

    node.reboot()
    after = ansible.module("profiles", arguments, "node3")
    assert (after.of("node3").changed, after.of("node3").result["reboot_required"]) == (False, False), after.output
    assert {2018, 2100, 2103} <= vids(node, "mgmt-bo") & vids(node, "mgmt-br")
    assert {mtus(node)[device] for device in ("mgmt-bo", "mgmt-br", "mgmt-br.2017", "mgmt-br.2018")} == {9000}
    # A boot makes devices anew; what must be the same are ids, addresses and routes.
    kept = {name: value for name, value in others.items() if not name.startswith("link")}
    assert compare(kept, {name: value for name, value in capture(node).items() if not name.startswith("link")}) == []


@pytest.mark.long
def test_a_foreign_device_with_the_wanted_id_is_left_alone(nodes: dict[str, Node], ansible: Ansible) -> None:
    """mgmt-br.2030 is a HostNetworkConfig's: a profile for it would flush its address."""
    node = nodes["node1"]
    others = capture(node)
    items = {"profiles": [*vlan_items(2030), holder(2030)]}
    run = ansible.module("profiles", items)
    assert run.of("node1").actions()["mgmt-br.2030"] == "unchanged", run.output
    (warning,) = run.of("node1").result["warnings_found"]
    assert warning == (
        "profile 'mgmt-br.2030': the device mgmt-br.2030 exists and is not NetworkManager's (a HostNetworkConfig's?);"
        " it is left alone and no profile is made, since one would flush its addresses"
    )
    assert run.of("node1").how() == {}, "the id is on bond and bridge already"
    assert "mgmt-br.2030.nmconnection" not in files(node)
    assert compare(others, capture(node)) == []
    assert not ansible.module("profiles", items).of("node1").changed
