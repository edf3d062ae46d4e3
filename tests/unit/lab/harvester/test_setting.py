# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's webhook for the setting storage-network, rule by rule (facts, 2.6 and 2.7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from standin_objects import cluster, config, network, node, obj, refusal, refused, setting, status, vm, vmi

from lab.harvester import kinds
from lab.harvester.kinds import LONGHORN_NODE, LONGHORN_VOLUME
from lab.harvester.objects import Obj
from lab.harvester.webhooks.setting import WEBHOOKS, is_stopped

(HOOK,) = WEBHOOKS
SPAN = [config("a", nodes=["node1", "node2", "node3"]), *(status(f"s{n}", "a", f"node{n}") for n in (1, 2, 3))]
STORES = [obj(LONGHORN_NODE, f"node{n}", "longhorn-system", spec={"disks": {"one": {}}}, status={}) for n in (1, 2, 3)]
STOP_VMS = "Please stop all VMs before configuring the storage-network setting"
STOP_WORKLOADS = "please stop all workloads before configuring the storage-network setting"


def wanted(**value: Any) -> Obj:
    found = {"clusterNetwork": "cn1", "vlan": 100, "range": "192.168.0.0/24", **value}
    return setting("storage-network", json.dumps(found))


def volume(state: str = "attached", pvc: str = "disk", namespace: str = "default") -> Obj:
    said = {"state": state, "kubernetesStatus": {"pvcName": pvc, "namespace": namespace}}
    return obj(LONGHORN_VOLUME, "pvc-1", "longhorn-system", spec={}, status=said)


def said(new: Obj, *objects: Obj, version: str = "1.8", old: Obj | None = None) -> tuple[int, str] | None:
    view = cluster(*SPAN, *STORES, *objects)
    found = refused(HOOK, view, old=old or setting("storage-network"), new=new, version=version)
    return (found.code, found.message) if found else None


@pytest.mark.parametrize(
    ("new", "objects", "message"),
    [
        (wanted(), [], ""),
        (wanted(vlan=4095), [], "the valid value range for VLAN IDs is 0 to 4094, not 4095"),
        (wanted(clusterNetwork="mgmt"), [], ""),
        (wanted(clusterNetwork="mgmt", vlan=0), [], "network with vlan id 0 not allowed on mgmt cluster"),
        (wanted(clusterNetwork="mgmt", vlan=1), [], "network with vlan id 1 not allowed on mgmt cluster"),
        (wanted(clusterNetwork="cn2"), [], "cluster network cn2 not found"),
        (wanted(clusterNetwork="cn2"), [network("cn2")], "vlan status not present for cluster network cn2"),
        (wanted(), [status("s1", "a", "node1", ready=False)], "vs s1 status is not Ready"),
        (wanted(), [config("a", nodes=["node1", "node2"])], "vlanconfig does not span node3"),
        (wanted(), [config("a", nodes=["node1", "node2"]), node("node3", witness=True)], ""),
        (wanted(), [config("b", nodes=None)], "vlan config annotations is absent for matched nodes: b"),
        (wanted(range="192.168.0.1/24"), [], "range should be subnet CIDR 192.168.0.0/24"),
        (wanted(range="10.0.0.0/15"), [], "range 10.0.0.0/15 is larger than /16"),
        (wanted(exclude=["192.168.0.0/28", "192.168.0.64/28"]), [], ""),
        (wanted(exclude=["192.168.1.0/28"]), [], "exclude 192.168.1.0/28 is not in range 192.168.0.0/24"),
        (wanted(exclude=["192.168.0.0/24"]), [], "exclude 192.168.0.0/24 covers the whole range 192.168.0.0/24"),
        (
            wanted(exclude=["192.168.0.0/27", "192.168.0.16/28"]),
            [],
            "exclude 192.168.0.16/28 overlaps with 192.168.0.0/27",
        ),
        (wanted(exclude=["192.168.0.0/27", "192.168.0.64/28", "192.168.0.16/28"]), [], ""),
        (wanted(range="192.168.0.0/28"), [], ""),
        (
            wanted(range="192.168.0.0/29"),
            [],
            "range 192.168.0.0/29 has 6 usable addresses, at least 12 are needed",
        ),
        (
            wanted(range="192.168.0.0/27"),
            [setting("rwx-network", '{"share-storage-network":true}')],
            "range 192.168.0.0/27 has 30 usable addresses, at least 47 are needed",
        ),
        (
            wanted(),
            [setting("vm-migration-network", '{"range":"192.168.0.128/25"}')],
            "range 192.168.0.0/24 overlaps with 192.168.0.128/25 of setting vm-migration-network",
        ),
        (
            wanted(),
            [setting("rwx-network", '{"network":{"range":"192.168.0.0/16"}}')],
            "range 192.168.0.0/24 overlaps with 192.168.0.0/16 of setting rwx-network",
        ),
    ],
)
def test_value(new: Obj, objects: list[Obj], message: str) -> None:
    assert said(new, *objects) == ((422, message) if message else None)


def test_configurations_without_nodes_are_skipped_from_1_9() -> None:
    assert said(wanted(), config("b", nodes=None), version="1.9") is None


