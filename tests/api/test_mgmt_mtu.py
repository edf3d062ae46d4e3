# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook mgmt_mtu against a real API: its plan, its refusals, up and down again, killed, rolled back.

The nodes are folders here, with stand-ins for the modules that run on nodes; real nodes are in tests/nodes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from played_nodes import DOWN, HOSTS, KUBEVIRT, NETWORK, NODES, OWN, UP, Nodes, everywhere
from stage import Ran, good, until

from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

LIVE = "harvester.network.mgmt_network : Change the profiles and make them live"


def test_the_plan_of_the_seeded_cluster(cluster: Cluster, call: Any) -> None:
    """Its storage network is on cluster network storage, so that only shell, on the pod network, stops."""
    found = call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **UP)
    assert not found.get("failed"), found
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "hosts-lower",
        "hosts-upper",
        "overlay",
        "annotation",
        "vms-start",
    ]
    assert found["longhorn"] == "elsewhere"
    assert found["vms"] == [{"vm": "default/shell", "reasons": ["built-in pod network"]}]
    planned = call("change_plan", phases=found["phases"])
    assert not planned.get("failed"), planned
    assert "   stops VMs: default/shell" in planned["lines"]
    helm = {"metadata": {"annotations": {"meta.helm.sh/release-name": "offices"}}}
    cluster.client().patch("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "office", helm, "default")
    managed = "VM network 'default/office' (Helm release offices)"
    assert managed in call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **UP)["msg"]
    paused = call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, gitops_paused=True, **UP)
    assert f"managed by others: {managed}" in paused["lines"]


def test_the_plan_without_a_storage_network(installed: Client, call: Any) -> None:
    found = call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **UP)
    assert (found["longhorn"], found["vms"]) == ("pod_network", [])
    assert found["phases"][0]["input"]["all"] is True


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "switches": (
        {"switches_ready": False},
        (
            "management network: change_switches_ready=false: switches drop frames of more bytes than they are set to;"
            " let every switch port of mgmt pass frames of 9000 bytes first, then give true"
        ),
    ),
    "from": (
        {"mtu_from": 4000},
        (
            "management network: change_mtu_from=4000: it is not everywhere:\n"
            "  node1: mgmt-bo 1500, mgmt-br 1500, mgmt-br.2017 1500\n"
            "  node2: mgmt-bo 1500, mgmt-br 1500, mgmt-br.2017 1500\n"
            "  node3: mgmt-bo 1500, mgmt-br 1500, mgmt-br.2017 1500\n"
            "  cluster network mgmt: annotation uplink-mtu none, which means 1500\n"
            "  VM network default/office: mtu none, which means 1500; give the MTU that is there, change_mtu_from=1500"
        ),
    ),
    "pods": (
        {"mtu_to": 1400},
        (
            "management network: change_mtu_to=1400: pods have MTU 1450 and VXLAN takes 50 more, which does not fit,"
            " and nothing in Harvester says so; lower the pod network's MTU to 1350 first, then give"
            " change_pod_network_mtu_ready=true"
        ),
    ),
    "keep": (
        {"running_vms": "keep"},
        "management network: change_running_vms=keep: only VMs on mgmt stop here, and those have to; leave it out",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(cluster: Cluster, call: Any, name: str) -> None:
    options, message = REFUSED[name]
    assert call("mgmt_mtu_info", hosts=HOSTS, vms={"window": 0}, **{**UP, **options})["msg"] == message


def test_check_mode_shows_the_plan_and_changes_nothing(nodes: Nodes) -> None:
    before = (nodes.links(), nodes.profiles(), nodes.vms(), nodes.annotation())
    ran = good(nodes.run("--check", **UP))
    for line in (
        "The storage network is on cluster network 'storage': only VMs on mgmt stop.",
        "stops default/shell: built-in pod network",
        "2. hosts-lower: at most",
        "5. annotation: at most",
        "stops VMs: default/shell",
        "sets on Node node1: MTU of mgmt-bo from 1500 to 9000",
        "sets on Node node3: MTU of flannel.1 from 1450 to 8950",
        "changed cluster network 'mgmt'",
        "sets on ClusterNetwork mgmt: annotation network.harvesterhci.io/uplink-mtu",
    ):
        assert line in ran.text, ran.output
    assert (nodes.links(), nodes.profiles(), nodes.vms(), nodes.annotation()) == before
    assert nodes.states() == []


@pytest.mark.long
def test_up_and_down_again(nodes: Nodes) -> None:
    vms = nodes.vms()
    good(nodes.run(**UP))
    assert nodes.links() == everywhere(9000)
    assert (nodes.annotation(), nodes.office(), nodes.vms(), nodes.states()) == ("9000", 9000, vms, ["done"])
    # One node at a time, those that are members of etcd in their order, and the holder of the VIP last.
    assert nodes.changes()[:3] == [
        f"{name} bond-mgmt=9000 bridge-mgmt=9000 vlan-mgmt=1500" for name in ("node2", "node3", "node1")
    ]
    paths = nodes.lines("paths")
    assert sorted(paths[:2]) == ["node2 VLAN 2017|node3 9000", "node3 VLAN 2017|node2 9000"]
    assert {line.split(maxsplit=1)[1] for line in paths if line.startswith("node1 ")} >= {
        "management network|node2 9000",
        "VLAN 2019|node2 9000",
        "pod network|node2 8950",
    }
    good(nodes.run(**DOWN))
    assert nodes.links() == everywhere(1500)
    assert (nodes.annotation(), nodes.office(), nodes.vms()) == ("1500", 1500, vms)
    # Outward: what the nodes send shrinks everywhere before what they can receive does.
    calls = nodes.changes()
    assert [*sorted(calls[:3]), *calls[3:]] == [
        *(f"{name} flannel.1=1450" for name in NODES),
        *(f"{name} {what}" for name in ("node2", "node3", "node1") for what in ("mgmt-br.2030=1500", "vlan-mgmt=1500")),
        *(f"{name} bond-mgmt=1500 bridge-mgmt=1500" for name in ("node2", "node3", "node1")),
    ]


@pytest.mark.fault("mgmt_mtu", "a switch port left at 1500", "stops, then goes back")
@pytest.mark.long
def test_a_small_switch_port_puts_the_nodes_back_and_the_rollback_restores(nodes: Nodes) -> None:
    before = (nodes.profiles(), nodes.vms())
    nodes.write("node3", {**nodes.node("node3"), "port": 1500})
    failed = nodes.run(**UP)
    assert failed.status != 0
    for line in (
        "Not proved on the wire at 9000 bytes, so the nodes done so far have their MTU back:",
        "VLAN 2017: node3",
    ):
        assert line in failed.text, failed.output
    for line in ("done: vms-stop", "begun: hosts-lower", "not begun: hosts-upper, overlay, annotation, vms-start"):
        assert line in failed.text
    assert (nodes.links(), nodes.profiles()) == (everywhere(1500), before[0])
    assert nodes.vms()["shell"] == "Halted", "VMs are not started on a network that is not proved"
    good(nodes.run(playbook="rollback"))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.states()) == (None, ["rolled-back"])


