# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks that change hosts, with the cluster's API: identity, upgrade, roles of nodes, VMs. Each run proves much."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

API = {"harvester_api": {"kubeconfig": "/kube/config"}}
GO = {"change_without_cluster": True}
WAITS: dict[str, Any] = {"pending": [{"name": "mgmt-bo", "how": "reboot", "why": "MTU 1500 to 9000"}]}
DESIRED = {"vlan_id": 0, "secondary_vlans": [100]}
ASKED = "cluster info /kube/config"


def cluster(
    playground: Any,
    *,
    upgrade: str | None = None,
    vms: list[dict[str, Any]] | None = None,
    gates: str = "",
    mtu: int | None = None,
    **roles: str,
) -> None:
    """Nodes with one role each; ``unready`` marks one that is not Ready. mtu: of cluster network mgmt."""
    nodes = [
        {"name": name, "machine_id": name, "boot_id": "old", "ready": role != "unready", "roles": [role]}
        for name, role in roles.items()
    ]
    versions = {"harvester": None, "running_upgrade": upgrade}
    found: dict[str, Any] = {"nodes": nodes, "versions": versions, "vms": vms or [], "gates": gates}
    if mtu is not None:
        found["cluster_networks"] = [{"name": "mgmt", "mtu": mtu, "uplink_mtu": str(mtu)}]
    (playground.folder / "cluster.json").write_text(json.dumps(found))


def test_a_live_change_needs_no_word_where_the_cluster_bears_it(playground: Any) -> None:
    cluster(playground, n1="worker", n2="etcd")
    found = playground.run({"n1": {}, "n2": {"wanted": False}}, **API)
    assert found.status == 0, found.output
    assert found.of("info") == [ASKED, ASKED], "once for all nodes, and once since an MTU would change"
    assert [line for line in found.calls if line.endswith("live")] == ["n1 live"]


@pytest.mark.long
def test_another_mtu_than_the_clusters_is_the_matter_of_mgmt_mtu(playground: Any) -> None:
    cluster(playground, mtu=1500, n1="worker", n2="etcd")
    found = playground.run({"n1": {}, "n2": {"wanted": False}}, **API)
    assert found.status != 0
    assert (
        "n1: harvester_mgmt: mtu=9000: the management network of the cluster has 1500 (annotation uplink-mtu); nodes"
        " with another MTU lose large packets silently. Change all of them with playbook mgmt_mtu"
        " (change_mtu_from=1500, change_mtu_to=9000), or give 1500 here. Nothing was changed."
    ) in found.text()
    assert not [line for line in found.calls if line.endswith("live")]
    cluster(playground, mtu=9000, n1="worker", n2="etcd")
    joined = playground.run({"n1": {}, "n2": {"wanted": False}}, **API)
    assert joined.status == 0, joined.output
    assert [line for line in joined.calls if line.endswith("live")] == ["n1 live"]


def test_nothing_is_touched_while_the_cluster_speaks_against_it(playground: Any) -> None:
    cluster(playground, upgrade="hvst-upgrade-1", n1="worker", n2="unready", n3="etcd")
    nodes = {"n1": {}, "n2": {}, "n3": {"machine_id": "elsewhere"}}
    for playbook in ("mgmt_network", "mgmt_vlans", "reboot"):
        found = playground.run(nodes, playbook=playbook, harvester_mgmt=DESIRED, **API)
        assert found.status != 0
        text = found.text().replace("\\n", " ")
        assert (
            "The cluster speaks against a change of its nodes: node 'n2' of the cluster is not Ready; bring it back"
            " before a change upgrade 'hvst-upgrade-1' of Harvester is running; wait until it has completed, or has"
            " failed n3: the host's machine id is elsewhere, node 'n3' of the cluster reports n3;" in text
        ), playbook
        assert not [line for line in found.log if line.split()[1] in ("live", "reboot", "boot")]


def test_another_cluster_is_refused_whatever_was_said(playground: Any) -> None:
    cluster(playground, upgrade="hvst-upgrade-1", n1="worker")
    found = playground.run({"n1": {"machine_id": "elsewhere"}}, **API, **GO)
    assert found.status != 0
    assert "n1: the host's machine id is elsewhere" in found.text()
    assert "hvst-upgrade-1" not in found.text()


def test_the_gates_of_the_cluster_stand_before_between_and_after_reboots(playground: Any) -> None:
    cluster(playground, n1="worker", n2="worker")
    found = playground.run({"n1": WAITS, "n2": WAITS}, playbook="reboot", **API)
    assert found.status == 0, found.output
    assert found.of("boot", "gates", "cordoned", "drained", "uncordoned") == [
        "cluster gates n1|",
        "cluster cordoned n1",
        "cluster drained n1",
        "cluster gates n1| upgrade,nodes,etcd",
        "n1 boot",
        "cluster gates |n1=old nodes,etcd,networks",
        "cluster uncordoned n1",
        "cluster gates n2|n1=old",
        "cluster cordoned n2",
        "cluster drained n2",
        "cluster gates n2|n1=old upgrade,nodes,etcd",
        "n2 boot",
        "cluster gates |n1=old,n2=old nodes,etcd,networks",
        "cluster uncordoned n2",
        "cluster gates |n1=old,n2=old",
    ]


