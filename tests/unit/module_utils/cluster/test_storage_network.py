# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network's library: volumes and pods, what a change waits for, what is released, recorded and put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from cases_setting import GOOD, WIDE
from cluster_objects import (
    BASE,
    having,
    held_volume,
    instance_manager,
    lacking,
    node,
    put,
    setting,
    thing,
    vmi,
    volume,
)
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster import _goal
from ansible_collections.harvester.network.plugins.module_utils.cluster._effects import after
from ansible_collections.harvester.network.plugins.module_utils.cluster._plan import judge
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.storage import (
    _addresses,
    _pods,
    _preflight,
    _volumes,
    _wait,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _storage_network
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._storage_network import Recorded
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

TEXT = json.dumps(GOOD, separators=(",", ":"))
MARK = "storage-network.settings.harvesterhci.io/"
RWX = "rwx-network.settings.harvesterhci.io/"
NAD = "harvester-system/storagenetwork-abcde"
EMPTY_SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SHARE = '{"share-storage-network":true}'
NO_SHARE = '{"share-storage-network":false}'


def longhorn(value: str, name: str = "storage-network") -> Any:
    return thing("longhorn_settings", name, "longhorn-system", value=value)


# -- pods ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotations", "asks", "addresses"),
    [
        ({}, False, ()),
        ({"networks": "harvester-system/storagenetwork-abcde@lhnet1"}, True, ()),
        ({"networks": "a/b,c/d@lhnet2"}, False, ()),
        ({"networks": '[{"namespace":"a","name":"b","interface":"lhnet1"}]'}, True, ()),
        ({"network-status": '[{"name":"a/b","interface":"lhnet1","ips":["10.9.0.1"]},null]'}, False, ("10.9.0.1",)),
        ({"network-status": '[{"name":"a/b","interface":"lhnet1"}]'}, False, ()),
        ({"network-status": "{}", "networks": "7"}, False, ()),
        ({"network-status": "[{"}, False, ()),
    ],
    ids=str,
)
def test_multus_annotations(annotations: Mapping[str, str], asks: bool, addresses: tuple[str, ...]) -> None:
    marks = {"k8s.v1.cni.cncf.io/" + word: text for word, text in annotations.items()}
    pod = thing("longhorn_pods", "im", "longhorn-system", annotations=marks, spec={"nodeName": "n1"})
    manager = _pods.InstanceManager.read(pod)
    assert (manager.asks, manager.addresses) == (asks, addresses)


def test_other_pods_of_longhorn_are_no_instance_managers() -> None:
    other = thing("longhorn_pods", "bim", "longhorn-system", labels={"longhorn.io/component": "backing-image-manager"})
    assert [manager.node for manager in _pods.instance_managers(having(other))] == ["n1", "n2", "n3"]


# -- volumes ---------------------------------------------------------------------------------------------------------

LAUNCHER = ("virt-launcher-vm1-x", "VirtualMachineInstance", "vm1")


@pytest.mark.parametrize(
    ("workloads", "with_vm"),
    [
        ([LAUNCHER], True),
        ([LAUNCHER, ("hp-volume-x", "Pod", "virt-launcher-vm1-x")], True),
        ([("virt-launcher-pool-x", "VirtualMachineInstance", "no-vm")], False),
        ([LAUNCHER, ("web-0", "StatefulSet", "web")], False),
        ([("virt-launcher-vm1-x", "", "")], True),
        ([], False),
    ],
    ids=str,
)
def test_volumes_that_detach_with_their_vm(workloads: list[tuple[str, str, str]], with_vm: bool) -> None:
    (found,) = _volumes.attached(having(held_volume("pvc-1", "disk", *workloads)))
    assert (found.with_vm, found.claim, found.node) == (with_vm, "default/disk", "n1")


def test_workloads_of_the_past_hold_nothing() -> None:
    item = held_volume("pvc-1", "disk", ("web-0", "StatefulSet", "web"))
    item["status"]["kubernetesStatus"]["lastPodRefAt"] = "2026-01-01T00:00:00Z"
    (found,) = _volumes.attached(having(item))
    assert found.workloads == ()
    assert found.holder == "default/disk is attached to node n1 without a pod (a backup, an export, or by hand)"


