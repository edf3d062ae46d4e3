# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: phases applied in memory, each judged in the state that the ones before it leave."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster_objects import (
    WORKERS,
    config,
    having,
    instance_manager,
    nad,
    network,
    node,
    setting,
    status,
    vm,
    vmi,
    volume,
)

from ansible_collections.harvester.network.plugins.module_utils.change._plan import gitops, kinds, plan, shown
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

# All workers have the configuration of cn1, and the storage network is there.
VALUE = json.dumps({"vlan": 50, "clusterNetwork": "cn1", "range": "10.60.0.0/24"})
DISK = [{"name": "disk", "persistentVolumeClaim": {"claimName": "disk-1"}}]


def with_disk(name: str, *networks: str, **fields: Any) -> dict[str, Any]:
    """A VM with a disk."""
    item: dict[str, Any] = vm(name, *networks, **fields)
    spec = item["spec"]["template"]["spec"]
    return {**item, "spec": {**item["spec"], "template": {"spec": {**spec, "volumes": DISK}}}}


CLUSTER = having(
    node("n3", "cn1", rack="a"),
    node("w1", witness="true"),
    config("rack-a", selector={"rack": "a"}, matched=["n1", "n2", "n3"]),
    status("cn1", "rack-a", "n3"),
    with_disk("vm1", "vlan100", strategy="Always"),
    vm("pod1", "pod", strategy="RerunOnFailure"),
    volume("pvc-1", claim="disk-1"),
    setting("storage-network", VALUE),
    *(instance_manager(name, "10.60.0.%d" % number) for number, name in enumerate(WORKERS, 10)),
)
RUNNING = ["default/vm1", "default/pod1"]


def phase(name: str, *steps: dict[str, Any], bound: int = 60) -> dict[str, Any]:
    return {"id": name, "role": "harvester.network." + name.replace("-", "_"), "bound": bound, "steps": list(steps)}


STOP = phase("vms-stop", {"kind": "vm_power", "vms": RUNNING, "state": "stopped"}, bound=600)
OFF = phase("storage-off", {"kind": "storage_network", "value": ""}, bound=300)
REMOVE = phase("config-off", {"kind": "network_config", "name": "rack-a"})
ADD = phase(
    "config-on",
    {
        "kind": "network_config",
        "name": "rack-a",
        "object": {k: v for k, v in config("rack-a", selector={"rack": "a"}, mtu=1500).items() if k == "spec"},
    },
)
ON = phase("storage-on", {"kind": "storage_network", "value": VALUE}, bound=300)
START = phase("vms-start", {"kind": "vm_power", "vms": RUNNING, "state": "started"}, bound=600)


def messages(*phases: dict[str, Any], on: Any = CLUSTER) -> list[str]:
    return [f"{objection.rule} {objection.object}" for objection in plan(on, phases).all_objections]


def test_the_storage_network_can_be_switched_off_once_the_vms_are_stopped() -> None:
    assert messages(OFF) == [
        "setting-vms setting 'storage-network'",
        "setting-volumes setting 'storage-network'",
    ]
    assert messages(STOP, OFF) == []


def test_a_whole_change_of_the_mtu() -> None:
    found = plan(CLUSTER, [STOP, OFF, REMOVE, ADD, ON, START])
    assert found.all_objections == []
    told = shown(found)
    assert told["seconds"] == 1920
    assert [(one["begins"], one["ends"]) for one in told["phases"]][:3] == [(0, 600), (600, 900), (900, 960)]
    assert told["lines"] == [
        "1. vms-stop: at most 600 s",
        "   stops VMs: default/vm1, default/pod1",
        "2. storage-off: at most 300 s",
        "   changed setting 'storage-network'",
        "   interrupts: Longhorn restarts its instance managers",
        "3. config-off: at most 60 s",
        "   removed network configuration 'rack-a'",
        "4. config-on: at most 60 s",
        "   created network configuration 'rack-a'",
        "5. storage-on: at most 300 s",
        "   changed setting 'storage-network'",
        "   interrupts: Longhorn restarts its instance managers",
        "6. vms-start: at most 600 s",
        "   starts VMs: default/vm1, default/pod1",
    ]
    assert found.end.configs["rack-a"].mtu == 1500
    assert [found.end.vms[name].halted for name in RUNNING] == [False, False]
    assert set(found.end.vmis) == set(RUNNING)
    # The cluster that the plan was made of is as it was.
    assert CLUSTER.configs["rack-a"].mtu == 9000