@pytest.mark.fault("mgmt_mtu", "runner killed between two nodes", "goes on")
@pytest.mark.long
def test_killed_between_two_nodes_and_resumed(nodes: Nodes) -> None:
    vms = nodes.vms()
    killed = nodes.run(kill_at=LIVE + "#2", **UP)
    assert killed.status == -9, killed.output
    on = good(nodes.run(takeover=True, **UP))
    assert "goes on; phases that are done: vms-stop." in on.text
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]


def start(nodes: Nodes, strategy: str) -> None:
    """What somebody else does to a VM."""
    nodes.client.patch(KUBEVIRT, "VirtualMachine", "shell", {"spec": {"runStrategy": strategy}}, "default")


@pytest.mark.fault("mgmt_mtu", "a VM that somebody starts between two nodes", "stops, then goes on")
@pytest.mark.long
def test_a_vm_that_somebody_starts_between_two_nodes(nodes: Nodes) -> None:
    """The nodes after it are not changed while it runs."""
    vms = nodes.vms()
    ran = nodes.disturbed(LIVE + "#1", lambda: start(nodes, "Always"), **UP)
    assert ran.status != 0
    assert "VMs use the management network again, so no further node is changed: VM 'default/shell'" in ran.text
    assert [name for name, links in nodes.links().items() if links["mgmt-bo"] == 9000] == ["node2"]
    start(nodes, "Halted")
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)


@pytest.mark.long
def test_a_port_without_a_link_is_left_out_of_the_proof(nodes: Nodes) -> None:
    nodes.write("node2", {**nodes.node("node2"), "down": ["eno2"]})
    ran = good(nodes.run(**UP))
    assert "node2: eno2 of mgmt-bo carries no traffic, so its leg is not proved" in ran.text
    assert "node1: " not in [line[:7] for line in ran.text.splitlines() if "carries no traffic" in line]
    assert nodes.links() == everywhere(9000)


