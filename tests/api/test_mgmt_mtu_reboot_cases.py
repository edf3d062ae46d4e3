# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with change_apply=reboot in other cases: a witness, no management VLAN, a VM that cannot move.

Also the way back of the hosts alone, in the middle of the reboots.
"""

from __future__ import annotations

import pytest
from played_boots import BOOTS, FASTER, TURNS, Boots, booting, cordons, run, running
from played_nodes import DOWN, KUBEVIRT, NODES, UP, Nodes, everywhere
from reboot_stage import VMI
from stage import good, until
from test_mgmt_mtu_killed import leftovers
from test_mgmt_mtu_layouts import WITNESS

pytestmark = [pytest.mark.api, pytest.mark.long]
boots = pytest.fixture(booting)

EMPTY = "harvester.network.ordered_reboot : Empty the nodes"


def migratable(nodes: Nodes, name: str, can: bool) -> None:
    """Whether a VM of namespace default can move, as KubeVirt says it."""
    why = {} if can else {"reason": "HostDeviceNotLiveMigratable", "message": "a GPU"}
    conditions = nodes.client.get(*VMI, name, "default")["status"]["conditions"]
    others = [one for one in conditions if one["type"] != "LiveMigratable"]
    said = {"type": "LiveMigratable", "status": str(can), **why}
    nodes.client.patch(*VMI, name, {"status": {"conditions": [*others, said]}}, "default")


def test_a_witness_boots_first_and_is_neither_cordoned_nor_drained(nodes: Nodes, boots: Boots) -> None:
    """It carries no VM and has no VM networks, but etcd, and the MTU with all others."""
    nodes.client.patch(KUBEVIRT, "VirtualMachine", "db", {"spec": {"runStrategy": "Halted"}}, "production")
    until(lambda: "db" not in running(nodes), "db does not stop")
    nodes.client.patch("v1", "Node", "node3", WITNESS)
    up, vms = running(nodes), nodes.vms()
    good(run(nodes, **UP))
    assert boots.seen == [(name, []) for name in ("node3", "node2", "node1")]
    assert boots.uncordoned == ["node3"]
    paths = nodes.lines("paths")
    own = [line for line in paths if line[len("node1 ") :].startswith("management network|")]
    assert sorted(own[:2]) == ["node2 management network|node3 9000", "node3 management network|node2 9000"]
    assert "node3 management network|node1 9000" in paths and "node3 pod network|node1 8950" in paths
    assert "node1 VLAN 2019|node2 9000" in paths
    assert [line for line in paths if "VLAN 2019" in line and "node3" in line] == []
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (running(nodes), nodes.vms(), cordons(nodes)) == (up, vms, [])
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


def test_up_and_down_without_a_management_vlan(nodes: Nodes, boots: Boots) -> None:
    """The bridge has the nodes' addresses, and the pod network is on it."""
    for name in NODES:
        node = nodes.node(name)
        del node["links"]["mgmt-br.2017"], node["profiles"]["vlan-mgmt"]
        nodes.write(name, node)
    up, vms = running(nodes), nodes.vms()
    good(run(nodes, **UP))
    assert boots.seen == [(name, []) for name in TURNS]
    large = {"mgmt-bo": 9000, "mgmt-br": 9000, "mgmt-br.2030": 9000, "flannel.1": 8950}
    assert nodes.links() == dict.fromkeys(NODES, large)
    profiles = [line for line in nodes.lines("calls") if "bond-mgmt=" in line]
    assert sorted(profiles) == [f"{name} bond-mgmt=9000 bridge-mgmt=9000" for name in NODES]
    # The second node is proved at the new size before the third one goes, on the bridge itself.
    own = [line for line in nodes.lines("paths") if line[len("node1 ") :].startswith("management network|")]
    assert sorted(own[:2]) == ["node2 management network|node3 9000", "node3 management network|node2 9000"]
    assert not [line for line in nodes.lines("paths") if "VLAN 2017" in line]
    good(run(nodes, **DOWN))
    small = {"mgmt-bo": 1500, "mgmt-br": 1500, "mgmt-br.2030": 1500, "flannel.1": 1450}
    assert nodes.links() == dict.fromkeys(NODES, small)
    assert [name for name, _ in boots.seen] == [*TURNS, *TURNS]
    assert (nodes.annotation(), nodes.vms(), running(nodes)) == ("1500", vms, up)
    assert (nodes.states(), cordons(nodes), leftovers(nodes)) == (["done", "done"], [], [])


