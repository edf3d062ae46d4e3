# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbook verify finds in a real API, with the account of examples/rbac/viewer.yml where it only reads.

Hosts are made up to agree with the API: nodes without a VM have no kernel to look at. The playbook itself runs on nodes
that are folders, each kind of check failing there for real; tests/nodes has it on real ones.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from typing import Any

import pytest
from played_nodes import NODES, OWN, Nodes
from stage import SYSTEM, Ran

from ansible_collections.harvester.network.plugins.module_utils.change import _lease
from ansible_collections.harvester.network.plugins.plugin_utils.audit._checks import GATHER, checks
from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Check, Host
from lab.apiserver import Client, Cluster
from lab.apiserver import objects as make
from lab.apiserver.objects import PREFIX

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
LEASES = "coordination.k8s.io/v1"
Result = dict[str, Any]


def failed(call: Callable[..., Result], hosts: bool = True) -> list[Check]:
    """The checks that do not hold, with a host for each node that has no links to compare."""
    cluster = call("network_info", gather=list(GATHER))
    assert "msg" not in cluster, cluster["msg"]
    names = [node["name"] for node in cluster["nodes"]] if hosts else []
    return [check for check in checks(Audit(tuple(Host(name, name) for name in names), cluster)) if not check.passed]


def shown(found: list[Check]) -> set[tuple[str, str, str]]:
    """Without what needs a host's kernel."""
    return {(check.id, check.where, check.seen) for check in found if check.id != "links"}


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come to this in time"
        time.sleep(0.5)


def test_the_seeded_cluster_holds(cluster: Cluster, call: Callable[..., Result]) -> None:
    assert shown(failed(call)) == set()


def test_a_deletion_that_an_agent_has_lost_is_found(
    running: Cluster, installed: Client, call: Callable[..., Result]
) -> None:
    config = {"clusterNetwork": "cn1", "uplink": {"nics": ["eno3"], "linkAttributes": {"mtu": 9000}}}
    config["nodeSelector"] = {"kubernetes.io/hostname": "node1"}
    metadata = {"metadata": {"name": "x"}}
    installed.create({"apiVersion": V1BETA1, "kind": "ClusterNetwork", "metadata": {"name": "cn1"}})
    installed.create({"apiVersion": V1BETA1, "kind": "VlanConfig", **metadata, "spec": config})
    until(lambda: shown(failed(call)) == set())
    running.harvester.control.stop_agent("node1")
    until(lambda: running.harvester.control.agent_rests("node1"))
    try:
        installed.delete(V1BETA1, "VlanConfig", "x")
        until(lambda: not installed.find(V1BETA1, "VlanConfig", "x"))
        until(lambda: ("configured", "cluster network cn1", "none") in shown(failed(call)))
        assert ("leftover_label", "node node1 network.harvesterhci.io/cn1", "none") in shown(failed(call))
    finally:
        running.harvester.control.start_agent("node1")


def test_nodes_without_a_host_are_told(cluster: Cluster, client: Client, call: Callable[..., Result]) -> None:
    names = {item["metadata"]["name"] for item in client.list("v1", "Node")}
    assert shown(failed(call, hosts=False)) == {("covered", f"node {name}", "no host") for name in names}


# --- the playbook, with nodes that are folders


PLAYED = ("mgmt-bo", "eno1", "eno2")
"""The bond of mgmt on every node that is a folder, and its ports."""
VLANS = {"mgmt-bo": ["2019"], "vmnet-bo": ["100", "200", "300-310", "400"], "storage-bo": ["50"]}
SECTIONS = {"bond-mgmt": {"bridge_port": {"vlans": ["2019"]}}, "bridge-mgmt": {"bridge": {"vlans": ["2019"]}}}
KINDS = (
    (V1BETA1, "ClusterNetwork"),
    (V1BETA1, "VlanConfig"),
    (V1BETA1, "VlanStatus"),
    ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"),
    ("harvesterhci.io/v1beta1", "Setting"),
    ("kubevirt.io/v1", "VirtualMachine"),
    ("kubevirt.io/v1", "VirtualMachineInstance"),
    ("v1", "ConfigMap"),
)
STANDBY = "no packet goes by the standby port eno2 on node1, eno2 on node2, eno2 on node3"
COMMAND = "ansible-playbook harvester.network.%s -i inventory"


def link(name: str, kind: str, mtu: int, **fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "controller": None,
        "parent": None,
        "vlan_id": None,
        "addresses": [],
        "ports": [],
        "bond": None,
    }
    return {"name": name, "kind": kind, "mtu": mtu, "operstate": "up", **empty, **fields}