@pytest.mark.long
def test_the_vip_moves_between_two_nodes(nodes: Nodes) -> None:
    """The order stands: who is proved with whom must not depend on where the VIP is by then."""
    after = "harvester.network.mgmt_mtu : Put the nodes back whose paths are not proved#1"

    def move() -> None:
        lease = {"spec": {"holderIdentity": "node2"}}
        nodes.client.patch("coordination.k8s.io/v1", "Lease", "plndr-svcs-lock", lease, "harvester-system")

    ran = nodes.disturbed(LIVE + "#1", move, kill_at=after, **UP)
    assert ran.status == -9, ran.output
    assert sorted(nodes.lines("paths")) == ["node2 VLAN 2017|node3 9000", "node3 VLAN 2017|node2 9000"]


CONFIRM = "harvester.network.commit_confirm : Keep the change if the node reaches what it reached before#1"


@pytest.mark.fault("mgmt_mtu", "runner killed before the confirm", "goes on; goes back")
@pytest.mark.long
@pytest.mark.parametrize("back", [False, True])
def test_killed_while_a_node_waits_for_its_confirm(nodes: Nodes, back: bool) -> None:
    """Going on or back, that node is put back first: what it has now may go again at any moment."""
    before = (nodes.profiles(), nodes.vms())
    killed = nodes.run(kill_at=CONFIRM, **UP)
    assert killed.status == -9, killed.output
    assert nodes.links()["node2"]["mgmt-bo"] == 9000
    on = good(nodes.run(takeover=True, **({"playbook": "rollback"} if back else UP)))
    assert "node2: change 'c1' of this node's profiles" in on.text
    if back:
        assert nodes.changes() == []
        assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    else:
        assert nodes.changes()[0] == "node2 bond-mgmt=9000 bridge-mgmt=9000 vlan-mgmt=1500"
        assert (nodes.links(), nodes.states()) == (everywhere(9000), ["done"])


@pytest.mark.long
@pytest.mark.parametrize("owner", ["rancher from 192.0.2.9", "rancher (change other-1)"])
def test_a_node_that_waits_for_somebody_else_stops_the_run_before_a_vm_does(nodes: Nodes, owner: str) -> None:
    vms = nodes.vms()
    (nodes.folder / "node2/case.json").write_text(json.dumps({"pending_confirm": True, "owner": owner}))
    ran = nodes.run(**UP)
    assert ran.status != 0
    assert "node2: change 'c1' waits to be confirmed." in ran.text
    assert (nodes.links(), nodes.vms()) == (everywhere(1500), vms)


@pytest.mark.fault("mgmt_mtu", "runner killed after the annotation", "goes back")
@pytest.mark.long
def test_killed_after_the_annotation_and_rolled_back(nodes: Nodes) -> None:
    before = (nodes.profiles(), nodes.vms())
    killed = nodes.run(kill_at="harvester.network.mgmt_annotation : See that the VM networks follow#1", **UP)
    assert killed.status == -9, killed.output
    assert nodes.annotation() == "9000"
    start(nodes, "Always")
    back = good(nodes.run(playbook="rollback", takeover=True))
    # Its disk is elsewhere.
    assert (
        "somebody has started VMs that lose the network for moments while it goes back: VM 'default/shell'" in back.text
    )
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.office(), nodes.states()) == ("1500", 1500, ["rolled-back"])


@pytest.mark.long
def test_canal_is_restarted_where_its_device_is_not_on_the_addressed_one(nodes: Nodes) -> None:
    """Missing on node2, on the bridge below on node3."""
    nodes.without_overlay("node2")
    nodes.without_overlay("node3", on="mgmt-br")
    pods = {name: nodes.canal(name) for name in NODES}
    planned = good(nodes.run("--check", **UP))
    for name in ("node2", "node3"):
        assert f"pods of {name}: canal's is restarted, unless flannel.1 is on the device" in planned.text, (
            planned.output
        )
    assert "pods of node1: canal's" not in planned.text
    assert {name: nodes.canal(name) for name in NODES} == pods
    ran = good(nodes.run(**UP))
    assert "Waiting at most 180 s beside the looks themselves for canal to make flannel.1 on mgmt-br.2017" in ran.text
    assert [name for name in NODES if nodes.canal(name) != pods[name]] == ["node2", "node3"]
    assert (nodes.links(), nodes.states()) == (everywhere(9000), ["done"])