def test_a_vm_that_cannot_move_is_refused_or_stops_with_its_node(nodes: Nodes, boots: Boots) -> None:
    """web, on another cluster network than the one that changes: it would run on while the hosts change live."""
    migratable(nodes, "web", False)
    before, up = (nodes.profiles(), nodes.vms()), running(nodes)
    refused = run(nodes, **UP)
    assert refused.status != 0
    assert "VMs stand in the way of the reboots: VM 'default/web' on node 'node1': " in refused.text, refused.output
    assert "(change_non_migratable_vms) those that cannot move are stopped" in refused.text
    assert (boots.seen, nodes.links(), nodes.states()) == ([], everywhere(1500), [])
    assert (nodes.profiles(), nodes.vms(), running(nodes), cordons(nodes)) == (*before, up, [])

    good(run(nodes, non_migratable_vms="stop", **UP))
    assert boots.seen == [(name, []) for name in TURNS]
    assert (nodes.links(), nodes.annotation()) == (everywhere(9000), "9000")
    assert (nodes.vms(), running(nodes), cordons(nodes)) == (before[1], up, [])
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "a VM cannot move any more, by reboots", "stops, then goes on")
def test_a_vm_that_cannot_move_any_more_when_its_node_has_its_turn(nodes: Nodes, boots: Boots) -> None:
    """The node of the turn is not rebooted, and gets its pods back."""
    up, vms = running(nodes), nodes.vms()
    failed = nodes.disturbed(EMPTY + "#3", lambda: migratable(nodes, "web", False), *FASTER, apply="reboot", **UP)
    assert failed.status != 0
    assert "default/web" in failed.text and "go on: ansible-playbook harvester.network.mgmt_mtu" in failed.text
    assert ([name for name, _ in boots.seen], cordons(nodes)) == ([*TURNS[:2]], [])
    assert [name for name, links in nodes.links().items() if links["mgmt-bo"] == 9000] == sorted(TURNS[:2])
    assert ("web" in running(nodes), nodes.vms()["shell"], nodes.states()) == (True, "Halted", ["open"])
    migratable(nodes, "web", True)
    good(run(nodes, **UP))
    assert boots.seen[2:] == [(TURNS[2], [])]
    assert (nodes.links(), nodes.annotation()) == (everywhere(9000), "9000")
    assert (nodes.vms(), running(nodes), cordons(nodes)) == (vms, up, [])
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "runner killed after a boot, API server gone", "goes back on the hosts, then wholly")
def test_killed_after_a_boot_and_rolled_back_over_ssh_alone(nodes: Nodes, boots: Boots) -> None:
    """One node is confirmed, one waits for it, one has its profiles alone; cordon and VMs follow with the API."""
    before, up = (nodes.profiles(), nodes.vms()), running(nodes)
    killed = run(nodes, kill_at=f"{BOOTS}#2", **UP)
    assert (killed.status, nodes.states()) == (-9, ["open"]), killed.output
    until(lambda: len(boots.seen) == 2, "the API does not know of the second boot")
    nodes.cluster.stop()
    try:
        hosts = good(nodes.run(*FASTER, playbook="rollback", scope="hosts"))
    finally:
        nodes.cluster.ensure_forwarder()
    said = " ".join(hosts.text.split())
    assert "Of an open one harvester.network.rollback without change_scope undoes the rest" in said
    assert (nodes.links(), nodes.profiles()) == (everywhere(1500), before[0])
    assert not [name for name in NODES if (nodes.folder / name / "armed").exists()]
    assert (nodes.states(), cordons(nodes), nodes.vms()["shell"]) == (["open"], ["node3"], "Halted")

    good(nodes.run(*FASTER, playbook="rollback", takeover=True))
    assert nodes.changes() == [], "the hosts have it all back already"
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert ([name for name, _ in boots.seen], nodes.annotation()) == ([*TURNS[:2]], None)
    assert (running(nodes), cordons(nodes)) == (up, [])
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])