def test_stopped_vms_take_their_volumes_along_and_nothing_else() -> None:
    start = having(
        held_volume("pvc-1", "disk", LAUNCHER),
        held_volume("pvc-2", "data", ("web-0", "StatefulSet", "web")),
        volume("pvc-3", "detaching"),
    )
    end = _preflight.vms_stopped(start)
    assert end.vmis == {}
    assert all(found.stopped(None) and found.halted for found in end.vms.values())
    assert [found.name for found in _volumes.attached(end)] == ["pvc-2", "pvc-3"]


def test_instances_without_a_vm_stay() -> None:
    end = _preflight.vms_stopped(having(vmi("alone", "pod")))
    assert list(end.vmis) == ["default/alone"]


def test_spec_running_goes_where_a_strategy_comes() -> None:
    old = thing("vms", "old", "default", spec={"running": True, "template": {}}, status={"printableStatus": "Running"})
    stopped = _preflight.vms_stopped(having(old)).get("vms", "old", "default")
    assert stopped is not None
    assert stopped["spec"] == {"runStrategy": "Halted", "template": {}}


# -- waiting ---------------------------------------------------------------------------------------------------------

ADDRESSES = ("10.9.0.1", "10.9.0.2", "10.9.0.3")


def done(text: str = TEXT, state: str = "Completed", sha1: str = "", found: str = NAD, wanted: str = NAD) -> Any:
    """The objects of a storage network that is on."""
    marks = {MARK + "hash": sha1 or _wait.digest(text), MARK + "net-attach-def": wanted}
    managers = [instance_manager("n%d" % (place + 1), ip) for place, ip in enumerate(ADDRESSES)]
    return (setting("storage-network", text, state, **marks), longhorn(found), *managers)


def off(*managers: Any, found: str = "", sha1: str = EMPTY_SHA1) -> Any:
    marks = {MARK + "hash": sha1, MARK + "net-attach-def": ""}
    return (setting("storage-network", "", "Completed", **marks), longhorn(found), *managers)


WAITS = [
    ("on", done(), TEXT, []),
    (
        "hash of the value before",
        done(sha1="d0"),
        TEXT,
        ["setting 'storage-network': Harvester has not taken up the value yet"],
    ),
    (
        "in progress",
        done(state="In Progress"),
        TEXT,
        ["setting 'storage-network': condition configured is not True: In Progress"],
    ),
    ("Longhorn is behind", done(found=""), TEXT, ["Longhorn's setting storage-network is '' instead of '%s'" % NAD]),
    (
        "somebody else's value",
        done(),
        TEXT + " ",
        ["setting 'storage-network': its value is another one than was written"],
    ),
    (
        "no annotation",
        [*done(), setting("storage-network", TEXT)],
        TEXT,
        ["setting 'storage-network': Harvester has not taken up the value yet"],
    ),
    (
        "no lhnet1",
        [*done(), instance_manager("n2")],
        TEXT,
        ["node n2: instance-manager instance-manager-n2 has no lhnet1"],
    ),
    (
        "an address of elsewhere",
        [*done(), instance_manager("n2", "10.7.0.9")],
        TEXT,
        ["node n2: instance-manager instance-manager-n2 has 10.7.0.9, which is not of range 10.9.0.0/24"],
    ),
    (
        "an address that is excluded",
        done(json.dumps({**GOOD, "exclude": ["10.9.0.2/32"]})),
        json.dumps({**GOOD, "exclude": ["10.9.0.2/32"]}),
        ["node n2: instance-manager instance-manager-n2 has 10.9.0.2, which is not of range 10.9.0.0/24"],
    ),
    (
        "one that starts",
        [*done(), instance_manager("n2", phase="Pending")],
        TEXT,
        [
            "node n2: no instance-manager is Running",
            "node n2: instance-manager instance-manager-n2 is not Running",
        ],
    ),
    (
        "a second one that goes",
        [*done(), instance_manager("n2", "10.9.0.9", name="old", deletionTimestamp="2026-01-01T00:00:00Z")],
        TEXT,
        ["node n2: instance-manager old is not Running"],
    ),
    ("off", off(), "", []),
    ("never on", [setting("storage-network")], "", []),
    (
        "off, the old hash",
        off(sha1="d0"),
        "",
        ["setting 'storage-network': Harvester has not taken up the value yet"],
    ),
    ("off, Longhorn is behind", off(found=NAD), "", ["Longhorn's setting storage-network is '%s' instead of ''" % NAD]),
    (
        "off, lhnet1 is still there",
        off(instance_manager("n3", "10.9.0.3")),
        "",
        ["node n3: instance-manager instance-manager-n3 still has lhnet1"],
    ),
]


