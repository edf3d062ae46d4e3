# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved after a change, and playbook mgmt_vlans. Every run costs seconds, so one run proves what it can."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

GO = {"change_without_cluster": "true"}
VLANS = {"vlan_id": 2017, "secondary_vlans": [2018]}


def _removed(found: Any) -> list[str]:
    return sorted(found.of("unprobe"))


@pytest.mark.oldest
def test_a_failed_proof_names_the_culprit(playground: Any) -> None:
    deaf = {"unproved": {"VLAN 2018|n1": "no_path", "VLAN 2018|n2": "no_path"}}
    from_n1, from_n2 = ({"unproved": {"VLAN 2018|n3": "no_path"}} for _node in range(2))
    found = playground.run({"n1": from_n1, "n2": from_n2, "n3": deaf}, harvester_mgmt=VLANS, **GO)
    assert found.status != 0
    expected = (
        "Not proved on the wire: VLAN 2018: n3, with every other node: no frame passes; see whether its switch ports"
        " carry VLAN 2018, and whether bond and bridge have it"
    )
    assert expected in found.text().replace("\\n", " ")
    assert _removed(found) == ["n1 unprobe", "n2 unprobe", "n3 unprobe"]
    # All endpoints are made before the first packet goes, after the last change.
    kinds = [line.split()[1] for line in found.log]
    assert kinds[-9:] == ["probe"] * 3 + ["paths"] * 3 + ["unprobe"] * 3
    assert found.of("probe")[0].endswith("probe mgmt-br-2017 vlan2018")
    assert "live" not in kinds[-9:]
    assert kinds.count("live") == 3


def test_endpoints_are_removed_also_when_probing_fails(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {"blind": True}, "n3": {}}, harvester_mgmt=VLANS, **GO)
    assert found.status != 0
    assert "the stub cannot send" in found.output
    assert _removed(found) == ["n1 unprobe", "n2 unprobe", "n3 unprobe"]
    # A node that did not answer is not judged: the failure above is what went wrong.
    assert "Not proved on the wire" not in found.output


def test_nodes_without_any_of_the_networks_are_left_out(playground: Any) -> None:
    """All of them after a removal: there is nothing to prove then."""
    tasks = [{"ansible.builtin.import_role": {"name": "harvester.network.path_proof"}}]
    path = playground.folder / "prove.yml"
    path.write_text(json.dumps([{"hosts": "harvester_nodes", "gather_facts": False, "tasks": tasks}]))
    networks = [{"vlan_id": 300, "bridge": "vm-br", "mtu": 9000, "nodes": ["n1", "n2"]}]
    nodes: dict[str, Any] = {"n1": {}, "n2": {}, "n3": {}}
    found = playground.run(nodes, playbook=str(path), path_proof_networks=networks)
    assert found.status == 0, found.output
    assert sorted(found.of("probe")) == ["n1 probe vm-300", "n2 probe vm-300"]
    assert sorted(found.of("paths")) == ["n1 paths VLAN 300 of vm|n2", "n2 paths VLAN 300 of vm|n1"]
    none = playground.run(nodes, playbook=str(path), path_proof_networks=[])
    assert none.status == 0, none.output
    assert none.of("probe", "paths") == []


def test_a_single_node_sends_to_its_gateway(playground: Any) -> None:
    """Also where the router is what is small; before a change its endpoints are only judged."""
    network = {"vlan_id": 300, "bridge": "vm-br", "mtu": 9000, "subnet": "198.51.100.0/24", "gateway": "198.51.100.1"}
    role = {"name": "harvester.network.path_proof"}
    tasks = [
        {"ansible.builtin.include_role": {**role, "tasks_from": "ahead.yml"}},
        {"ansible.builtin.import_role": role},
    ]
    path = playground.folder / "prove.yml"
    path.write_text(json.dumps([{"hosts": "harvester_nodes", "gather_facts": False, "tasks": tasks}]))
    found = playground.run({"n1": {}}, playbook=str(path), path_proof_networks=[network])
    assert found.status == 0, found.output
    assert found.log == ["n1 probe vm-300"] * 2 + ["n1 paths VLAN 300 of vm|gateway 198.51.100.1", "n1 unprobe"]
    assert "nothing was proved" not in found.text()
    small = {"unproved": {"VLAN 300 of vm|203.0.113.8 through 198.51.100.1": "mtu_too_small"}}
    server = {"servers": ["203.0.113.8"]}
    target = {**network, "target": "203.0.113.8"}
    failed = playground.run({"n1": small}, playbook=str(path), path_proof_networks=[target])
    assert failed.status != 0
    assert "VLAN 300 of vm: n1 to 203.0.113.8 through 198.51.100.1: 203.0.113.8: mtu_too_small" in failed.text()
    refused = playground.run({"n1": server}, playbook=str(path), path_proof_networks=[target])
    assert refused.status != 0
    assert (
        "n1: 203.0.113.8 is a name server of this node, whose real traffic a probe could slow; give another target"
        " behind the same gateway."
    ) in refused.text()
    assert refused.of("paths") == []


