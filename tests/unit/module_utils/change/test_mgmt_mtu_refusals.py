# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: what speaks against it, and whether there is anything to do."""

from __future__ import annotations

import pytest
from cluster_objects import BASE, having, held_volume, host_config, nad, network, setting, vm
from mgmt_mtu_cases import (
    AT_9000,
    CLUSTER,
    HOSTS,
    JUMBO,
    KEPT,
    NODES,
    NOTED,
    ON_CN1,
    ON_MGMT,
    ON_OVERLAY,
    PORTS,
    PROFILES,
    TOLD,
    UP,
    VALUE,
    WHERE,
    in_use,
)

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import Wish, case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_refusals import (
    reached,
    refusals,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

HELD = held_volume("pvc-1", "data", ("web-0", "StatefulSet", "web"))
UNDERLAY = host_config("under", "mgmt", 2040, underlay=True)
OVERLAY_ELSEWHERE = nad("ovn", "cn1", None, type="kube-ovn")
HELM = {"meta.helm.sh/release-name": "shop"}
OFFICE = nad("mgmt200", "mgmt", 200, annotations=HELM)
ARGO = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "x"}}}

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
            OFFICE,
            on=ON_CN1,
        ),
        HOSTS,
        UP,
        [
            WHERE + "change_gitops_paused=false: others put back what this change writes: cluster network 'mgmt' (Argo"
            " CD), VM network 'default/mgmt200' (Helm release shop), VM 'default/m1' (Helm release shop); pause them,"
            " then give true"
        ],
    ),
    "told alone, a VM network that follows is managed by others": (
        having(OFFICE, nad("mgmt300", "mgmt", 300, annotations=HELM, mtu=9000), on=ON_CN1),
        JUMBO,
        TOLD,
        [
            WHERE + "change_gitops_paused=false: others put back what this change writes: VM network 'default/mgmt200'"
            " (Helm release shop); pause them, then give true"
        ],
    ),
    "networks that do not follow are managed by others": (
        having(
            nad("ovn", "mgmt", None, type="kube-ovn", annotations=HELM),
            nad("storagenetwork-abcde", "mgmt", 60, namespace="harvester-system", annotations=HELM),
            on=ON_CN1,
        ),
        HOSTS,
        UP,
        [],
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
