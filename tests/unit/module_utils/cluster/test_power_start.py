# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting what was stopped: run strategy and power as they were, in batches, canaries first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from cluster_objects import having, lacking, thing
from hypothesis import given
from hypothesis import strategies as st
from power_cluster import Kubevirt, machine

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._vms import Interface
from ansible_collections.harvester.network.plugins.module_utils.cluster.power import _record, _schedules
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._again import LEFT, LONGER
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._order import Order
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._procedures import Start, Stop
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._record import Entry
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._run import Procedure
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._start import (
    Pace,
    left_halted,
    start_turn,
)
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

GONE = (
    "it was stopped and cannot be started; if its owner has deleted it for good, name it in change_gone_vms"
    " (option gone of vm_power)"
)
ANEW = (
    "look at it; if its owner has made it anew, name it in change_gone_vms (option gone of vm_power), and start it"
    " yourself"
)

NOON = datetime(2026, 11, 26, 12, 0, 30)
EMPTY = lacking("vms/default/vm1", "vmis/default/vm1", "vms/default/pod1", "vmis/default/pod1", "vms/default/idle")


def entry(name: str, strategy: str = "RerunOnFailure", phase: str = "Running", on: str = "n1", **fields: Any) -> Entry:
    return Entry("default", name, fields.pop("uid", "uid-" + name), strategy, phase=phase, node=on, **fields)


def off(name: str, *networks: str) -> list[Any]:
    return machine(name, *(networks or ("vlan100",)), strategy="Halted", phase="")


def cluster(*groups: Iterable[Any], on: Snapshot = EMPTY) -> Snapshot:
    return having(*(item for group in groups for item in group), on=on)


def strategies(kubevirt: Kubevirt) -> dict[str, str]:
    return {vm.name: vm.run_strategy for vm in kubevirt.state.vms.values()}


def drive(kubevirt: Kubevirt, procedure: Procedure, looks: int = 40) -> list[list[str]]:
    """The names that each look wrote, until nothing is missing."""
    written: list[list[str]] = []
    procedure.judge(kubevirt.state)
    for now in range(looks):
        turn = procedure.turn(kubevirt.state, now)
        if turn.writes:
            written.append([write.step.name for write in turn.writes])
        if not turn.missing and not turn.writes and not turn.calls:
            assert turn.failures == ()
            return written
        kubevirt.apply(turn)
        kubevirt.tick()
    raise AssertionError(turn.missing)


# Record


def test_an_earlier_record_wins_while_the_vm_is_the_same() -> None:
    snapshot = cluster(machine("a", "pod", strategy="RerunOnFailure"), machine("b", "pod"))
    before = [entry("a", "Always"), entry("b", "Always", uid="other"), entry("gone", "Manual")]
    found = _record.recorded(snapshot, ["default/a", "default/b"], before)
    assert [(one.name, one.uid, one.run_strategy) for one in found] == [
        ("a", "uid-a", "Always"),
        ("b", "uid-b", "RerunOnFailure"),
        ("gone", "uid-gone", "Manual"),
    ]


def test_what_somebody_else_is_stopping_is_not_recorded() -> None:
    assert _record.recorded(cluster(machine("a", "pod", strategy="Halted")), ["default/a"]) == ()


@given(
    st.builds(
        Entry,
        *(st.text("abc", min_size=1) for _field in range(3)),
        st.sampled_from(["Always", "RerunOnFailure", "Once", "Manual", "Halted"]),
        st.booleans(),
        st.sampled_from(["", "Pending", "Running", "Succeeded"]),
        st.sampled_from(["", "n1"]),
        st.booleans(),
        st.sampled_from(["", "killed"]),
        st.booleans(),
        st.sampled_from(["", "i-a"]),
        st.none() | st.lists(st.builds(Interface, *(st.text("abc") for _field in range(3)))).map(tuple),
    )
)
def test_a_record_comes_back_as_it_was_returned(one: Entry) -> None:
    assert _record.read([one.as_result()]) == (one,)


def test_a_record_that_lacks_what_it_needs_is_an_error() -> None:
    with pytest.raises(ValidationError) as raised:
        _record.read(
            [
                {"namespace": "default", "name": "a", "uid": "", "run_strategy": "Sometimes"},
                {"namespace": "default", "name": "a", "uid": "u", "run_strategy": "Always"},
            ]
        )
    assert str(raised.value) == (
        "VM 'default/a': vms[0].uid: is missing; give the list that a run returned\n"
        "VM 'default/a': vms[0].run_strategy=Sometimes: is no run strategy; use Always, RerunOnFailure, Once, Manual or"
        " Halted\n"
        "VM 'default/a': vms[1]: is listed twice; list each VM once"
    )