def test_what_is_removed_and_does_not_come_back_leaves_a_vm_without_a_node() -> None:
    assert messages(STOP, OFF, REMOVE)[-1].startswith("vm-left-without-node")


def test_a_vm_that_waits_for_a_node_goes_back_to_waiting() -> None:
    """That no node can run it was so before, and keeps the change from nobody. A node that the change takes does."""
    waiting = having(vm("lost", "vlan900", strategy="Always"), on=CLUSTER)
    there_and_back = [
        phase("vms-" + state, {"kind": "vm_power", "vms": ["default/lost"], "state": state})
        for state in ("stopped", "started")
    ]
    found = plan(waiting, there_and_back)
    assert (found.all_objections, found.phases[1].starts) == ([], ("default/lost",))
    assert messages(STOP, OFF, REMOVE, START)[-2:] == [
        "vm-no-node VM 'default/vm1'",
        "vm-left-without-node network configuration 'rack-a'",
    ]


def test_a_plan_says_nothing_of_whole_objects() -> None:
    text = json.dumps(shown(plan(CLUSTER, [STOP, OFF])))
    assert "spec" not in text and "10.60" not in text


def test_what_is_so_already_is_left_out() -> None:
    halted = phase("again", {"kind": "vm_power", "vms": ["default/idle"], "state": "stopped"})
    same = phase("same", {"kind": "storage_network", "value": VALUE})
    found = shown(plan(CLUSTER, [halted, same]))
    assert [(one["objects"], one["stops"], one["interrupts"]) for one in found["phases"]] == [([], [], [])] * 2


def test_a_phase_that_is_repeated_after_an_interruption_changes_the_rest_only() -> None:
    stopped = having(
        vm("pod1", "pod", strategy="Halted", shown="Stopped"), on=CLUSTER.without("vmis", "pod1", "default")
    )
    assert plan(stopped, [STOP]).phases[0].stops == ("default/vm1",)


def test_run_strategies_that_are_recorded_win() -> None:
    start = phase(
        "vms-start",
        {"kind": "vm_power", "vms": ["default/idle"], "state": "started", "run_strategies": {"default/idle": "Always"}},
    )
    found = plan(CLUSTER, [start])
    assert found.phases[0].starts == ("default/idle",)


def test_reboots_and_interruptions() -> None:
    both = phase("hosts", {"kind": "reboot", "nodes": ["n1", "n2"]}, {"kind": "interruption", "text": "mgmt, 2 s"})
    assert shown(plan(CLUSTER, [both]))["lines"] == [
        "1. hosts: at most 60 s",
        "   reboots nodes: n1, n2",
        "   interrupts: mgmt, 2 s",
    ]


def test_a_cluster_network_that_has_the_mtu_already_is_left_alone() -> None:
    cluster = having(network("mgmt", 9000), nad("office", "mgmt", 200), on=CLUSTER)
    found = shown(plan(cluster, [phase("annotation", {"kind": "uplink_mtu", "name": "mgmt", "mtu": 9000})]))
    assert [(one["objects"], one["sets"]) for one in found["phases"]] == [([], [])]


def test_an_mtu_that_harvester_would_not_take_speaks_against_it() -> None:
    """The VM on the VM network runs, as the webhook counts it."""
    cluster = having(network("mgmt"), nad("office", "mgmt", 200), vm("m1", "office"), vmi("m1", "office"), on=CLUSTER)
    step = phase("annotation", {"kind": "uplink_mtu", "name": "mgmt", "mtu": 9000})
    off = [phase(one, {"kind": "vm_power", "vms": ["default/m1"], "state": "stopped"}) for one in ("vms-stop",)]
    assert "clusternetwork-mgmt-mtu-vms cluster network 'mgmt'" in messages(step, on=cluster)
    assert "clusternetwork-mgmt-mtu-vms cluster network 'mgmt'" not in messages(*off, step, on=cluster)