@pytest.mark.parametrize(("objects", "text", "missing"), [item[1:] for item in WAITS], ids=[item[0] for item in WAITS])
def test_what_the_storage_network_waits_for(objects: Any, text: str, missing: list[str]) -> None:
    assert _wait.lacking(having(*objects), "storage-network", text) == missing


def rwx(text: str, found: str, wanted: str = "") -> Snapshot:
    marks = {RWX + "hash": _wait.digest(text), RWX + "net-attach-def": wanted}
    item = setting("rwx-network", text, "Completed", default=NO_SHARE, **marks)
    return having(item, longhorn(found, "endpoint-network-for-rwx-volume"), on=having(*done()))


RWX_BEHIND = "Longhorn's setting endpoint-network-for-rwx-volume is '%s' instead of '%s'"


@pytest.mark.parametrize(
    ("live", "text", "missing"),
    [
        (rwx(SHARE, NAD), SHARE, []),
        (rwx(SHARE, ""), SHARE, [RWX_BEHIND % ("", NAD)]),
        (rwx(NO_SHARE, ""), NO_SHARE, []),
        (rwx(NO_SHARE, NAD), NO_SHARE, [RWX_BEHIND % (NAD, "")]),
        (having(setting("rwx-network", "", default=NO_SHARE)), NO_SHARE, []),
        (BASE, NO_SHARE, ["setting 'rwx-network' is not there"]),
    ],
)
def test_what_the_rwx_network_waits_for(live: Snapshot, text: str, missing: list[str]) -> None:
    assert _wait.lacking(live, "rwx-network", text) == missing


def test_the_migration_network_waits_for_hash_and_condition() -> None:
    mark = "vm-migration-network.settings.harvesterhci.io/hash"
    item = setting("vm-migration-network", TEXT, "Completed", **{mark: _wait.digest(TEXT)})
    assert _wait.lacking(having(item), "vm-migration-network", TEXT) == []
    assert _wait.lacking(having({**item, "status": {}}), "vm-migration-network", TEXT) == [
        "setting 'vm-migration-network': condition configured is not True: no reason given"
    ]


def test_the_last_message_of_a_condition_is_shown() -> None:
    item = {**done(state="In Progress")[0]}
    item["status"] = {
        "conditions": [
            {
                "type": "configured",
                "status": "False",
                "reason": "In Progress",
                "message": "waiting for all volumes detached: a",
            }
        ]
    }
    assert _wait.lacking(having(item), "storage-network", TEXT) == [
        "setting 'storage-network': condition configured is not True: waiting for all volumes detached: a",
        *("node n%d: instance-manager instance-manager-n%d has no lhnet1" % (place, place) for place in (1, 2, 3)),
    ]


def test_every_node_but_witnesses_needs_an_instance_manager() -> None:
    live = lacking("longhorn_pods/longhorn-system/instance-manager-n2", on=having(*done()))
    assert _wait.lacking(live, "storage-network", TEXT) == ["node n2: no instance-manager is Running"]
    assert _wait.lacking(live, "storage-network", TEXT, ["n2"]) == []
    bigger = having(node("n4"), on=having(*done()))
    assert _wait.lacking(bigger, "storage-network", TEXT) == ["node n4: no instance-manager is Running"]


def test_what_the_change_leads_to_is_what_is_waited_for() -> None:
    """On and off: nothing is missing in the state that _effects leaves."""
    start = having(longhorn(""), on=WIDE)
    on = after(start, put(setting("storage-network", GOOD)))
    assert _wait.lacking(on, "storage-network", TEXT) == []
    assert [manager.addresses for manager in _pods.instance_managers(on)] == [(ip,) for ip in ADDRESSES]
    gone = after(on, put(setting("storage-network")))
    assert _wait.lacking(gone, "storage-network", "") == []