# There and back


@pytest.mark.parametrize("annotated", ["", "Always", "RerunOnFailure", "Once", "Manual"])
@pytest.mark.parametrize("strategy", ["Always", "RerunOnFailure", "Once", "Manual"])
def test_every_run_strategy_comes_back_whatever_the_webhook_makes_of_it(strategy: str, annotated: str) -> None:
    items = machine("x", "vlan100", strategy=strategy)
    if annotated:
        items[0]["metadata"]["annotations"] = {"harvesterhci.io/vmRunStrategy": annotated}
    _there_and_back(Kubevirt(cluster(items)))


ODD = st.tuples(
    st.sampled_from(["Always", "RerunOnFailure", "Once", "Manual", "Halted"]),
    st.sampled_from(["", "Pending", "Running", "Succeeded", "Failed"]),
    st.sampled_from(["runStrategy", "runStrategy", "running"]),
    st.booleans(),
)


@given(st.lists(ODD, min_size=1, max_size=5), st.integers(1, 3), st.booleans())
def test_stop_and_start_bring_every_vm_back(
    kinds: list[tuple[str, str, str, bool]], batch: int, stubborn: bool
) -> None:
    groups = []
    for place, (strategy, phase, field, agent) in enumerate(kinds):
        field = "runStrategy" if strategy not in ("Always", "Halted") else field
        # refused: the instance of a VM with Once that has ended; not an instance that is about to go by itself
        if (strategy == "Once" and phase in ("Succeeded", "Failed")) or (strategy == "Halted" and phase):
            phase = "" if strategy == "Halted" else "Running"
        on = "" if phase == "Pending" else "n1"
        networks = ("vlan100",) if place % 2 else ("pod",)
        groups.append(
            machine("v%d" % place, *networks, strategy=strategy, phase=phase, field=field, agent=agent, on=on)
        )
    names = ["v0"] if stubborn else []
    _there_and_back(Kubevirt(cluster(*groups), stubborn=names), start_batch=batch)


def _there_and_back(kubevirt: Kubevirt, **options: Any) -> None:
    before = kubevirt.state
    stop = Stop({"all_vms": True}, NOON)
    drive(kubevirt, stop)
    assert not list(kubevirt.state.vmis)
    record = stop.result()["vms"]
    drive(kubevirt, Start({"vms": record, "infrastructure_vms": ["default/v0"], **options}))
    after = kubevirt.state
    for reference, vm in before.vms.items():
        now, was, instance = after.vms[reference], before.vmis.get(reference), after.vmis.get(reference)
        assert (now.run_strategy, now.running_field) == (vm.run_strategy, vm.running_field), reference
        if was is not None and was.phase == "Running":
            assert instance is not None and instance.phase == "Running", reference
            assert (instance.unready, instance.interfaces) == (was.unready, was.interfaces), reference
            assert instance.agent or not was.agent, reference
        ended = was is not None and was.final and not vm.starts(was)
        at_rest = was is None and not vm.starts(None)
        if ended or at_rest:
            assert instance is None, "%s was booted although its owner had shut it down" % reference


def test_a_vm_that_old_kubevirt_boots_after_its_instance_was_deleted_stays_down() -> None:
    kubevirt = Kubevirt(cluster(machine("x", "vlan100", phase="Succeeded")), boots_orphans=True)
    stop = Stop({"all_vms": True}, NOON)
    drive(kubevirt, stop)
    assert (list(kubevirt.state.vmis), strategies(kubevirt)) == ([], {"x": "Halted"})
    start = Start({"vms": stop.result()["vms"]})
    assert drive(kubevirt, start) == []
    assert start.left == [
        "VM 'default/x' had been shut down by its guest and stays Halted; run strategy RerunOnFailure would boot it"
    ]


def test_the_record_tells_killed_guests_from_those_that_shut_down() -> None:
    kubevirt = Kubevirt(cluster(machine("good", "pod"), machine("bad", "pod")), stubborn=["bad"])
    stop = Stop({"all_vms": True}, NOON)
    drive(kubevirt, stop)
    assert {one["name"]: one["outcome"] for one in stop.result()["vms"]} == {"good": "shut_down", "bad": "killed"}


def test_a_vm_that_comes_meanwhile_is_stopped_and_recorded_too() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100")), stubborn=["a"], grace=4)
    stop = Stop({"cluster_networks": ["cn1"]}, NOON)
    stop.judge(kubevirt.state)
    kubevirt.apply(stop.turn(kubevirt.state, 0))
    kubevirt.state = cluster(machine("b", "vlan100", strategy="Always"), on=kubevirt.state)
    drive(kubevirt, stop)
    assert [(one["name"], one["run_strategy"]) for one in stop.result()["vms"]] == [
        ("a", "RerunOnFailure"),
        ("b", "Always"),
    ]