def test_vms_that_an_earlier_run_has_stopped_are_named() -> None:
    """Those that run by now, and those that are gone, are left out."""
    back = {"default/idle": "Always", "default/vm1": "RerunOnFailure", "default/nobody": "Always"}
    turn = phase(
        "reboot-1",
        {"kind": "reboot", "nodes": ["n1"]},
        {"kind": "vm_return", "vms": list(back), "run_strategies": back},
    )
    found = plan(CLUSTER, [turn])
    assert shown(found)["lines"] == [
        "1. reboot-1: at most 60 s",
        "   were stopped by an earlier run, start again: default/idle",
        "   reboots nodes: n1",
    ]
    assert shown(found)["phases"][0]["returns"] == ["default/idle"]
    assert not found.end.vms["default/idle"].halted


def test_objects_that_others_manage_are_named() -> None:
    marks = {"meta.helm.sh/release-name": "nets", "argocd.argoproj.io/tracking-id": "x"}
    raw = config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"])
    item = {**raw, "metadata": {**raw["metadata"], "annotations": {**raw["metadata"]["annotations"], **marks}}}
    found = plan(having(item, on=CLUSTER), [STOP, OFF, REMOVE])
    assert found.phases[2].managed == (
        "network configuration 'rack-a' (Helm release nets)",
        "network configuration 'rack-a' (Argo CD)",
    )
    assert [str(objection) for objection in gitops(found)] == [
        f"network configuration 'rack-a' ({manager}): who manages it puts it back; pause it, then give"
        " change_gitops_paused=true"
        for manager in ("Helm release nets", "Argo CD")
    ]
    assert gitops(plan(CLUSTER, [STOP, OFF, REMOVE])) == []


def test_vms_that_get_back_what_they_had_are_no_matter_of_their_manager() -> None:
    item = CLUSTER.get("vms", "vm1", "default") or {}
    marked = {**item, "metadata": {**item["metadata"], "annotations": {"argocd.argoproj.io/tracking-id": "x"}}}
    cluster = having(marked, on=CLUSTER)
    start = phase("vms-start", {"kind": "vm_power", "vms": ["default/vm1"], "state": "started"})
    found = plan(cluster, [STOP, start])
    assert [objection.object for objection in gitops(found)] == ["VM 'default/vm1' (Argo CD)"]
    assert gitops(plan(plan(cluster, [STOP]).end, [start])) == []


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"kind": "vm_power", "vms": ["default/vm1"]}, "state: is required with kind=vm_power"),
        ({"kind": "storage_network", "value": "", "name": "x"}, "name: does not go with kind=storage_network"),
        ({"kind": "network_config", "name": "x"}, "name=x: the cluster has no such network configuration"),
        (
            {"kind": "network_config", "name": "rack-a", "object": {"metadata": {"name": "other"}}},
            "object.metadata.name=other: is not the name 'rack-a' of the step",
        ),
        (
            {"kind": "vm_power", "vms": ["gone"], "state": "stopped"},
            "vms=gone: the cluster has no such VM; give it as namespace/name",
        ),
        (
            {"kind": "host", "name": "n9", "values": [{"field": "MTU of mgmt-bo", "to": "9000"}]},
            "name=n9: the cluster has no such node; it has n1, n2, n3, w1",
        ),
        (
            {"kind": "uplink_mtu", "name": "cn9", "mtu": 9000},
            "name=cn9: the cluster has no such cluster network",
        ),
        (
            {"kind": "reboot", "nodes": ["n9"]},
            "nodes=n9: the cluster has no such node; it has n1, n2, n3, w1",
        ),
    ],
)
def test_a_step_that_cannot_be(step: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        kinds([phase("p", step)])
        plan(CLUSTER, [phase("p", step)])
    assert str(caught.value) == "phase 'p', step 1: " + message


def test_a_cluster_without_the_setting() -> None:
    with pytest.raises(ValidationError) as caught:
        plan(CLUSTER.without("settings", "storage-network"), [OFF])
    assert str(caught.value) == "phase 'storage-off', step 1: the cluster has no setting 'storage-network'"


def test_only_the_kinds_that_the_steps_look_at_are_read() -> None:
    assert kinds([]) == ["nodes", "settings", "upgrades"]
    assert "volumes" not in kinds([STOP, REMOVE]) and "volumes" in kinds([STOP, OFF])
    assert set(kinds([STOP, OFF, REMOVE])) <= set(BY_KEY)
