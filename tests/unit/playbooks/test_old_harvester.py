# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester 1.6: what works through the API works, links are read without a module, the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

NETWORK = {
    "name": "vm",
    "uplink": {"mtu": 9000},
    "configs": [{"name": "vm-all", "all_nodes": True, "nics": ["eno3"]}],
    "vm_networks": [{"name": "prod", "vlan_id": 300}],
}
EXPECT = {name: {"devices": [{"name": "vm-bo", "mtu": 9000, "ports": ["eno3"]}]} for name in ("n1", "n2")}
STORAGE = {"cluster_network": "vm", "vlan_id": 60, "mtu": 9000, "nodes": ["n1", "n2"]}
API: dict[str, Any] = {"harvester_api": {"kubeconfig": "/kube/config"}}


def links(mtu: int = 9000) -> str:
    """What ip says of a bond with one port."""
    common = {"mtu": mtu, "operstate": "UP", "link_type": "ether", "flags": ["UP"], "address": "52:54:00:00:00:01"}
    bond = {"ifindex": 7, "ifname": "vm-bo", "linkinfo": {"info_kind": "bond", "info_data": {"mode": "active-backup"}}}
    return json.dumps([common | bond, common | {"ifindex": 3, "ifname": "eno3", "master": "vm-bo"}])


def run(playground: Any, playbook: str = "cluster_network", mtu: int = 9000, **variables: Any) -> Any:
    nodes = [{"name": name, "machine_id": None, "boot_id": None} for name in ("n1", "n2")]
    found = {"nodes": nodes, "versions": {"harvester": "v1.6.1", "running_upgrade": None}, "expect": EXPECT}
    (playground.folder / "cluster.json").write_text(json.dumps(found))
    result = {"network": STORAGE, "recorded": [], "expect": EXPECT}
    (playground.folder / "storage.json").write_text(json.dumps({"result": result}))
    hosts = {"n1": {"old": links()}, "n2": {"old": links(mtu)}}
    return playground.run(hosts, playbook=playbook, **(API | variables))


@pytest.mark.oldest
def test_cluster_networks_are_changed_and_links_looked_at(playground: Any) -> None:
    found = run(playground, harvester_cluster_networks=[NETWORK], change_prove_paths=False)
    assert found.status == 0, found.output
    assert found.log == [
        "cluster info /kube/config",
        "cluster change cluster_network vm",
        "cluster change vm_network prod",
    ]


def test_a_link_that_is_not_as_expected_fails(playground: Any) -> None:
    found = run(playground, harvester_cluster_networks=[NETWORK], change_prove_paths=False, mtu=1500)
    assert found.status != 0
    assert "n2: vm-bo: MTU 1500 instead of 9000" in found.text()


def test_vlans_need_a_proof_on_the_wire_which_is_refused_first(playground: Any) -> None:
    found = run(playground, harvester_cluster_networks=[NETWORK])
    assert found.status != 0
    assert (
        "n1, n2: Harvester 1.6 or older, where no module runs, so nothing can be proved on the wire. Run again without"
        " that proof (change_prove_paths=false); links are looked at all the same."
    ) in found.text()
    assert found.of("change", "judge") == []


def test_without_vlans_nothing_needs_that_proof(playground: Any) -> None:
    plain = {key: value for key, value in NETWORK.items() if key != "vm_networks"}
    found = run(playground, harvester_cluster_networks=[plain])
    assert found.status == 0, found.output
    assert found.of("change") == ["cluster change cluster_network vm"]


def test_the_storage_network(playground: Any) -> None:
    wanted: dict[str, Any] = {"harvester_storage_network": {"state": "disabled"}}
    refused = run(playground, playbook="storage_network", **wanted)
    assert refused.status != 0
    assert "so nothing can be proved on the wire" in refused.text()
    assert refused.of("change") == []
    done = run(playground, playbook="storage_network", change_prove_paths=False, **wanted)
    assert done.status == 0, done.output
    assert done.of("change") == ["cluster change disabled {}"]


def test_preflight_warns(playground: Any) -> None:
    found = run(playground, playbook="preflight")
    assert found.status == 0, found.output
    assert "warning: n1: this node: harvester=1.6: the management network of Harvester 1.6" in found.text()


@pytest.mark.parametrize("playbook", ["mgmt_network", "mgmt_vlans", "reboot"])
def test_profiles_and_nodes_are_left_alone(playground: Any, playbook: str) -> None:
    wanted: dict[str, Any] = (
        {"harvester_mgmt": {"vlan_id": 0, "secondary_vlans": []}} if playbook == "mgmt_vlans" else {}
    )
    found = run(playground, playbook=playbook, change_without_cluster=True, **wanted)
    assert found.status != 0
    assert (
        "node 'n1': harvester=1.6: the management network of Harvester 1.6 and older belongs to wicked" in found.text()
    )
    assert found.log == []
