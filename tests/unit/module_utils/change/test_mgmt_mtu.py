# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: which VMs stop and why, what speaks against it, and its phases.

The cluster is that of cluster_objects with VM m1 on mgmt's VM network mgmt200; vm1 is on cn1, pod1 on the pod network.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cluster_objects import BASE, having, held_volume, host_config, nad, network, setting, thing, vm, vmi, volume

from ansible_collections.harvester.network.plugins.module_utils.change._plan import plan, shown
from ansible_collections.harvester.network.plugins.module_utils.change.phases import with_steps
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import Wish, case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_info import _ports as ports_of
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_phases import lines, phases
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_refusals import (
    reached,
    refusals,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

NOW = datetime(2026, 11, 26)
NODES = ("n1", "n2", "n3", "w1")
HOSTS = {name: {"mgmt-bo": 1500, "mgmt-br": 1500} for name in NODES}
JUMBO = {name: {"mgmt-bo": 9000, "mgmt-br": 9000} for name in NODES}
PROFILES: dict[str, dict[str, int | None]] = {name: {"bond-mgmt": 1500, "vlan-mgmt": None} for name in NODES}
UP = Wish(1500, 9000, switches_ready=True)
KEPT = UP._replace(running_vms="keep")
CLUSTER = having(vm("m1", "mgmt200"), vmi("m1", "mgmt200"))
VALUE = '{"vlan":60,"clusterNetwork":"%s","range":"192.0.2.0/24"}'
ON_CN1 = having(setting("storage-network", VALUE % "cn1"), on=CLUSTER)
ON_MGMT = having(setting("storage-network", VALUE % "mgmt"), on=CLUSTER)
NOTED = (network("mgmt", 9000), nad("mgmt200", "mgmt", 200, mtu=9000))
AT_9000 = having(*NOTED, on=ON_CN1)
MIGRATION = having(setting("vm-migration-network", VALUE % "mgmt"), on=ON_CN1)
OVERLAY = nad("ovn", "mgmt", None, type="kube-ovn")
ON_OVERLAY = having(OVERLAY, vm("o1", "ovn"), vmi("o1", "ovn"), on=ON_CN1)

M1, POD = "VM network default/mgmt200", "built-in pod network"
PODS, STORAGE = "Longhorn's replicas use the pod network", "Longhorn's replicas use the storage network on mgmt"

# Cluster, wish; where Longhorn talks, whether every VM stops, the VMs that stop with the reasons, settings.
CASES: dict[str, tuple[Snapshot, Wish, str, bool, dict[str, tuple[str, ...]], tuple[str, ...]]] = {
    "no storage network": (
        CLUSTER,
        UP,
        "pod_network",
        True,
        {"default/m1": (M1, PODS), "default/pod1": (POD, PODS), "default/vm1": (PODS,)},
        (),
    ),
    "no storage network, VMs elsewhere keep running": (
        CLUSTER,
        KEPT,
        "pod_network",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
    "storage network elsewhere": (
        ON_CN1,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
    "the pod network's VMs are left": (
        ON_CN1,
        UP._replace(stop_pod_network_vms=False),
        "elsewhere",
        False,
        {"default/m1": (M1,)},
        (),
    ),
    "storage network on mgmt": (
        ON_MGMT,
        UP._replace(stop_pod_network_vms=False),
        "mgmt",
        True,
        {"default/m1": (M1, STORAGE), "default/pod1": (POD, STORAGE), "default/vm1": (STORAGE,)},
        ("storage-network",),
    ),
    "migration network on mgmt": (
        MIGRATION,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        ("vm-migration-network",),
    ),
    "overlay": (
        ON_OVERLAY,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/o1": ("overlay network default/ovn",), "default/pod1": (POD,)},
        (),
    ),
    "a halted VM has nothing to stop": (
        having(vm("h1", "mgmt200", strategy="Halted"), on=ON_CN1),
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_which_vms_stop_and_why(name: str) -> None:
    snapshot, wish, longhorn, every_vm, stops, settings = CASES[name]
    found = case(snapshot, wish)
    assert (found.longhorn, found.every_vm, found.settings) == (longhorn, every_vm, settings)
    assert {one.vm: one.reasons for one in found.stops} == stops


WHYS = {
    "storage network on mgmt": (
        "The storage network is on mgmt: it is switched off meanwhile, for which every VM stops."
    ),
    "storage network elsewhere": "The storage network is on cluster network 'cn1': only VMs on mgmt stop.",
    "no storage network": (
        "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt: every VM"
        " stops."
    ),
    "no storage network, VMs elsewhere keep running": (
        "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt. VMs that"
        " are not on mgmt keep running, one node changes at a time, and volumes are healthy before the first and after"
        " each."
    ),
}


@pytest.mark.parametrize("name", WHYS)
def test_the_case_is_told(name: str) -> None:
    assert case(CASES[name][0], CASES[name][1]).why == WHYS[name]


def in_use(name: str, replicas: int, robustness: str = "healthy") -> list[Any]:
    """A volume with a running engine that has these readable replicas."""
    names = [f"{name}-r-{number}" for number in range(replicas)]
    engine = thing(
        "engines",
        f"{name}-e-0",
        "longhorn-system",
        labels={"longhornvolume": name},
        status={"currentState": "running", "replicaModeMap": dict.fromkeys(names, "RW")},
    )
    found = volume(name, numberOfReplicas=replicas)
    found["status"]["robustness"] = robustness
    return [found, engine]


PORTS = {"n2": {"up": ["eno1", "eno2"], "down": []}, "n1": {"up": ["eno1"], "down": ["eno2"]}}
HELD = held_volume("pvc-1", "data", ("web-0", "StatefulSet", "web"))
UNDERLAY = host_config("under", "mgmt", 2040, underlay=True)
OVERLAY_ELSEWHERE = nad("ovn", "cn1", None, type="kube-ovn")
ARGO = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "x"}}}
WHERE = "management network: "

# Cluster, hosts, wish, messages.
REFUSALS: dict[str, tuple[Snapshot, dict[str, dict[str, int]], Wish, list[str]]] = {
    "nothing speaks against it": (ON_CN1, HOSTS, UP, []),
    "too large": (
        ON_CN1,
        HOSTS,
        UP._replace(mtu_to=9001),
        [WHERE + "change_mtu_to=9001: the MTU must be 0 (meaning 1500) or within 576..9000 bytes"],
    ),
    "0 is no MTU here": (
        ON_CN1,
        HOSTS,
        UP._replace(mtu_to=0),
        [WHERE + "change_mtu_to=0: the MTU must be within 576..9000 bytes"],
    ),
    "nothing to change": (
        ON_CN1,
        HOSTS,
        UP._replace(mtu_to=1500),
        [WHERE + "change_mtu_to=1500: it is change_mtu_from too, so there is nothing to change"],
    ),
    "a node was not looked at": (
        ON_CN1,
        {name: HOSTS[name] for name in NODES[:3]},
        UP,
        [WHERE + "w1 was not looked at; all nodes change together: add it to harvester_nodes, or remove the node"],
    ),
    "hosts differ": (
        ON_CN1,
        HOSTS | {"n2": {"mgmt-bo": 9000, "mgmt-br": 1500}, "n3": {"mgmt-bo": 9000, "mgmt-br": 9000}},
        UP,
        [
            WHERE + "change_mtu_from=1500: it is not everywhere:\n  n2: mgmt-bo 9000\n  n3: mgmt-bo 9000, mgmt-br 9000;"
            " give the MTU that is there, and bring nodes that differ to it with playbook mgmt_network"
        ],
    ),
    "the annotation differs": (
        having(network("mgmt", 9000), on=ON_CN1),
        HOSTS,
        UP,
        [
            WHERE + "change_mtu_from=1500: it is not everywhere:\n  cluster network mgmt: annotation uplink-mtu '9000';"
            " give the annotation the hosts' MTU with playbook mgmt_mtu_annotate"
        ],
    ),
    "a VM network differs": (
        having(nad("mgmt200", "mgmt", 200, mtu=9000), on=ON_CN1),
        HOSTS,
        UP,
        [
            WHERE + "change_mtu_from=1500: it is not everywhere:\n  VM network default/mgmt200: mtu 9000; Harvester's"
            " network manager gives them the annotation's: see its pods in harvester-system"
        ],
    ),
    "networks of settings keep what they were made with": (
        having(nad("storagenetwork-abcde", "mgmt", 60, namespace="harvester-system", mtu=9000), on=ON_MGMT),
        HOSTS,
        UP,
        [],
    ),
    "a profile differs from its kernel": (
        ON_CN1,
        HOSTS,
        UP._replace(profiles={**PROFILES, "n2": {"bond-mgmt": 9000, "vlan-mgmt": None}}),
        [
            WHERE + "change_mtu_from=1500: it is not everywhere:\n  n2: profile bond-mgmt 9000; give the MTU that is"
            " there, and bring nodes that differ to it with playbook mgmt_network"
        ],
    ),
    "profiles that name none": (ON_CN1, HOSTS, UP._replace(profiles=PROFILES), []),
    "all have another one": (
        ON_CN1,
        HOSTS,
        Wish(4000, 9000, switches_ready=True),
        [
            WHERE
            + "change_mtu_from=4000: it is not everywhere:\n"
            + "".join(f"  {name}: mgmt-bo 1500, mgmt-br 1500\n" for name in NODES)
            + "  cluster network mgmt: annotation uplink-mtu none, which means 1500\n"
            "  VM network default/mgmt200: mtu none, which means 1500; give the MTU that is there, change_mtu_from=1500"
        ],
    ),
    "all have another one, which Harvester has not noted": (
        ON_CN1,
        JUMBO,
        UP._replace(mtu_to=4000),
        [
            WHERE
            + "change_mtu_from=1500: it is not everywhere:\n"
            + "\n".join(f"  {name}: mgmt-bo 9000, mgmt-br 9000" for name in NODES)
            + "; give the MTU that is there, change_mtu_from=9000, and have it noted before with playbook"
            " mgmt_mtu_annotate"
        ],
    ),
    "one node differs, and Harvester has not noted what the others have": (
        ON_CN1,
        JUMBO | {"n3": {"mgmt-bo": 1500, "mgmt-br": 1500}},
        UP._replace(mtu_from=9000, mtu_to=4000),
        [
            WHERE + "change_mtu_from=9000: it is not everywhere:\n  n3: mgmt-bo 1500, mgmt-br 1500\n"
            "  cluster network mgmt: annotation uplink-mtu none, which means 1500\n"
            "  VM network default/mgmt200: mtu none, which means 1500; bring the nodes that differ to the others' MTU"
            " with playbook mgmt_network, and have it noted then with playbook mgmt_mtu_annotate"
        ],
    ),
    "installed with another MTU": (
        ON_CN1,
        {name: {"mgmt-bo": 9000} for name in NODES},
        Wish(9000, 1500),
        [
            WHERE + "change_mtu_from=9000: it is not everywhere:\n  cluster network mgmt: annotation uplink-mtu none,"
            " which means 1500\n  VM network default/mgmt200: mtu none, which means 1500; give the annotation the"
            " hosts' MTU with playbook mgmt_mtu_annotate"
        ],
    ),
    "an annotation of 0 means 1500": (having(network("mgmt", 0), on=ON_CN1), HOSTS, UP, []),
    "switches are not ready": (
        ON_CN1,
        HOSTS,
        Wish(1500, 9000),
        [
            WHERE + "change_switches_ready=false: switches drop frames of more bytes than they are set to; let every"
            " switch port of mgmt pass frames of 9000 bytes first, then give true"
        ],
    ),
    "lowering needs no switches": (
        AT_9000,
        {name: {"mgmt-bo": 9000} for name in NODES},
        Wish(9000, 1500),
        [],
    ),
    "pods do not fit": (
        ON_CN1,
        HOSTS,
        Wish(1500, 1400),
        [
            WHERE + "change_mtu_to=1400: pods have MTU 1450 and VXLAN takes 50 more, which does not fit, and nothing in"
            " Harvester says so; lower the pod network's MTU to 1350 first, then give change_pod_network_mtu_ready=true"
        ],
    ),
    "pods were made to fit": (ON_CN1, HOSTS, Wish(1500, 1400, pod_network_mtu_ready=True), []),
    "an underlay whose VMs stop": (having(UNDERLAY, on=ON_OVERLAY), HOSTS, UP, []),
    "an underlay whose VMs would run": (
        having(UNDERLAY, OVERLAY_ELSEWHERE, on=ON_OVERLAY),
        HOSTS,
        UP,
        [
            (
                "host network configuration 'under': underlay=true: it carries the overlay networks of VMs that would"
                " keep running: default/o1; stop these VMs first"
            )
        ],
    ),
    "a setting in progress": (
        having(setting("storage-network", VALUE % "mgmt", "In Progress"), on=CLUSTER),
        HOSTS,
        UP,
        ["setting 'storage-network': its last change is in progress; wait until its condition configured is Completed"],
    ),
    "keep, and nothing in use": (CLUSTER, HOSTS, KEPT, []),
    "keep, with healthy volumes": (having(*in_use("v1", 3), on=CLUSTER), HOSTS, KEPT, []),
    "keep, with a single replica": (
        having(*in_use("v1", 1), on=CLUSTER),
        HOSTS,
        KEPT,
        [
            WHERE
            + "change_running_vms=keep: volume v1 has a single replica; wait for rebuilds, add replicas, or leave it"
            " out, so that every VM stops"
        ],
    ),
    "keep, with a rebuild": (
        having(*in_use("v1", 3), *in_use("v2", 3, "degraded"), on=CLUSTER),
        HOSTS,
        KEPT,
        [
            (
                WHERE
                + "change_running_vms=keep: volume v2 is degraded, not healthy; wait for rebuilds, add replicas, or"
                " leave it out, so that every VM stops"
            )
        ],
    ),
    "keep, with the storage network on mgmt": (
        ON_MGMT,
        HOSTS,
        KEPT,
        [
            WHERE
            + "change_running_vms=keep: the storage network is on mgmt and is switched off, for which every VM has"
            " to be stopped; leave it out"
        ],
    ),
    "keep, with the storage network elsewhere": (
        ON_CN1,
        HOSTS,
        KEPT,
        [WHERE + "change_running_vms=keep: only VMs on mgmt stop here, and those have to; leave it out"],
    ),
    "keep, by reboots": (
        CLUSTER,
        HOSTS,
        KEPT._replace(apply="reboot"),
        [
            WHERE
            + "change_running_vms=keep: with change_apply=reboot nodes send packets of 9000 bytes before the switches"
            " are proved, and replicas of VMs that run talk over mgmt; leave it out, so that every VM stops, or leave"
            " out change_apply"
        ],
    ),
    "keep, by reboots, lowering": (
        having(*NOTED, on=CLUSTER),
        {name: {"mgmt-bo": 9000} for name in NODES},
        Wish(9000, 1500, apply="reboot", running_vms="keep"),
        [],
    ),
    "keep, by reboots, with the storage network elsewhere": (
        ON_CN1,
        HOSTS,
        KEPT._replace(apply="reboot"),
        [WHERE + "change_running_vms=keep: only VMs on mgmt stop here, and those have to; leave it out"],
    ),
    "managed by others": (
        having(
            vm("m1", "mgmt200", annotations={"meta.helm.sh/release-name": "shop"}),
            {**network("mgmt"), "metadata": {"name": "mgmt", **ARGO["metadata"]}},
            on=ON_CN1,
        ),
        HOSTS,
        UP,
        [
            WHERE + "change_gitops_paused=false: others put back what this change writes: cluster network 'mgmt' (Argo"
            " CD), VM 'default/m1' (Helm release shop); pause them, then give true"
        ],
    ),
    "a volume of a pod, whose replicas talk over mgmt": (
        having(HELD, on=CLUSTER),
        HOSTS,
        UP,
        [
            (
                "volume: default/data is held by pod web-0 of StatefulSet web, whose replicas talk over mgmt; scale"
                " down what holds it, and scale it up at the end"
            )
        ],
    ),
    "a volume of a pod, whose replicas talk elsewhere": (having(HELD, on=ON_CN1), HOSTS, UP, []),
    "a volume of a VM that stops": (
        having(held_volume("pvc-1", "data", ("virt-launcher-m1-x", "VirtualMachineInstance", "m1")), on=CLUSTER),
        HOSTS,
        UP,
        [],
    ),
    "a bond without a link": (
        ON_CN1,
        HOSTS,
        UP._replace(ports={**PORTS, "n3": {"up": [], "down": ["eno1"]}}),
        ["node 'n3': no port of mgmt-bo carries traffic: eno1; see its cables and switch ports"],
    ),
    "switches that are set in the middle": (ON_CN1, HOSTS, Wish(1500, 9000, switches_phase=True), []),
    "managed by others that are paused": (
        having({**network("mgmt"), "metadata": {"name": "mgmt", **ARGO["metadata"]}}, on=ON_CN1),
        HOSTS,
        UP._replace(gitops_paused=True),
        [],
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_speaks_against_it(name: str) -> None:
    snapshot, hosts, wish, messages = REFUSALS[name]
    assert [str(problem) for problem in refusals(snapshot, hosts, wish, case(snapshot, wish))] == messages


RAISING = ["hosts-lower", "hosts-upper", "overlay", "annotation"]
LOWERING = ["overlay", "hosts-upper", "hosts-lower", "annotation"]
DOWN = Wish(9000, 1500)
SWITCHED = Wish(1500, 9000, switches_phase=True)
BOOTED = ["hosts-profiles", "hosts-proof"]
"""The turns of the reboots come between them; role mgmt_mtu puts them there."""


@pytest.mark.parametrize(
    ("snapshot", "wish", "ids"),
    [
        (ON_CN1, UP, ["vms-stop", *RAISING, "vms-start"]),
        (ON_CN1, DOWN, ["vms-stop", *LOWERING, "vms-start"]),
        (ON_MGMT, UP, ["vms-stop", "storage-off", *RAISING, "storage-on", "vms-start"]),
        (ON_MGMT, DOWN, ["vms-stop", "storage-off", *LOWERING, "storage-on", "vms-start"]),
        (MIGRATION, UP, ["vms-stop", "storage-off", *RAISING, "storage-on", "vms-start"]),
        (ON_CN1, UP._replace(installer_config=True), ["vms-stop", *RAISING, "vms-start", "installer-config"]),
        (ON_CN1, SWITCHED, ["vms-stop", "switches", *RAISING, "vms-start"]),
        (
            ON_CN1,
            DOWN._replace(switches_phase=True),
            ["vms-stop", "overlay", "hosts-upper", "hosts-lower", "switches", "annotation", "vms-start"],
        ),
        (ON_CN1, UP._replace(apply="reboot"), ["vms-stop", *BOOTED, "overlay", "annotation", "vms-start"]),
        (ON_CN1, DOWN._replace(apply="reboot"), ["vms-stop", "overlay", *BOOTED, "annotation", "vms-start"]),
        (
            ON_MGMT,
            UP._replace(apply="reboot"),
            ["vms-stop", "storage-off", *BOOTED, "overlay", "annotation", "storage-on", "vms-start"],
        ),
        (
            ON_CN1,
            SWITCHED._replace(apply="reboot"),
            ["vms-stop", "switches", *BOOTED, "overlay", "annotation", "vms-start"],
        ),
        (
            ON_CN1,
            DOWN._replace(apply="reboot", switches_phase=True),
            ["vms-stop", "overlay", *BOOTED, "switches", "annotation", "vms-start"],
        ),
    ],
    ids=[
        "up",
        "down",
        "up, storage",
        "down, storage",
        "up, migration network",
        "up, installer",
        "up, switches",
        "down, switches",
        "up, reboots",
        "down, reboots",
        "up, reboots, storage",
        "up, reboots, switches",
        "down, reboots, switches",
    ],
)
def test_the_phases_in_their_order(snapshot: Snapshot, wish: Wish, ids: list[str]) -> None:
    assert [phase["id"] for phase in phases(snapshot, wish, case(snapshot, wish), NOW)] == ids


def by_id(snapshot: Snapshot, wish: Wish) -> dict[str, Any]:
    return {phase["id"]: phase for phase in phases(snapshot, wish, case(snapshot, wish), NOW)}


def test_what_the_phases_are_told() -> None:
    found = by_id(ON_MGMT, UP)
    assert found["vms-stop"]["input"] == {"state": "stopped", "all": True}
    assert found["storage-off"]["input"] == {"state": "disabled", "settings": ["storage-network"]}
    assert found["storage-on"]["steps"] == [
        {"kind": "storage_network", "setting": "storage-network", "value": VALUE % "mgmt"}
    ]
    assert found["overlay"]["input"] == {"mtu": 8950, "mtu_from": 1450, "canal_restarts": []}
    assert found["annotation"]["input"] == {"mtu": 9000}
    layers = {name: found[name]["input"] for name in ("hosts-lower", "hosts-upper")}
    both = {
        "mtu_from": 1500,
        "mtu_to": 9000,
        "turn_bound": 900,
        "legs": False,
        "ports_up": {},
        "vms": {"all": True},
        "volumes": "detached",
    }
    assert layers == {
        "hosts-lower": {"layer": "lower", "last": False, "nodes": [], **both},
        "hosts-upper": {"layer": "upper", "last": True, "nodes": [], "host_configs": [], **both},
    }


@pytest.mark.parametrize(
    ("wish", "last"),
    [
        (UP, "hosts-upper"),
        (UP._replace(mtu_from=9000, mtu_to=1500), "hosts-lower"),
        (UP._replace(apply="reboot"), "hosts-proof"),
    ],
)
def test_host_network_configurations_are_recorded_whole_by_the_phase_that_proves_them(wish: Wish, last: str) -> None:
    state = {"nodeStatus": {"n1": {"conditions": [{"type": "ready", "status": "True"}]}}}
    item = {**host_config("backup", ips={"n1": "192.0.2.1/24"}), "status": state}
    item["metadata"] = {**item["metadata"], "managedFields": [{"manager": "ui"}], "annotations": {"a": "b"}}
    found = by_id(having(item, host_config("other", "cn1"), on=ON_CN1), wish)
    recorded = {name: one["input"].get("host_configs") for name, one in found.items() if name.startswith("hosts-")}
    assert {name for name, configs in recorded.items() if configs is not None} == {last}
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    assert recorded[last] == [{**item, "metadata": metadata}]


def test_restarts_of_canal_are_told_and_have_their_time() -> None:
    usual = by_id(ON_CN1, UP)["overlay"]
    found = by_id(ON_CN1, UP._replace(canal_restarts=("n2", "n1")))["overlay"]
    told = "pods of %s: canal's is restarted, unless flannel.1 is on the device with the node's address by then"
    assert found["steps"] == usual["steps"] + [{"kind": "interruption", "text": told % name} for name in ("n1", "n2")]
    assert (usual["bound"], found["bound"], found["input"]["canal_restarts"]) == (300, 600, ["n1", "n2"])


def test_what_the_phases_around_reboots_are_told() -> None:
    wish = UP._replace(apply="reboot")
    found = by_id(ON_MGMT, wish)
    both = {
        "layer": "all",
        "mtu_from": 1500,
        "mtu_to": 9000,
        "turn_bound": 900,
        "legs": False,
        "ports_up": {},
        "vms": {"all": True},
        "volumes": "detached",
    }
    files, proof = (found[name] for name in BOOTED)
    assert (files["input"], proof["input"]) == (
        {**both, "part": "profiles", "last": False, "nodes": []},
        {**both, "part": "proof", "last": True, "nodes": [], "host_configs": []},
    )
    assert (files["bound"], proof["bound"]) == (len(NODES) * 900 + 300, 600)
    assert (files["steps"], proof["steps"]) == (
        [],
        [{"kind": "proof", "text": "links and paths of the management network between all nodes"}],
    )
    assert by_id(ON_CN1, DOWN._replace(apply="reboot", switches_phase=True))["switches"]["input"]["proves"] == (
        "hosts-proof"
    )


TURNS = (
    {"node": "n2", "lower": {"mgmt-bo": 1500, "mgmt-br": 1500}, "upper": {"mgmt-br.2017": 1500, "mgmt-br.30": 9000}},
    {"node": "n1", "lower": {"mgmt-bo": 1500}, "upper": {"mgmt-br": 1500}},
)
TURNING = UP._replace(turns=TURNS, installer_config=True)


def planned(cluster: Snapshot, given: Any) -> dict[str, dict[str, Any]]:
    """The plan of these phases, by phase."""
    found = plan(cluster, given)
    assert found.all_objections == []
    return {phase["id"]: phase for phase in shown(found)["phases"]}


def values(phase: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(one.values()) for one in phase["sets"]]


ON_ALL = [("Node", "", name, "MTU of flannel.1", "1450", "8950") for name in NODES]


def test_the_plan_names_nodes_devices_and_objects() -> None:
    """The nodes in the order of their turns; a device that has the MTU already does not change."""
    given = phases(ON_CN1, TURNING, case(ON_CN1, TURNING), NOW)
    found = planned(ON_CN1, given)
    assert list(found["hosts-lower"]["sets"][0]) == ["kind", "namespace", "name", "field", "from", "to"]
    assert values(found["hosts-lower"]) == [
        ("Node", "", "n2", "MTU of mgmt-bo", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-bo", "1500", "9000"),
    ]
    assert values(found["hosts-upper"]) == [
        ("Node", "", "n2", "MTU of mgmt-br.2017", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-br", "1500", "9000"),
    ]
    assert values(found["overlay"]) == ON_ALL
    assert values(found["annotation"]) == [
        ("ClusterNetwork", "", "mgmt", "annotation network.harvesterhci.io/uplink-mtu", "", "9000"),
        ("NetworkAttachmentDefinition", "default", "mgmt200", "mtu", "", "9000"),
    ]
    assert found["annotation"]["objects"] == [
        {"kind": "ClusterNetwork", "namespace": "", "name": "mgmt", "action": "changed"}
    ]
    assert values(found["installer-config"]) == [
        ("Node", "", name, "MTU in /oem/harvester.config", "", "9000") for name in NODES
    ]
    told = shown(plan(ON_CN1, given))["lines"]
    at = next(number for number, line in enumerate(told) if "hosts-lower" in line)
    assert told[at + 1 : at + 3] == [
        "   sets on Node n2: MTU of mgmt-bo from 1500 to 9000, MTU of mgmt-br from 1500 to 9000",
        "   sets on Node n1: MTU of mgmt-bo from 1500 to 9000",
    ]
    assert "   sets on Node n1: MTU in /oem/harvester.config to 9000" in told


def test_before_reboots_the_plan_names_what_the_boots_bring() -> None:
    wish = TURNING._replace(apply="reboot")
    found = planned(ON_CN1, phases(ON_CN1, wish, case(ON_CN1, wish), NOW))
    assert values(found["hosts-profiles"]) == [
        ("Node", "", "n2", "MTU of mgmt-bo with its next boot", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br with its next boot", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br.2017 with its next boot", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-bo with its next boot", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-br with its next boot", "1500", "9000"),
    ]
    assert found["hosts-profiles"]["interrupts"] == found["hosts-proof"]["sets"] == []


def test_a_change_that_goes_on_shows_what_is_left() -> None:
    """By its record alone, in which the nodes are; done phases do nothing any more."""
    given = phases(ON_CN1, TURNING, case(ON_CN1, TURNING), NOW)
    before = planned(ON_CN1, given)
    done = ["vms-stop", "hosts-lower"]
    bare = [{key: value for key, value in phase.items() if key != "steps"} for phase in given]
    stopped = plan(ON_CN1, given[:1]).end
    left = planned(stopped, with_steps(bare, stopped, {}, done))
    assert [name for name, phase in left.items() if phase["sets"]] == [
        "hosts-upper",
        "overlay",
        "annotation",
        "installer-config",
    ]
    assert {name: left[name]["sets"] for name in ("hosts-upper", "overlay", "annotation")} == {
        name: before[name]["sets"] for name in ("hosts-upper", "overlay", "annotation")
    }


def test_a_record_that_names_no_nodes_can_go_on() -> None:
    """Of a version before this was kept; and a node that is gone since is left out."""
    given = by_id(ON_CN1, TURNING)["hosts-lower"]
    old = {**given, "input": {key: value for key, value in given["input"].items() if key != "nodes"}}
    text = "the management network of one node after the other, for moments (MTU of bond and bridge: 1500 to 9000)"
    interruption = {"kind": "interruption", "text": text}
    assert with_steps([old], ON_CN1, {})[0]["steps"] == [interruption]
    without = ON_CN1.without("nodes", "n2")
    assert [step.get("name") for step in with_steps([given], without, {})[0]["steps"]] == ["n1", None]


def test_the_order_of_the_nodes_is_told() -> None:
    told = "Nodes change in the order of the plan, but for the holder of the VIP and etcd's leader, which are last."
    assert told in lines(ON_CN1, TURNING, case(ON_CN1, TURNING), ())
    for wish in (UP, TURNING._replace(apply="reboot"), TURNING._replace(annotate_only=True)):
        assert told not in lines(ON_CN1, wish, case(ON_CN1, wish), ())


def test_what_reboots_mean_is_told() -> None:
    told = (
        "Every node reboots, one after the other, and has the MTU from its boot on. Until the last one has it, TCP"
        " agrees on the smaller size; larger UDP packets are lost between nodes of both."
    )
    assert told in lines(ON_CN1, UP._replace(apply="reboot"), case(ON_CN1, UP), ())
    assert told not in lines(ON_CN1, UP, case(ON_CN1, UP), ())


def test_guests_whose_interfaces_follow_are_looked_at_from_inside() -> None:
    """Not those of the pod network, of overlays, or of another cluster network, though they stop too."""
    assert by_id(CLUSTER, UP)["vms-start"]["input"]["guests"] == {"vms": ["default/m1"], "mtu": 9000}
    assert "guests" not in by_id(having(on=BASE), UP)["vms-start"]["input"]


@pytest.mark.parametrize("wish", [UP, DOWN])
def test_the_hosts_ends_of_interfaces_are_proved_at_the_new_mtu(wish: Any) -> None:
    assert by_id(CLUSTER, wish)["vms-start"]["input"]["ends"] == {"bridge": "mgmt-br", "mtu": wish.mtu_to}


def test_a_smaller_choice_of_vms() -> None:
    found = by_id(CLUSTER, KEPT)
    assert found["vms-stop"]["input"] == {"state": "stopped", "cluster_networks": ["mgmt"], "pod_network": True}
    assert found["vms-stop"]["steps"] == [
        {"kind": "vm_power", "vms": ["default/m1", "default/pod1"], "state": "stopped"}
    ]
    told = found["hosts-lower"]["input"]
    assert (told["vms"], told["volumes"]) == ({"cluster_networks": ["mgmt"], "pod_network": True}, "healthy")
    assert by_id(ON_CN1, UP)["hosts-lower"]["input"]["volumes"] == "any"


def test_legs_are_proved_by_the_ports_that_had_a_link_when_it_was_planned() -> None:
    told = by_id(ON_CN1, UP._replace(ports=PORTS))["hosts-upper"]["input"]
    assert (told["legs"], told["ports_up"]) == (True, {"n1": ["eno1"], "n2": ["eno1", "eno2"]})
    wish = UP._replace(ports=PORTS)
    dead = "n1: eno2 of mgmt-bo carries no traffic, so its leg is not proved"
    assert dead in lines(ON_CN1, wish, case(ON_CN1, wish), ())
    left = wish._replace(prove_legs=False)
    assert by_id(ON_CN1, left)["hosts-upper"]["input"]["legs"] is False
    assert dead not in lines(ON_CN1, left, case(ON_CN1, left), ())


@pytest.mark.parametrize("sides", [{}, {"up": ["eno1"]}, {"up": "eno1", "down": []}, None], ids=str)
def test_ports_that_are_none(sides: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ports_of({"n1": sides})
    assert str(caught.value) == (
        f"management network: ports.n1={sides}: it is no dictionary of the lists up and down; give what filter"
        " bond_ports says"
        if sides is not None
        else "management network: ports.n1: it is no dictionary of the lists up and down; give what filter bond_ports"
        " says"
    )


def test_volumes_that_stay_attached_are_told() -> None:
    claim = held_volume("pvc-1", "prometheus-db", ("p-0", "StatefulSet", "p"))
    claim["status"]["kubernetesStatus"]["namespace"] = "cattle-monitoring-system"
    told = (
        "cattle-monitoring-system/prometheus-db is held by pod p-0 of StatefulSet p, and stays attached: Harvester's"
        " monitoring bears that its replicas are apart for moments"
    )
    cluster = having(claim, on=CLUSTER)
    assert told in lines(cluster, UP, case(cluster, UP), ())
    cluster = having(claim, on=ON_CN1)
    assert told not in lines(cluster, UP, case(cluster, UP), ())


def test_the_layer_that_is_proved_last_depends_on_the_direction() -> None:
    found = by_id(ON_CN1, DOWN)
    assert found["hosts-lower"]["input"]["last"] is True
    assert found["hosts-upper"]["input"]["last"] is False


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (SWITCHED, {"mtu_from": 1500, "mtu_to": 9000, "proves": ""}),
        (DOWN._replace(switches_phase=True), {"mtu_from": 9000, "mtu_to": 1500, "proves": "hosts-lower"}),
    ],
    ids=["up", "down"],
)
def test_switches_that_are_set_in_the_middle(wish: Wish, told: dict[str, Any]) -> None:
    """Ports that shrink are proved by a repeated proof of what the hosts have; nothing is sent yet when they grow."""
    found = by_id(ON_CN1, wish._replace(switches_bound=60))["switches"]
    assert (found["role"], found["bound"], found["input"]) == ("harvester.network.switches", 60, told)
    assert found["steps"] == [
        {"kind": "interruption", "text": "what passes the switches, for as long as they need to take another MTU"}
    ]


TOLD = Wish(1500, 9000, annotate_only=True)


@pytest.mark.parametrize(
    ("snapshot", "vms", "ids"),
    [
        (CLUSTER, ["default/m1"], ["vms-stop", "annotation", "vms-start"]),
        (ON_CN1, ["default/m1"], ["vms-stop", "annotation", "vms-start"]),
        (
            ON_MGMT,
            ["default/m1", "default/pod1", "default/vm1"],
            ["vms-stop", "storage-off", "annotation", "storage-on", "vms-start"],
        ),
    ],
    ids=["no storage network", "storage network elsewhere", "storage network on mgmt"],
)
def test_harvester_alone_is_told(snapshot: Snapshot, vms: list[str], ids: list[str]) -> None:
    found = case(snapshot, TOLD)
    assert [one.vm for one in found.stops] == vms
    assert [phase["id"] for phase in phases(snapshot, TOLD, found, NOW)] == ids
    assert refusals(snapshot, JUMBO, TOLD, found) == []
    assert [str(problem) for problem in refusals(snapshot, JUMBO | {"n2": {"mgmt-bo": 1500}}, TOLD, found)] == [
        WHERE + "mtu=9000: n2 has mgmt-bo 1500; bring it to that MTU with playbook mgmt_network"
    ]


REACHED: dict[str, tuple[Snapshot, dict[str, dict[str, int]], Wish, bool]] = {
    "at the beginning": (ON_CN1, HOSTS, UP, False),
    "at the end": (AT_9000, JUMBO, UP, True),
    "back at the default, no annotation": (ON_CN1, HOSTS, Wish(9000, 1500), True),
    "one device differs": (
        AT_9000,
        JUMBO | {"n2": {"mgmt-bo": 9000, "mgmt-br": 1500}},
        UP,
        False,
    ),
    "the annotation differs": (ON_CN1, JUMBO, UP, False),
    "a profile differs": (AT_9000, JUMBO, UP._replace(profiles=PROFILES), False),
    "a VM network differs": (having(NOTED[0], on=ON_CN1), JUMBO, UP, False),
    "a node was not looked at": (
        AT_9000,
        {name: JUMBO[name] for name in NODES[:3]},
        UP,
        False,
    ),
    "no change is asked for": (ON_CN1, HOSTS, Wish(1500, 1500), False),
    "Harvester alone is told": (AT_9000, JUMBO, TOLD, False),
}


@pytest.mark.parametrize("name", REACHED)
def test_whether_a_second_run_has_anything_to_do(name: str) -> None:
    snapshot, hosts, wish, wanted = REACHED[name]
    assert reached(snapshot, hosts, wish) is wanted


def test_without_vms_nothing_is_stopped() -> None:
    assert case(BASE, UP._replace(stop_pod_network_vms=False, running_vms="keep")).stops == ()