def made(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The links that an agent makes of a configuration."""
    network, nics, mtu = spec["clusterNetwork"], spec["uplink"]["nics"], spec["uplink"]["linkAttributes"]["mtu"]
    ports = [{"name": nic, "mii_status": "up"} for nic in nics]
    state = {"mode": spec["uplink"]["bondOptions"]["mode"], "aggregator": None, "active_port": nics[0], "ports": ports}
    return [
        *(link(nic, "", mtu, controller=f"{network}-bo") for nic in nics),
        link(f"{network}-bo", "bond", mtu, controller=f"{network}-br", ports=nics, bond=state),
        link(f"{network}-br", "bridge", mtu, ports=[f"{network}-bo"]),
    ]


@pytest.fixture
def healthy(nodes: Nodes) -> Nodes:
    """Nodes that have what the cluster's configurations ask for."""
    equip(nodes)
    return nodes


def equip(nodes: Nodes) -> None:
    configs = nodes.client.list(V1BETA1, "VlanConfig")
    for name in NODES:
        node = nodes.node(name)
        devices = [link(port, "", node["links"]["mgmt-bo"], controller="mgmt-bo") for port in PLAYED[1:]]
        for config in configs:
            if name in json.loads(config["metadata"]["annotations"][f"{PREFIX}/matched-nodes"]):
                devices += made(config["spec"])
        nodes.write(name, {**node, "devices": devices, "vlans": VLANS, "sections": SECTIONS})
    path = nodes.folder / "hosts.json"
    inventory = json.loads(path.read_text())
    inventory["harvester_nodes"]["vars"]["verify_installed_path"] = "{{ stub_folder }}/harvester.config"
    path.write_text(json.dumps(inventory))
    edit(nodes, nodes.node("node1")["links"]["mgmt-bo"])


def edit(nodes: Nodes, mtu: int) -> None:
    """The MTU in what node1 was installed with."""
    text = f"token: s3cret\ninstall:\n  management_interface:\n    mtu: {mtu}\n"
    (nodes.folder / "node1/harvester.config").write_text(text)


def change(nodes: Nodes, name: str, **fields: Any) -> None:
    nodes.write(name, {**nodes.node(name), **fields})


def state(nodes: Nodes) -> dict[str, Any]:
    """The cluster's objects and the nodes' files."""
    found: dict[str, Any] = {}
    for version, kind in KINDS:
        for item in nodes.client.list(version, kind):
            metadata = item["metadata"]
            kept = {key: metadata.get(key) for key in ("labels", "annotations")}
            found[f"{kind} {metadata.get('namespace')}/{metadata['name']}"] = {**item, "metadata": kept}
    for node in nodes.client.list("v1", "Node"):
        found[f"Node {node['metadata']['name']}"] = (node["metadata"]["labels"], node["spec"])
    for path in sorted(nodes.folder.glob("node*/**/*")):
        if path.is_file():
            found[str(path)] = path.read_bytes()
    return found


def verify(nodes: Nodes, run: Callable[..., Ran] | None = None, **wish: Any) -> tuple[Ran, dict[str, Any]]:
    """A run, and the JSON of its evidence. It has changed nothing, and left no Lease of its own."""
    folder = nodes.folder / "evidence"
    nodes.cluster.settle()
    before = state(nodes)
    ran = (run or nodes.run)(playbook="verify", evidence_dir=str(folder), **wish)
    assert (folder / "verify.json").exists(), ran.output
    assert state(nodes) == before
    assert nodes.changes() == []
    report: dict[str, Any] = json.loads((folder / "verify.json").read_text())
    return ran, report


def unmet(report: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Id and place of each check that does not hold -> what was expected, what was seen, what repairs it."""
    return {
        (check["id"], check["where"]): (check["expected"], check["seen"], check["remedy"])
        for check in report["checks"]
        if not check["passed"]
    }


def test_a_healthy_cluster_with_annotation_0_holds(healthy: Nodes) -> None:
    """Harvester takes "0" for mgmt, and means 1500."""
    value = {"metadata": {"annotations": {f"{PREFIX}/uplink-mtu": "0"}}}
    healthy.client.patch(V1BETA1, "ClusterNetwork", "mgmt", value)
    ran, report = verify(healthy)
    assert unmet(report) == {}, ran.output
    assert ran.status == 0, ran.output
    (check,) = [check for check in report["checks"] if check["id"] == "mgmt_annotation"]
    assert (check["expected"], check["seen"]) == ("1500", "0, which means 1500")
    assert {path["network"] for path in report["paths"]} == {"mgmt-br.2017"}
    assert f"legs of mgmt-bo: {STANDBY}; change_verify_legs=true proves each" in report["not_measured"]
    assert healthy.leases() == []


@pytest.mark.long
def test_what_is_broken_is_found_each_with_what_repairs_it(nodes: Nodes) -> None:
    """Nodes but node3 have 9000 and the cluster says 1500, as Harvester leaves it (#11661), and more of the kind."""
    nodes.prepare(9000)
    equip(nodes)
    control = nodes.cluster.harvester.control
    small = dict.fromkeys(PLAYED[1:], 1500)
    links = {**nodes.node("node3")["links"], **dict.fromkeys(OWN, 1500), "flannel.1": 1450}
    devices = [{**item, "mtu": small.get(item["name"], item["mtu"])} for item in nodes.node("node3")["devices"]]
    change(nodes, "node3", links=links, devices=devices)
    devices = [{**item, "mtu": 1500} if item["name"] == "eno2" else item for item in nodes.node("node2")["devices"]]
    change(nodes, "node2", devices=devices, sections={})
    edit(nodes, 8000)
    # A host too many.
    shutil.copytree(nodes.folder / "node1", nodes.folder / "node9")
    (nodes.folder / "node9/harvester.config").unlink()
    change(nodes, "node9", address="192.0.2.19")
    path = nodes.folder / "hosts.json"
    inventory = json.loads(path.read_text())
    inventory["harvester_nodes"]["hosts"]["node9"] = {"stub_folder": str(nodes.folder / "node9")}
    path.write_text(json.dumps(inventory))
    # VM networks keep what an annotation gave them when it is taken away.
    for value in ("9000", None):
        annotation = {"metadata": {"annotations": {f"{PREFIX}/uplink-mtu": value}}}
        nodes.client.patch(V1BETA1, "ClusterNetwork", "mgmt", annotation)
        until(lambda: nodes.office() == 9000)
    # Harvester takes NICs that are not there, and another bond mode than the sibling's.
    nodes.client.create({"apiVersion": V1BETA1, "kind": "ClusterNetwork", "metadata": {"name": "extra"}})
    for name, node, mode in (("extra-a", "node1", "active-backup"), ("extra-b", "node2", "balance-alb")):
        uplink = {"nics": [f"no-{node}"], "linkAttributes": {"mtu": 1500}, "bondOptions": {"mode": mode, "miimon": -1}}
        spec = {"clusterNetwork": "extra", "nodeSelector": {"kubernetes.io/hostname": node}, "uplink": uplink}
        nodes.client.create({"apiVersion": V1BETA1, "kind": "VlanConfig", "metadata": {"name": name}, "spec": spec})
    # What an agent that is down leaves behind.
    control.stop_agent("node3")
    until(lambda: control.agent_rests("node3"))
    left = make.vlan_status("old", "gone", "node3")
    del left["metadata"]["ownerReferences"]
    nodes.client.create(left)
    # A storage network that Harvester does not get done with.
    control.fault(storage_network_stops="addresses")
    condition = {"status": {"conditions": [make.condition("configured", False, "In Progress", "Stopping Pods")]}}
    nodes.client.patch("harvesterhci.io/v1beta1", "Setting", "storage-network", condition)

    def waits() -> bool:
        setting = nodes.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")
        messages = [item.get("message") for item in setting["status"]["conditions"]]
        statuses = [
            item["status"]["conditions"][0].get("message") or ""
            for item in nodes.client.list(V1BETA1, "VlanStatus")
            if item["status"]["clusterNetwork"] == "extra"
        ]
        return messages == ["Restarting Pods"] and [text[:8] for text in statuses] == ["get link"] * 2

    until(waits)
    try:
        ran, report = verify(nodes)
    finally:
        control.start_agent("node3")
    assert ran.status == 2
    assert "s3cret" not in ran.output + json.dumps(report)
    agent = "see NICs and switch of %s; pod harvester-network-controller of the node logs more"
    links_of_extra = f"kubectl get vlanstatus, then {COMMAND % 'cluster_network'}"
    expected = {
        ("mgmt_mtu", "node3"): (
            "9000",
            "mgmt-bo 1500, mgmt-br 1500, mgmt-br.2017 1500",
            f"{COMMAND % 'mgmt_network'} --limit node3, with harvester_mgmt.mtu=9000",
        ),
        ("mgmt_bond_vlans", "node2"): ("2019", "none", f"{COMMAND % 'mgmt_vlans'} --limit node2"),
        ("mgmt_bridge_vlans", "node2"): ("2019", "none", f"{COMMAND % 'mgmt_vlans'} --limit node2"),
        ("installed", "node1"): (
            "9000",
            "8000",
            ("on node1: back /oem/harvester.config up and write 9000 there, or expect 8000 after a regeneration"),
        ),
        ("port_mtu", "node2 mgmt-bo"): ("9000", "eno2 1500", "on node2: ip link set eno2 mtu 9000"),
        ("member", "node9"): (
            "yes",
            "the cluster has no node node9",
            "take node9 out of harvester_nodes, or set harvester_node_name to the node's name",
        ),
        ("mgmt_annotation", "cluster network mgmt"): (
            "9000",
            "no annotation, which means 1500",
            COMMAND % "mgmt_mtu_annotate",
        ),
        **{
            ("links", f"{node} extra"): (
                f"extra-bo of no-{node}, {mode}, up",
                "no extra-bo; no extra-br",
                links_of_extra,
            )
            for node, mode in (("node1", "active-backup"), ("node2", "balance-alb"))
        },
        ("leftover_status", f"VlanStatus {left['metadata']['name']}"): (
            "a configuration",
            "gone, which is gone",
            f"kubectl delete vlanstatus {left['metadata']['name']}",
        ),
        ("configs_equal", "cluster network extra"): (
            "the same",
            ("extra-a: MTU 1500, active-backup, miimon 100; extra-b: MTU 1500, balance-alb, miimon 100"),
            f"{COMMAND % 'cluster_network'}, with one uplink for all configurations of extra",
        ),
        **{
            ("vlan_status", f"node {node} extra"): (
                "ready",
                f"get link no-{node} failed, error: Link not found",
                agent % node,
            )
            for node in ("node1", "node2")
        },
        ("vm_network_mtu", "VM network default/office"): (
            "1500",
            "9000",
            "stop its VMs and write mtu 1500 into its configuration",
        ),
        ("storage_settled", "setting storage-network"): (
            "taken up",
            "setting 'storage-network': condition configured is not True: Restarting Pods",
            f"{COMMAND % 'storage_network'} --check says what it waits for",
        ),
    }
    assert unmet(report) == expected, ran.output
    for _expected, seen, remedy in expected.values():
        assert seen in ran.text
        assert remedy in ran.text


@pytest.mark.long
def test_a_switch_port_that_is_left_small_is_found_and_so_is_a_standby_port(healthy: Nodes) -> None:
    small = "1500 bytes do not pass, at most 1400 do"
    change(healthy, "node2", legs={"eno2": 1400})
    ran, report = verify(healthy, verify_legs=True, verify_probe=True)
    assert ran.status == 2
    assert unmet(report) == {
        ("leg", "node2 mgmt-bo eno2"): (
            "yes",
            f"mgmt-br.2017: {small}; VLAN 2019: {small}",
            "see cable and switch port of eno2 on node2",
        )
    }
    assert {path["status"] for path in report["paths"]} == {"proved"}
    assert {path["network"] for path in report["paths"]} == {
        "mgmt-br.2017",
        "VLAN 2019",
        "VLAN 50 of storage",
        "VLAN 100 of vmnet",
        "VLAN 200 of vmnet",
    }
    assert not [line for line in report["not_measured"] if "leg" in line]
    assert healthy.leases() == []

    change(healthy, "node2", legs={}, port=1400)
    ran, report = verify(healthy)
    assert (ran.status, unmet(report)) == (2, {})
    cut = {(path["source"], path["target"]) for path in report["paths"] if path["status"] == "mtu_too_small"}
    assert cut == {("node1", "node2"), ("node2", "node1"), ("node2", "node3"), ("node3", "node2")}
    assert "node1 to node2: 1500 bytes expected, at most 1400 passed (mtu_too_small)" in ran.text


@pytest.mark.long
def test_a_verify_that_has_lost_the_lease_stops_probing(healthy: Nodes) -> None:
    """Somebody takes it over while the first bond is proved; his Lease stays his."""
    other = {"holderIdentity": "20261128t010203z-mgmt-mtu/r9"}

    def overtake() -> None:
        healthy.client.patch(LEASES, "Lease", _lease.NAME, {"spec": other}, SYSTEM)

    def run(**wish: Any) -> Ran:
        return healthy.disturbed("harvester.network.verify : Ask whether the Lease is still ours#2", overtake, **wish)

    ran, report = verify(healthy, run, verify_probe=True)
    assert ran.status == 2
    ((rule, place),) = unmet(report)
    _expected, seen, remedy = unmet(report)[rule, place]
    assert (rule, remedy) == ("lease", "run again when nobody changes the network")
    assert f"was overtaken by '{other['holderIdentity']}'" in seen
    assert {path["network"] for path in report["paths"]} == {"mgmt-br.2017", "VLAN 2019"}
    for line in ("VLAN 50 of storage", "VLAN 100 of vmnet, VLAN 200 of vmnet"):
        assert f"{line}: not proved to its end" in report["not_measured"]
    probes = [line.split()[1] for line in healthy.lines("calls") if "probe" in line]
    assert (probes.count("probe"), probes.count("unprobe")) == (3, 3)
    assert healthy.client.get(LEASES, "Lease", _lease.NAME, SYSTEM)["spec"]["holderIdentity"] == other["holderIdentity"]