def test_a_link_that_is_not_as_expected_is_named(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {"mtu": 1500}}, **GO)
    assert found.status != 0
    assert "n2: mgmt-bo: MTU 1500 instead of 9000; mgmt-br: MTU 1500 instead of 9000" in found.text()
    assert found.of("probe", "paths") == []


def test_mgmt_vlans_shows_changes_and_proves_vlans_and_nothing_else(playground: Any) -> None:
    stripped = {"stripped": [{"profile": "bond-mgmt", "device": "mgmt-bo", "bridge": "mgmt-br", "vlans": [2030]}]}
    desired = VLANS | {"mtu": 9000, "bond": {"ports": ["eno1"]}, "ipv4": {"method": "auto"}}
    found = playground.run({"n1": stripped, "n2": {}}, playbook="mgmt_vlans", harvester_mgmt=desired, **GO)
    assert found.status == 0, found.output
    assert "n1: mgmt-bo: profile bond-mgmt: 1 pvid untagged, 2017; kernel: 1 pvid untagged, 2017" in found.output
    assert "n1: stripped by Harvester's agent: 2030" in found.output
    given = json.loads((playground.folder / "n1/profiles.json").read_text())
    assert {name for profile in given for name, value in profile.items() if value is not None} == {
        "id",
        "type",
        "bridge_port",
        "bridge",
        "interface_name",
        "vlan",
        "ipv4",
        "ipv6",
    }
    assert {profile["id"]: profile.get("bridge_port") or profile.get("bridge") for profile in given} == {
        "bond-mgmt": {"vlans": ["1 pvid untagged", "2017-2018"]},
        "bridge-mgmt": {"vlans": ["2017-2018"]},
        "mgmt-br.2018": None,
    }
    assert sorted(found.of("paths")) == [
        "n1 paths management network|n2, VLAN 2018|n2",
        "n2 paths management network|n1, VLAN 2018|n1",
    ]


def test_mgmt_vlans_needs_the_list(playground: Any) -> None:
    found = playground.run({"n1": {}}, playbook="mgmt_vlans", harvester_mgmt={"vlan_id": 2017, "mtu": 9000}, **GO)
    assert found.status != 0
    assert "missing required arguments: secondary_vlans" in found.text()
    assert found.log == []


def test_mgmt_proof_asks_the_wire_whatever_the_links_say_and_judges_both(playground: Any) -> None:
    small = {"mtu": 1500, "unproved": {"management network|n1": "mtu_too_small"}}
    found = playground.run({"n1": {"mtu": 9000}, "n2": small}, playbook="mgmt_proof")
    assert found.status != 0
    said = found.text().replace("\\n", " ")
    assert "Not proved: n2: mgmt-bo: MTU 1500 instead of 9000; mgmt-br: MTU 1500 instead of 9000" in said
    assert "management network: n2 to n1: 192.0.2.11: mtu_too_small" in said.partition("Not proved: ")[2]
    # It only looks and sends: nothing is compared with a desired state, changed or rebooted.
    assert found.calls == []
    assert _removed(found) == ["n1 unprobe", "n2 unprobe"]
    good = playground.run({"n1": {"mtu": 9000}, "n2": {"mtu": 9000}}, playbook="mgmt_proof")
    assert good.status == 0, good.output
    assert "The links of every node are as they should be, and everything that was sent passed." in good.text()