def test_an_interrupted_stop_goes_on_with_its_record() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100", strategy="Always"), machine("b", "vlan100", strategy="Manual")))
    first = Stop({"names": ["default/a"]}, NOON)
    drive(kubevirt, first)
    second = Stop({"cluster_networks": ["cn1"], "vms": first.result()["vms"]}, NOON)
    drive(kubevirt, second)
    assert [(one["name"], one["run_strategy"], one["phase"]) for one in second.result()["vms"]] == [
        ("a", "Always", "Running"),
        ("b", "Manual", "Running"),
    ]
    # the record alone is enough for a look that changes nothing
    third = Stop({"vms": second.result()["vms"]}, NOON)
    assert drive(kubevirt, third) == []
    assert third.result() == {**second.result(), "cautions": []}


def test_a_vm_that_was_made_anew_is_not_stopped_for_the_record_of_the_old_one() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100"), machine("b", "vlan100")))
    old = entry("a", uid="old")
    alone = Stop({"vms": [old.as_result(), entry("b").as_result()]}, NOON)
    assert drive(kubevirt, alone) == [["b"]]
    assert sorted(kubevirt.state.vmis) == ["default/a"]
    assert [(one["name"], one["uid"]) for one in alone.result()["vms"]] == [("a", "old"), ("b", "uid-b")]
    # one that is chosen is stopped as itself
    chosen = Stop({"vms": [old.as_result()], "names": ["default/a"]}, NOON)
    assert drive(kubevirt, chosen) == [["a"]]
    assert [(one["name"], one["uid"]) for one in chosen.result()["vms"]] == [("a", "uid-a")]


def test_a_vm_that_is_made_anew_while_it_is_stopped_is_recorded_anew() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100", strategy="Always")), stubborn=["a"], grace=4)
    stop = Stop({"cluster_networks": ["cn1"]}, NOON)
    stop.judge(kubevirt.state)
    kubevirt.apply(stop.turn(kubevirt.state, 0))
    anew = machine("a", "vlan100")
    for item in anew:
        item["metadata"]["uid"] = "anew"
    kubevirt.state = cluster(anew, on=kubevirt.state)
    drive(kubevirt, stop)
    assert [(one["uid"], one["run_strategy"]) for one in stop.result()["vms"]] == [("anew", "RerunOnFailure")]


# Failures


def test_a_vm_that_is_gone_or_another_one_is_a_failure_and_the_others_start() -> None:
    snapshot = cluster(off("a"), off("b"))
    turn = start_turn(snapshot, [entry("a", uid="old"), entry("b"), entry("c")], Order(), Pace())
    assert [write.step.name for write in turn.writes] == ["b"]
    assert turn.failures == (
        f"VM 'default/a' is another one than was stopped (uid uid-a, not old); {ANEW}",
        f"VM 'default/c' is gone; {GONE}",
    )


def test_a_vm_that_no_node_can_run_is_a_failure() -> None:
    snapshot = cluster(off("a", "none"), off("b"))
    turn = start_turn(snapshot, [entry("a"), entry("b")], Order(), Pace())
    assert [write.step.name for write in turn.writes] == ["b"]
    (failure,) = turn.failures
    assert failure.startswith("VM 'default/a': no node can run it (n1: VM network default/none does not exist;")


def test_a_vm_of_a_node_that_is_gone_stays_stopped_where_no_other_node_can_run_it() -> None:
    """Others of that node start elsewhere; one of a node that is there is a failure as before."""
    snapshot = cluster(off("a", "none"), off("b"), off("c", "none"))
    recorded = [entry("a", on="n9").as_result(), entry("b", on="n9").as_result(), entry("c").as_result()]
    start = Start({"vms": recorded, "gone_nodes": ["n9"]})
    start.judge(snapshot)
    turn = start.turn(snapshot, 0)
    assert [write.step.name for write in turn.writes] == ["b"]
    (failure,) = turn.failures
    assert failure.startswith("VM 'default/c': no node can run it")
    assert start.left == [
        (
            "VM 'default/a' stays stopped: it ran on node 'n9', which is gone, and no other node can run it; start it"
            " with run strategy RerunOnFailure once one can"
        )
    ]