def test_the_pool_of_a_range() -> None:
    assert _addresses.pool_name("192.168.60.0/24") == "192.168.60.0-24"


# -- what is released, recorded and put back --------------------------------------------------------------------------

STORAGE = '{ "vlan":50,"range" : "10.9.0.0/24","clusterNetwork":"cn1" }'
"""As somebody wrote it by hand."""


def shared(version: str = "v1.8.2", storage: str = STORAGE, **others: str) -> Snapshot:
    """A cluster with these values of network settings."""
    items = [setting("server-version", version), setting("storage-network", storage, "Completed")]
    defaults = {"rwx-network": NO_SHARE}
    for name in ("rwx-network", "vm-migration-network"):
        text = others.get(name.split("-")[0], "")
        items.append(setting(name, text, "Completed", default=defaults.get(name, "")))
    return having(*items, longhorn(NAD), longhorn("", "endpoint-network-for-rwx-volume"), on=WIDE)


def named(steps: Any) -> list[tuple[str, str]]:
    """Setting and value of every step that writes."""
    return [(step.name, step.patch["value"]) for step in steps if step.writes]


OWN = json.dumps({"share-storage-network": False, "network": {**GOOD, "vlan": 51, "range": "10.8.0.0/24"}})
OTHER = json.dumps({**GOOD, "clusterNetwork": "mgmt", "vlan": 52, "range": "10.7.0.0/24"})
SAME = json.dumps({**GOOD, "vlan": 53, "range": "10.6.0.0/24"})

RELEASES = [
    ("alone", shared(), [("storage-network", "")]),
    ("shared", shared(rwx=SHARE), [("rwx-network", NO_SHARE), ("storage-network", "")]),
    ("an RWX network of its own, before 1.9", shared(rwx=OWN, vm=SAME), [("storage-network", "")]),
    (
        "an RWX network of its own, 1.9",
        shared("v1.9.0", rwx=OWN, vm=SAME),
        [("rwx-network", NO_SHARE), ("vm-migration-network", ""), ("storage-network", "")],
    ),
    ("a migration network elsewhere, 1.9", shared("v1.9.0", vm=OTHER), [("storage-network", "")]),
    ("off", shared(storage=""), []),
    ("off, with an RWX network of its own, 1.9", shared("v1.9.0", storage="", rwx=OWN), []),
]


@pytest.mark.parametrize(("start", "writes"), [item[1:] for item in RELEASES], ids=[item[0] for item in RELEASES])
def test_what_is_released_and_put_back(start: Snapshot, writes: list[tuple[str, str]]) -> None:
    """What shares the network goes first and comes back last, each value as it was, to the byte."""
    plan = _storage_network.plan(start, {"state": "disabled"})
    assert named(plan.steps) == writes
    before = {name: (start.get("settings", name) or {})["value"] for name, _value in writes}
    assert [tuple(entry) for entry in plan.recorded] == [(name, before[name]) for name, _value in writes]
    end = judge(start, plan.steps).end
    back = _storage_network.restored(end, plan.recorded)
    assert named(back) == [(name, before[name]) for name, _value in reversed(writes)]


@pytest.mark.parametrize(
    ("start", "settings", "writes"),
    [
        (shared(rwx=OWN, vm=SAME), ["vm-migration-network"], [("vm-migration-network", "")]),
        (shared(rwx=OWN), ["rwx-network"], [("rwx-network", NO_SHARE)]),
        (
            shared(rwx=OWN, vm=SAME),
            ["storage-network", "vm-migration-network", "rwx-network"],
            [("vm-migration-network", ""), ("rwx-network", NO_SHARE), ("storage-network", "")],
        ),
        (shared(rwx=SHARE), ["storage-network"], [("rwx-network", NO_SHARE), ("storage-network", "")]),
        (shared(vm=""), ["vm-migration-network"], []),
        (shared(vm=SAME), [], []),
    ],
    ids=["migration", "RWX", "all", "RWX shares it", "has none", "nothing"],
)
def test_named_settings_are_released_whatever_the_version(
    start: Snapshot, settings: list[str], writes: list[tuple[str, str]]
) -> None:
    plan = _storage_network.plan(start, {"state": "disabled", "settings": settings})
    assert named(plan.steps) == writes
    before = {name: (start.get("settings", name) or {})["value"] for name, _value in writes}
    assert [tuple(entry) for entry in plan.recorded] == [(name, before[name]) for name, _value in writes]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"state": "enabled", "settings": ["storage-network"]},
            (
                "setting 'storage-network': settings=storage-network: it does not go with state=enabled; leave it out,"
                " or give state=disabled"
            ),
        ),
        (
            {"state": "disabled", "settings": ["rwx-network"]},
            "setting 'storage-network': settings=rwx-network: the cluster has no such setting; leave it out",
        ),
    ],
    ids=["enabled", "no such setting"],
)
def test_settings_that_cannot_be_released(options: dict[str, Any], message: str) -> None:
    start = shared().without("settings", "rwx-network")
    with pytest.raises(ValidationError) as caught:
        _storage_network.plan(start, options)
    assert str(caught.value) == message