def test_nothing_is_drained_where_that_is_not_wanted(playground: Any) -> None:
    cluster(playground, n1="worker")
    found = playground.run({"n1": WAITS}, playbook="reboot", change_drain=False, **API)
    assert found.status == 0, found.output
    assert found.of("boot", "gates", "cordoned", "drained", "uncordoned") == [
        "cluster gates n1|",
        "n1 boot",
        "cluster gates |n1=old",
    ]


@pytest.mark.long
def test_a_gate_that_does_not_hold_stops_the_rest(playground: Any) -> None:
    cluster(playground, gates="node n2 is not rebooted; waited 1 s in vain for: volume pvc-1", n1="worker", n2="worker")
    found = playground.run({"n1": WAITS, "n2": WAITS}, playbook="reboot", **API)
    assert found.status != 0
    assert "node n2 is not rebooted; waited 1 s in vain for: volume pvc-1" in found.text()
    assert [line.split()[0] for line in found.of("boot")] == ["n1"]


def test_roles_of_nodes_come_from_the_api(playground: Any) -> None:
    cluster(playground, n1="etcd", n2="witness", n3="worker")
    nodes = {"n1": WAITS, "n2": WAITS, "n3": WAITS}
    groups = {"harvester_workers": ["n1"], "harvester_control_plane": ["n3"]}
    found = playground.run(nodes, "--check", playbook="reboot", groups=groups, **API)
    assert found.status == 0, found.output
    assert "Would be rebooted, in this order: n3, then n2, then n1" in found.output


def test_vms_that_the_api_knows_stop_a_reboot(playground: Any) -> None:
    vms = [
        {"reference": "default/web", "node": "n2", "phase": "Running"},
        {"reference": "default/old", "node": "n2", "phase": "Succeeded"},
        {"reference": "default/off", "node": None, "phase": None},
    ]
    cluster(playground, vms=vms, n1="worker", n2="worker")
    found = playground.run({"n1": WAITS, "n2": WAITS}, playbook="reboot", **API)
    assert found.status != 0
    assert "n2 has to be rebooted, and VMs run on it: default/web. Migrate or stop them" in found.text()
    assert [line.split()[0] for line in found.of("boot")] == ["n1"]


def test_vms_are_named_that_the_activation_of_a_bond_cuts_off(playground: Any) -> None:
    vms = [
        {"reference": "default/web", "node": "n1", "phase": "Running"},
        {"reference": "default/done", "node": "n1", "phase": "Succeeded"},
        {"reference": "default/db", "node": "n2", "phase": "Running"},
    ]
    cluster(playground, vms=vms, n1="worker", n2="worker")
    found = playground.run({"n1": {"how": "activate"}, "n2": {}}, "--check", **API)
    assert found.status == 0, found.output
    assert found.of("info") == [ASKED] * 3
    text = found.text()
    assert (
        'n1: its bond is activated, which cuts VMs on the management network off for some seconds: default/web"' in text
    )
    assert "n2: its bond is activated" not in text
    found = playground.run({"n1": {"how": "activate"}, "n2": {}}, **API)
    assert found.status != 0
    assert (
        "n1: its bond would be activated, which cuts VMs on the management network off for some seconds: default/web."
        " Migrate or stop them (playbook vm_power) and run again" in found.text()
    )
    assert not found.of("live")


def test_mgmt_vlans_goes_on_whatever_became_of_what_it_does_not_read(playground: Any) -> None:
    own = {"vlan_id": 2017, "secondary_vlans": [2018]}
    cluster(playground, n1="worker", n2="etcd")
    desired = {**own, "mtu": 9000, "ipv4": {"method": "auto"}}
    stopped = playground.run({"n1": {}, "n2": {"blind": True}}, playbook="mgmt_vlans", harvester_mgmt=desired, **API)
    assert "the stub cannot send" in stopped.text()
    record = json.loads((playground.folder / "record.json").read_text())
    assert record["inputs"]["harvester_mgmt"] == {"n1": own, "n2": own}
    desired = {**own, "mtu": 1500}
    found = playground.run({"n1": {}, "n2": {}}, playbook="mgmt_vlans", harvester_mgmt=desired, **API)
    assert (found.status, json.loads((playground.folder / "record.json").read_text())["state"]) == (0, "done"), (
        found.output
    )


@pytest.mark.parametrize(("playbook", "recorded"), [("mgmt_network", {"mtu": 9000}), ("mgmt_vlans", {})])
def test_variables_of_a_play_are_what_is_recorded(playground: Any, playbook: str, recorded: dict[str, Any]) -> None:
    """The inventory says something else."""
    cluster(playground, n1="worker", n2="etcd")
    wanted = {"vlan_id": 2017, "secondary_vlans": [100]}
    play = [{"import_playbook": f"harvester.network.{playbook}", "vars": {"harvester_mgmt": wanted | {"mtu": 9000}}}]
    (playground.folder / "play.yml").write_text(json.dumps(play))
    found = playground.run({"n1": {}, "n2": {}}, playbook=str(playground.folder / "play.yml"), **API)
    assert found.status == 0, found.output
    inputs = json.loads((playground.folder / "record.json").read_text())["inputs"]
    assert inputs["harvester_mgmt"] == dict.fromkeys(("n1", "n2"), wanted | recorded)