def test_a_vm_that_had_no_node_waits_for_one_again() -> None:
    snapshot = cluster(off("a", "none"))
    turn = start_turn(snapshot, [entry("a", phase="Scheduling", on="")], Order(), Pace())
    assert (turn.failures, turn.missing) == ((), ("VM 'default/a': its run strategy is Halted, not RerunOnFailure",))
    assert [(write.step.name, write.step.after["spec"]["runStrategy"]) for write in turn.writes] == [
        ("a", "RerunOnFailure")
    ]


# Batches, canaries, order


def test_one_vm_per_network_and_node_goes_first() -> None:
    names = ["a", "b", "c", "d", "e"]
    snapshot = cluster(off("a"), off("b"), off("c", "mgmt200"), off("d"), off("e", "vlan100", "pod"))
    entries = [entry(name, on="n2" if name == "d" else "n1") for name in names]
    turn = start_turn(snapshot, entries, Order(), Pace())
    assert [write.step.name for write in turn.writes] == ["a", "c", "d", "e"]
    assert turn.missing[-1] == "not started before the canaries are up: default/b"
    assert [write.step.name for write in start_turn(snapshot, entries, Order(), Pace(canary=False)).writes] == names


def test_a_canary_that_does_not_come_up_leaves_the_rest_stopped() -> None:
    kubevirt = Kubevirt(cluster(off("a"), off("b"), off("c")), without=["a"])
    for _look in range(5):
        turn = start_turn(kubevirt.state, [entry("a"), entry("b"), entry("c")], Order(), Pace())
        kubevirt.apply(turn)
        kubevirt.tick()
    assert strategies(kubevirt) == {"a": "RerunOnFailure", "b": "Halted", "c": "Halted"}
    assert turn.missing == (
        "VM 'default/a': it has no instance",
        "not started before the canaries are up: default/b and default/c",
    )


def test_a_canary_that_cannot_start_leaves_the_rest_stopped_at_once() -> None:
    snapshot = cluster(off("a", "vlan100", "none"), off("b"))
    turn = start_turn(snapshot, [entry("a"), entry("b")], Order(), Pace())
    assert (turn.writes, turn.missing) == ((), ())
    assert turn.failures[0].startswith("VM 'default/a': no node can run it")
    assert turn.failures[1:] == ("left stopped, since a canary before them cannot start: default/b",)


def test_a_canary_had_a_guest_agent_and_needs_it_again() -> None:
    snapshot = cluster(machine("a", "vlan100"), off("b"))
    turn = start_turn(snapshot, [entry("a", agent=True), entry("b")], Order(), Pace())
    assert turn.missing == (
        f"VM 'default/a': its guest agent was connected, and is not; look at its console, {LONGER}, {LEFT}",
        "not started before the canaries are up: default/b",
    )
    snapshot = cluster(machine("a", "vlan100", agent=True), off("b"))
    turn = start_turn(snapshot, [entry("a", agent=True), entry("b")], Order(), Pace())
    assert [write.step.name for write in turn.writes] == ["b"]


def test_a_node_starts_as_many_at_a_time_as_the_batch_has() -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    kubevirt = Kubevirt(cluster(*(off(name) for name in names)))
    entries = [entry(name, on="n2" if name in "ef" else "n1") for name in names]
    written = []
    for _look in range(30):
        turn = start_turn(kubevirt.state, entries, Order(), Pace(batch=2, canary=False))
        if turn.writes:
            written.append([write.step.name for write in turn.writes])
        if not turn.missing:
            break
        kubevirt.apply(turn)
        kubevirt.tick()
    assert written == [["a", "b", "e", "f"], ["c", "d"]]


def test_infrastructure_starts_first_then_the_order() -> None:
    order = Order(infrastructure=("default/dns",), names=("default/db", "default/app"))
    kubevirt = Kubevirt(cluster(*(off(name) for name in ("app", "db", "dns", "web"))))
    entries = [entry(name) for name in ("app", "db", "dns", "web")]
    written = []
    for _look in range(30):
        turn = start_turn(kubevirt.state, entries, order, Pace())
        written += [[write.step.name for write in turn.writes]] if turn.writes else []
        if not turn.missing:
            break
        kubevirt.apply(turn)
        kubevirt.tick()
    assert written == [["dns"], ["db"], ["app"], ["web"]]
    plan = start_turn(cluster(off("web"), off("dns")), [entry("web"), entry("dns")], order, Pace(), everything=True)
    assert sorted(write.step.name for write in plan.writes) == ["dns", "web"]