def test_an_interrupted_release_goes_on_with_what_was_recorded() -> None:
    """The first call has released rwx-network, and was lost before it could tell more."""
    start = shared(rwx=SHARE)
    first = _storage_network.plan(start, {"state": "disabled"})
    half = judge(start, first.steps[:1]).end
    earlier = [entry._asdict() for entry in first.recorded[:1]]
    second = _storage_network.plan(half, {"state": "disabled", "recorded": earlier})
    assert second.recorded == first.recorded
    assert named(second.steps) == [("storage-network", "")]
    assert [step.name for step in second.steps] == ["rwx-network", "storage-network"]
    goal = _goal.of_plan(second.steps, judge(half, second.steps).end)
    assert goal.settings == {"rwx-network": NO_SHARE, "storage-network": ""}


def test_what_was_recorded_first_counts() -> None:
    """The value in the cluster now is that of the release, not the one to put back."""
    earlier = [{"setting": "storage-network", "value": STORAGE}]
    plan = _storage_network.plan(shared(storage=TEXT), {"state": "disabled", "recorded": earlier})
    assert plan.recorded == (Recorded("storage-network", STORAGE),)


def test_a_release_that_is_in_progress_is_waited_for_and_no_objection() -> None:
    start = shared(rwx=NO_SHARE).put("settings", setting("rwx-network", NO_SHARE, "In Progress", default=NO_SHARE))
    given = {"state": "disabled", "recorded": [{"setting": "rwx-network", "value": SHARE}]}
    plan = _storage_network.plan(start, given)
    rules = [objection.rule for objection in judge(start, plan.steps).objections]
    assert "storage-network-others-in-progress" in rules
    settled = _preflight.settled(start, plan.steps)
    assert "storage-network-others-in-progress" not in [one.rule for one in judge(settled, plan.steps).objections]


@pytest.mark.parametrize(
    "text",
    [
        STORAGE,
        TEXT,
        '{"range":"10.9.0.0/24","vlan":"50","clusterNetwork":"cn1","exclude":[]}',
        '{"range":"10.9.0.0/24","vlan":50,"clusterNetwork":"cn1","exclude":null,"exclusiveVlan":false}',
    ],
)
def test_a_value_that_means_the_same_is_not_written(text: str) -> None:
    options = {"cluster_network": "cn1", "vlan_id": 50, "range": "10.9.0.0/24"}
    enabled = _storage_network.plan(shared(storage=text), {"state": "enabled", **options})
    recorded = {"state": "recorded", "recorded": [{"setting": "storage-network", "value": STORAGE}]}
    again = _storage_network.plan(shared(storage=text), recorded)
    assert (named(enabled.steps), named(again.steps)) == ([], [])


def test_the_order_of_exclusions_means_nothing() -> None:
    text = json.dumps({**GOOD, "exclude": ["10.9.0.0/30", "10.9.0.8/30"]})
    options = {"state": "enabled", "exclude": ["10.9.0.8/30", "10.9.0.0/30"]}
    assert named(_storage_network.plan(shared(storage=text), options).steps) == []