@pytest.mark.parametrize("new", [wanted(), setting("storage-network", "")], ids=["enable", "disable"])
@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([vm("v", strategy="Always", printable="Running")], STOP_VMS),
        ([vm("v")], ""),
        ([vm("v", strategy="RerunOnFailure"), vmi("v", [], phase="Succeeded")], ""),
        ([vm("v", strategy="RerunOnFailure"), vmi("v", [])], STOP_VMS),
        ([volume()], STOP_WORKLOADS),
        ([volume("detached")], ""),
        ([volume(pvc="prometheus-db", namespace="cattle-monitoring-system")], ""),
        ([volume(pvc="prometheus-db")], STOP_WORKLOADS),
        ([volume(pvc="vm-import-controller")], ""),
        ([volume(pvc="data-vcluster-0")], "please stop vcluster before configuring the storage-network setting"),
    ],
)
def test_state(new: Obj, objects: list[Obj], message: str) -> None:
    old = setting("storage-network", '{"range":"10.0.0.0/16"}')
    assert said(new, *objects, old=old) == ((422, message) if message else None)


def test_an_unchanged_value_is_not_judged() -> None:
    assert said(wanted(), vm("v", printable="Running"), old=wanted()) is None


@pytest.mark.parametrize(("version", "locked"), [("1.7", False), ("1.8", True), ("1.9", True)])
def test_a_change_that_is_going_on(version: str, locked: bool) -> None:
    conditions = [{"type": "configured", "status": "False", "reason": "In Progress"}]
    old = setting("storage-network", "x", status={"conditions": conditions})
    message = "storage-network setting is in progress, please wait until it is completed"
    assert said(wanted(), old=old, version=version) == ((409, message) if locked else None)
    assert said(setting("storage-network", ""), old=old, version=version) is None


def test_clearing_while_shared() -> None:
    shared = setting("rwx-network", '{"share-storage-network":true}')
    assert said(setting("storage-network", ""), shared, old=wanted()) == (
        422,
        "storage-network can't be cleared while rwx-network has share-storage-network true",
    )


@pytest.mark.parametrize(("name", "kept"), [("storage-network", True), ("rwx-network", True), ("ui-index", False)])
def test_delete(name: str, kept: bool) -> None:
    found = refused(HOOK, cluster(), old=setting(name))
    assert (found and (found.code, found.message)) == ((405, f"Disallow delete setting name {name}") if kept else None)


@pytest.mark.parametrize(
    ("machine", "instance", "stopped"),
    [
        (vm("v"), None, True),
        (vm("v"), vmi("v", []), True),
        (vm("v", printable="Running"), None, False),
        (vm("v", strategy="RerunOnFailure"), None, True),
        (vm("v", strategy="RerunOnFailure"), vmi("v", [], phase="Failed"), True),
        (vm("v", strategy="RerunOnFailure"), vmi("v", []), False),
    ],
)
def test_what_counts_as_stopped(machine: Obj, instance: Obj | None, stopped: bool) -> None:
    assert is_stopped(machine, instance) is stopped


# --- the other networks

RWX = "rwx-network"
MIGRATION = "vm-migration-network"


def other(name: str, value: str, *objects: Obj, before: str = "") -> str:
    return refusal(HOOK, cluster(*objects), old=setting(name, before), new=setting(name, value))


def rwx_volume(state: str, **spec: Any) -> Obj:
    return obj(kinds.LONGHORN_VOLUME, "v", "longhorn-system", spec=spec, status={"state": state})


@pytest.mark.parametrize(
    ("name", "value", "objects", "said"),
    [
        (RWX, '{"share-storage-network":false,"sharing":1}', [], 'json: unknown field "sharing"'),
        (
            RWX,
            '{"share-storage-network":true}',
            [setting("storage-network")],
            "share-storage-network needs a configured storage-network",
        ),
        (RWX, '{"share-storage-network":true}', [setting("storage-network", '{"vlan":5}')], ""),
        (
            RWX,
            "",
            [rwx_volume("attached", accessMode="rwx")],
            "please detach RWX volume v before configuring the rwx-network setting",
        ),
        (RWX, "", [rwx_volume("attached", accessMode="rwx", migratable=True)], ""),
        (RWX, "", [rwx_volume("detached", accessMode="rwx")], ""),
        (
            RWX,
            '{"network":{"range":"10.1.0.0/27"}}',
            [],
            "range 10.1.0.0/27 has 30 usable addresses, at least 35 are needed",
        ),
        (RWX, '{"network":{"range":"10.1.0.0/26"}}', [], ""),
        (MIGRATION, '{"range":"10.1.0.0/30"}', [], "range 10.1.0.0/30 has 2 usable addresses, at least 3 are needed"),
        (MIGRATION, '{"range":"10.1.0.0/29"}', [], ""),
        (
            MIGRATION,
            '{"range":"10.1.0.0/29"}',
            [obj(kinds.MIGRATION, "m", "default", status={"phase": "Running"})],
            "migration default/m is in progress, please wait until it is completed",
        ),
        (MIGRATION, '{"range":"10.1.0.0/29"}', [obj(kinds.MIGRATION, "m", "default", status={"phase": "Failed"})], ""),
    ],
)
def test_the_other_networks(name: str, value: str, objects: list[Obj], said: str) -> None:
    assert other(name, value, *objects, before='{"share-storage-network":false}' if name == RWX else "") == said