@pytest.mark.long
def test_a_host_network_configuration_that_is_not_ready_any_more(nodes: Nodes) -> None:
    """It is recorded whole, its device follows, and its nodes are seen to be ready before anything else goes on."""
    kind = (NETWORK, "HostNetworkConfig", "backup")
    spec = {"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "dhcp"}
    nodes.client.create({"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": kind[2]}, "spec": spec})

    def ready() -> dict[str, str]:
        found = (nodes.client.get(*kind).get("status") or {}).get("nodeStatus") or {}
        return {node: one["conditions"][0]["status"] for node, one in found.items()}

    until(lambda: ready() == dict.fromkeys(NODES, "True"), "the agents have not set it up")
    before = nodes.client.get(*kind)
    control = nodes.cluster.harvester.control

    def fail() -> None:
        control.stop_agent("node2")
        condition = {"type": "ready", "status": "False", "message": "no lease"}
        status = {"nodeStatus": {"node2": {**before["status"]["nodeStatus"]["node2"], "conditions": [condition]}}}
        nodes.client.patch(*kind, {"status": status}, status=True)

    ran = nodes.disturbed("harvester.network.mgmt_mtu : Prove host network configurations#1", fail, **UP)
    assert ran.status != 0
    assert "host network configuration 'backup': it was ready on node2, and is not: no lease" in ran.text, ran.output
    assert "begun: hosts-upper" in ran.text
    control.start_agent("node2")
    until(lambda: ready() == dict.fromkeys(NODES, "True"), "the agent has not come back")
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.states()) == (everywhere(9000), ["done"])
    after = nodes.client.get(*kind)
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], spec)


@pytest.mark.long
def test_an_installation_at_another_mtu_is_annotated(nodes: Nodes, call: Any) -> None:
    """As a fresh 1.9.0 is (#11661)."""
    nodes.prepare(9000)
    vms = nodes.vms()
    networks = nodes.networks()
    assert call("new_vm_network_info", cluster_network="mgmt")["mtu"] == 1500
    good(nodes.run(playbook="mgmt_mtu_annotate"))
    assert call("new_vm_network_info", cluster_network="mgmt")["mtu"] == 9000
    refused = call("new_vm_network_info", cluster_network="mgmt", mtu=1500)
    assert (
        "a new one on cluster network mgmt, tried as a dry run: it would get MTU 9000, and not 1500" in refused["msg"]
    )
    assert nodes.networks() == networks, "the dry run creates nothing"
    assert (nodes.annotation(), nodes.office(), nodes.vms(), nodes.states()) == ("9000", 9000, vms, ["done"])
    again = good(nodes.run(playbook="mgmt_mtu_annotate"))
    assert "All nodes have MTU 9000, and so has Harvester; nothing is to be done." in again.text
    node = nodes.node("node2")
    nodes.write("node2", {**node, "links": {**node["links"], "mgmt-bo": 1500}})
    differing = nodes.run(playbook="mgmt_mtu_annotate")
    assert differing.status != 0
    assert "The management network has no single MTU, so Harvester cannot be told one:" in differing.text


@pytest.mark.long
def test_an_installation_at_another_mtu_of_which_a_node_differs(nodes: Nodes) -> None:
    """Nothing but the other nodes says what the cluster's MTU is; that node is named, and can be brought to it."""
    nodes.prepare(9000)
    node = nodes.node("node3")
    links = {**node["links"], **dict.fromkeys(OWN, 1500)}
    nodes.write("node3", {**node, "links": links, "profiles": dict.fromkeys(node["profiles"], 1500)})
    differing = nodes.run(playbook="mgmt_mtu_annotate")
    assert differing.status != 0
    command = "harvester.network.mgmt_network --limit node3, with harvester_mgmt.mtu=9000"
    assert f"Bring devices and profiles of node3 to 9000 with ansible-playbook {command}" in differing.text

    def bring(mtu: int, *options: str) -> Ran:
        desired = json.dumps({"harvester_mgmt": {"vlan_id": 2017, "mtu": mtu}})
        return nodes.run("-e", desired, *options, playbook="mgmt_network")

    away = bring(4000, "--limit", "node3")
    assert away.status != 0
    assert "the management network of the cluster has 9000 (all other nodes; Harvester has not noted it" in away.text
    assert nodes.changes() == []
    good(bring(9000, "--limit", "node3"))
    assert nodes.changes() == ["node3 bond-mgmt=9000 bridge-mgmt=9000 vlan-mgmt=9000"]
    good(nodes.run(playbook="mgmt_mtu_annotate"))
    assert (nodes.annotation(), nodes.office()) == ("9000", 9000)