def test_what_had_ended_is_not_started() -> None:
    snapshot = cluster(machine("a", "vlan100", phase=""), machine("b", "vlan100", strategy="Manual", phase=""))
    entries = [entry("a", phase="Succeeded"), entry("b", "Manual", phase="Failed")]
    assert start_turn(snapshot, entries, Order(), Pace()).writes == ()
    assert left_halted(snapshot, entries) == []


# Jobs


def job(kind: str, name: str, cron: str, **fields: Any) -> Any:
    field = "cron" if kind == "vm_schedules" else "schedule"
    suspend = fields.pop("suspend", False)
    spec = {field: cron, "suspend": suspend, **fields.pop("spec", {})}
    item = thing(kind, name, "default" if kind == "vm_schedules" else "longhorn-system", spec=spec)
    return merged(item, {"metadata": {"uid": "uid-" + name, **fields}})


def of_vm(name: str) -> dict[str, Any]:
    return {"vmbackup": {"source": {"kind": "VirtualMachine", "name": name}}}


RECURRING = {"ownerReferences": [{"kind": "RecurringJob", "name": "x"}]}
JOBS = [
    job("vm_schedules", "soon", "0 13 * * *", spec=of_vm("a")),
    job("vm_schedules", "later", "0 18 * * *", spec=of_vm("a")),
    job("vm_schedules", "other", "0 13 * * *", spec=of_vm("b")),
    job("vm_schedules", "asleep", "0 13 * * *", spec=of_vm("a"), suspend=True),
    job("cron_jobs", "snapshots", "*/30 * * * *", **RECURRING),
    job("cron_jobs", "weekly", "0 0 * * sun", **RECURRING),
    job("cron_jobs", "odd", "@every 5h", **RECURRING),
    job("cron_jobs", "theirs", "* * * * *"),
]


def test_jobs_that_are_due_are_suspended_recorded_and_resumed() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100"), JOBS))
    stop = Stop({"names": ["default/a"], "window": 4 * 3600}, NOON)
    written = drive(kubevirt, stop)
    assert written == [["soon", "odd", "snapshots", "a"]]
    jobs = stop.result()["schedules"]
    assert jobs[0] == {"kind": "ScheduleVMBackup", "namespace": "default", "name": "soon", "uid": "uid-soon"}
    suspended = {
        item["metadata"]["name"]
        for key in _schedules.KINDS
        for item in kubevirt.state.all(key)
        if item["spec"]["suspend"]
    }
    assert suspended == {"asleep", "soon", "odd", "snapshots"}
    written = drive(kubevirt, Start({"vms": stop.result()["vms"], "schedules": jobs}))
    assert written[-1] == ["soon", "odd", "snapshots"]
    assert [item["spec"]["suspend"] for key in _schedules.KINDS for item in kubevirt.state.all(key)].count(True) == 1


@pytest.mark.parametrize("without", ["a", ""], ids=["one that fails", "one that is late"])
def test_jobs_stay_suspended_while_a_vm_is_not_as_it_was(without: str) -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100", agent=True), machine("c", "vlan100"), JOBS))
    stop = Stop({"all_vms": True, "window": 4 * 3600}, NOON)
    drive(kubevirt, stop)
    if without:
        kubevirt.state = kubevirt.state.without("vms", without, "default")
    else:
        kubevirt.agentless = {"a"}
    start = Start({"vms": stop.result()["vms"], "schedules": stop.result()["schedules"], "canary": False})
    for now in range(12):
        turn = start.turn(kubevirt.state, now)
        kubevirt.apply(turn)
        kubevirt.tick()
    assert (turn.writes, bool(turn.failures), bool(turn.missing)) == ((), bool(without), not without)
    assert start.suspended == (
        "VM backup schedule 'default/soon'",
        "cron job 'longhorn-system/odd'",
        "cron job 'longhorn-system/snapshots'",
    )


def test_without_a_window_no_job_is_touched() -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100"), JOBS))
    assert drive(kubevirt, Stop({"names": ["default/a"], "window": 0}, NOON)) == [["a"]]


def test_a_job_that_is_gone_is_a_failure() -> None:
    gone = _schedules.Job("CronJob", "longhorn-system", "snapshots", "old")
    writes, failures = _schedules.resuming(cluster(JOBS), [gone])
    assert (writes, failures) == (
        (),
        ("cron job 'longhorn-system/snapshots' is gone; it was suspended and cannot be resumed",),
    )


def test_a_kind_that_is_no_job_is_an_error() -> None:
    with pytest.raises(ValidationError) as raised:
        _schedules.read([{"kind": "Job", "namespace": "x", "name": "y", "uid": "z"}])
    assert str(raised.value) == "vm_power: schedules[0].kind=Job: is no job; use ScheduleVMBackup or CronJob"