@pytest.mark.parametrize(
    ("storage", "options", "text"),
    [
        (
            "",
            {"cluster_network": "cn1", "vlan_id": 50, "range": "10.9.0.0/24"},
            '{"vlan":50,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}',
        ),
        (TEXT, {"vlan_id": 60}, '{"vlan":60,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}'),
        (TEXT, {"vlan_id": 0}, '{"vlan":0,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}'),
        (
            TEXT,
            {"exclude": ["10.9.0.0/30"]},
            '{"vlan":50,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":["10.9.0.0/30"]}',
        ),
        (
            json.dumps({**GOOD, "exclude": ["10.9.0.0/30"]}),
            {"exclude": None},
            '{"vlan":50,"clusterNetwork":"cn1","range":"10.9.0.0/24","exclude":[]}',
        ),
        (
            json.dumps({**GOOD, "exclude": ["10.9.0.0/30"], "exclusiveVlan": True}),
            {"range": "10.9.0.0/23"},
            '{"vlan":50,"clusterNetwork":"cn1","range":"10.9.0.0/23","exclude":["10.9.0.0/30"],"exclusiveVlan":true}',
        ),
    ],
    ids=str,
)
def test_what_is_not_given_stays(storage: str, options: dict[str, Any], text: str) -> None:
    plan = _storage_network.plan(shared("v1.9.0", storage), {"state": "enabled", **options})
    assert named(plan.steps) == [("storage-network", text)]
    assert plan.recorded == ((Recorded("storage-network", storage),) if storage else ())


NETWORKS = st.integers(0, 200).map(lambda third: "10.%d.0.0/24" % third)
SPACES = st.text(" \n\t", max_size=3)


@given(st.integers(2, 4094), NETWORKS, SPACES, st.booleans(), st.permutations(["vlan", "range", "clusterNetwork"]))
def test_off_and_on_again_is_the_same_to_the_byte(
    vlan: int, text: str, space: str, share: bool, order: list[str]
) -> None:
    value = {"vlan": vlan, "range": text, "clusterNetwork": "cn1"}
    written = space + json.dumps({word: value[word] for word in order}) + space
    start = shared(storage=written, rwx=SHARE if share else "")
    plan = _storage_network.plan(start, {"state": "disabled"})
    end = judge(start, plan.steps).end
    back = judge(end, _storage_network.restored(end, plan.recorded)).end
    for name in ("storage-network", "rwx-network"):
        found = [(state.get("settings", name) or {})["value"] for state in (start, back)]
        assert found[0] == found[1]


# -- there and back --------------------------------------------------------------------------------------------------


def back(start: Snapshot) -> list[str]:
    plan = _storage_network.plan(start, {"state": "disabled"})
    judged = judge(start, plan.steps)
    return [str(one) for one in _preflight.way_back(judged, _storage_network.restored(judged.end, plan.recorded))]


def on(*items: Any) -> Snapshot:
    """The storage network is on, with an lhnet1 on every instance-manager, and no VM runs."""
    return having(*done(), *items, on=WIDE)


def test_a_network_that_can_come_back_meets_no_objection() -> None:
    start = on()
    plan = _storage_network.plan(start, {"state": "disabled"})
    assert judge(start, plan.steps).objections == []
    assert back(start) == []


def test_a_new_node_without_the_cluster_network_would_keep_it_off() -> None:
    start = on(node("n4"), instance_manager("n4", "10.9.0.4"))
    assert back(start) == [
        (
            "setting 'storage-network': it could not be enabled again: vlanconfig does not span n4; give cluster"
            " network 'cn1' a network configuration there"
        ),
    ]


def test_what_speaks_against_both_ways_is_told_once() -> None:
    start = on(volume("v2", "detached", dataEngine="v2"))
    plan = _storage_network.plan(start, {"state": "disabled"})
    assert [one.rule for one in judge(start, plan.steps).objections] == ["storage-network-v2-volumes"]
    assert back(start) == []


def test_options_pass_over_one_rule_each() -> None:
    start = on(volume("v2", "detached", dataEngine="v2"))
    found = judge(start, _storage_network.plan(start, {"state": "disabled"}).steps).objections
    assert _preflight.not_allowed(found, {"allow_v2_volumes": True}) == []
    assert _preflight.not_allowed(found, {"allow_in_progress": True, "allow_v2_volumes": False}) == found
