# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM that runs again has to have again: Ready, its guest agent, its interfaces, and who is held back without."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from cluster_objects import having, lacking
from power_cluster import AGENT, READY, UNREADY, Kubevirt, machine

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._vms import Interface
from ansible_collections.harvester.network.plugins.module_utils.cluster.power import _record
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._order import Order
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._procedures import Migrate, Start, Stop
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._record import Entry
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._start import Pace, start_turn
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._turn import Turn

NOON = datetime(2026, 11, 26, 12, 0, 30)
EMPTY = lacking("vms/default/vm1", "vmis/default/vm1", "vms/default/pod1", "vmis/default/pod1", "vms/default/idle")
LEFT = "or, where it may stay so, name it in change_accepted_vms (option accepted of vm_power)"
LONGER = "run again with a longer wait (change_vm_wait_timeout, option wait_timeout of vm_power)"
CONSOLE = f"; look at its console, {LONGER}, {LEFT}"
CORRECT = f"; correct them in its template and restart it, {LEFT}"
VM = "VM 'default/a': "
DIFFER = VM + "its interfaces are not those that it had: "
ONE, TWO, OTHER = "52:54:00:00:00:00", "52:54:00:00:00:01", "02:54:00:00:00:00"


def cluster(*groups: Iterable[Any]) -> Snapshot:
    return having(*(item for group in groups for item in group), on=EMPTY)


def of_template(*interfaces: dict[str, str]) -> dict[str, Any]:
    return {"domain": {"devices": {"interfaces": list(interfaces)}}}


def networks(*names: str) -> list[dict[str, Any]]:
    """Of a template or an instance: "nic-0=default/vlan100"."""
    pairs = [name.split("=") for name in names]
    return [{"name": name, **({"pod": {}} if of == "pod" else {"multus": {"networkName": of}})} for name, of in pairs]


def entry(name: str = "a", strategy: str = "RerunOnFailure", **fields: Any) -> Entry:
    return Entry("default", name, "uid-" + name, strategy, phase="Running", node="n1", **fields)


def nic(name: str, network: str = "default/vlan100", mac: str = "") -> Interface:
    return Interface(name, mac, network)


# The record

# The template's part, the instance's part and what KubeVirt shows of it; the recorded interfaces.
RECORDED: dict[str, tuple[dict[str, Any], dict[str, Any], Any, list[Interface]]] = {
    "as the instance has them, by name": (
        {},
        {},
        [{"name": "nic-1", "mac": TWO}, {"name": "nic-0", "mac": ONE}],
        [nic("nic-0", mac=ONE), nic("nic-1", "pod", TWO)],
    ),
    "without what the guest has made itself": (
        {},
        {},
        [{"interfaceName": "docker0", "mac": OTHER}, {"name": "nic-0", "mac": ONE}, {"name": "nic-1", "mac": TWO}],
        [nic("nic-0", mac=ONE), nic("nic-1", "pod", TWO)],
    ),
    "a MAC that is not shown is not recorded": (
        of_template({"name": "nic-0", "macAddress": ONE}),
        {},
        None,
        [nic("nic-0"), nic("nic-1", "pod")],
    ),
    "a MAC in other letters is the same": (
        of_template({"name": "nic-0", "macAddress": "AA-BB-CC-00-00-01"}),
        {},
        [{"name": "nic-0", "mac": "aa:bb:cc:00:00:01"}],
        [nic("nic-0", mac="aa:bb:cc:00:00:01"), nic("nic-1", "pod")],
    ),
    "a template that has been changed since the boot": (
        {
            "networks": networks("nic-0=vlan200", "nic-2=other/vlan9"),
            **of_template({"name": "nic-0", "macAddress": OTHER}),
        },
        {},
        [{"name": "nic-0", "mac": ONE}, {"name": "nic-1", "mac": TWO}],
        [nic("nic-0", "default/vlan200", OTHER), nic("nic-2", "other/vlan9")],
    ),
    "one that is to be unplugged": (
        of_template({"name": "nic-0"}, {"name": "nic-1", "state": "absent"}),
        {},
        [{"name": "nic-0", "mac": ONE}, {"name": "nic-1", "mac": TWO}],
        [nic("nic-0", mac=ONE)],
    ),
    "the pod network that KubeVirt adds": (
        {"networks": None},
        {"networks": networks("default=pod")},
        [{"name": "default", "mac": ONE}],
        [nic("default", "pod", ONE)],
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_interfaces(name: str) -> None:
    template, instance, shown, wanted = RECORDED[name]
    vm, vmi = machine("a", "vlan100", "pod")
    vm = merged(vm, {"spec": {"template": {"spec": template}}})
    vmi = merged(vmi, {"spec": instance, "status": {"interfaces": shown}})
    (found,) = _record.recorded(having(vm, vmi, on=EMPTY), ["default/a"])
    assert (found.ready, found.interfaces) == (True, tuple(wanted))
    assert found.as_result()["interfaces"] == [one._asdict() for one in wanted]
    assert _record.read([found.as_result()]) == (found,)


def test_what_moves_keeps_the_interfaces_of_its_instance() -> None:
    """A change of its template waits for a boot, which a migration is not."""
    vm, vmi = machine("a", "vlan100")
    vm = merged(vm, {"spec": {"template": {"spec": {"networks": networks("nic-0=vlan200", "nic-2=vlan100")}}}})
    move = Migrate({"node": "n1", "non_migratable_vms": "leave"})
    move.judge(having(vm, vmi, on=EMPTY))
    (found,) = move.entries
    assert found.interfaces == (nic("nic-0", mac=ONE),)


@pytest.mark.parametrize("phase", ["", "Scheduling", "Succeeded"])
def test_of_what_does_not_run_nothing_is_recorded(phase: str) -> None:
    snapshot = cluster(machine("a", "vlan100", phase=phase))
    (found,) = _record.recorded(snapshot, ["default/a"])
    assert (found.ready, found.agent, found.interfaces) == (False, False, None)


def test_a_record_of_an_earlier_version_is_restored_and_nothing_compared() -> None:
    old = {"namespace": "default", "name": "a", "uid": "uid-a", "run_strategy": "RerunOnFailure", "phase": "Running"}
    start = Start({"vms": [old]})
    assert start.entries == (Entry("default", "a", "uid-a", "RerunOnFailure", phase="Running"),)
    assert start.result()["vms"][0]["interfaces"] is None
    snapshot = cluster(machine("a", "vlan100", ready=False))
    start.judge(snapshot)
    assert start.turn(snapshot, 0) == Turn()


# What comes with time, and what does not

# The record, the instance's conditions and what KubeVirt shows of its interfaces; what is missing, and the failures.
SEEN: dict[str, tuple[Entry, list[dict[str, str]], list[dict[str, str]], list[str], list[str]]] = {
    "all is there": (
        entry(ready=True, agent=True, interfaces=(nic("nic-0", mac=ONE),)),
        [READY, AGENT],
        [{"name": "nic-0", "mac": ONE}],
        [],
        [],
    ),
    "what it had not it need not have": (
        entry(interfaces=(nic("nic-0"),)),
        [UNREADY],
        [{"name": "nic-0", "mac": OTHER}],
        [],
        [],
    ),
    "not Ready": (
        entry(ready=True),
        [UNREADY],
        [],
        [VM + "it was Ready, and is Running and not Ready (ContainersNotReady: compute is not ready)" + CONSOLE],
        [],
    ),
    "nothing says whether it is": (
        entry(ready=True),
        [],
        [],
        [VM + "it was Ready, and is Running and not Ready (no condition Ready)" + CONSOLE],
        [],
    ),
    "no agent": (
        entry(ready=True, agent=True),
        [READY],
        [],
        [VM + "its guest agent was connected, and is not" + CONSOLE],
        [],
    ),
    "an agent that has gone": (
        entry(agent=True),
        [{**AGENT, "status": "False"}],
        [],
        [VM + "its guest agent was connected, and is not" + CONSOLE],
        [],
    ),
    "everything is late": (
        entry(ready=True, agent=True, interfaces=(nic("nic-0", mac=ONE),)),
        [UNREADY],
        [],
        [
            VM
            + "it was Ready, and is Running and not Ready (ContainersNotReady: compute is not ready); its guest agent"
            f" was connected, and is not; interface 'nic-0' had MAC {ONE}, and KubeVirt shows none" + CONSOLE
        ],
        [],
    ),
    "another MAC": (
        entry(ready=True, interfaces=(nic("nic-0", mac=ONE),)),
        [READY],
        [{"name": "nic-0", "mac": OTHER}],
        [],
        [DIFFER + f"'nic-0' has MAC {OTHER} instead of {ONE}" + CORRECT],
    ),
    "the instance that was to stop runs on": (
        entry(instance="i-a", interfaces=(nic("nic-0", "default/vlan200", OTHER), nic("nic-1", "pod"))),
        [],
        [{"name": "nic-0", "mac": ONE}],
        [],
        [],
    ),
    "another instance than that": (
        entry(instance="i-b", interfaces=(nic("nic-0", mac=ONE),)),
        [],
        [{"name": "nic-0", "mac": OTHER}],
        [],
        [DIFFER + f"'nic-0' has MAC {OTHER} instead of {ONE}" + CORRECT],
    ),
    "another network": (
        entry(interfaces=(nic("nic-0", "default/vlan200", ONE),)),
        [],
        [{"name": "nic-0", "mac": ONE}],
        [],
        [DIFFER + "'nic-0' is on VM network 'default/vlan100' instead of VM network 'default/vlan200'" + CORRECT],
    ),
    "the pod network": (
        entry(interfaces=(nic("nic-0", "pod"),)),
        [],
        [],
        [],
        [DIFFER + "'nic-0' is on VM network 'default/vlan100' instead of the built-in pod network" + CORRECT],
    ),
    "one is missing": (
        entry(interfaces=(nic("nic-0"), nic("nic-1", "pod"))),
        [],
        [],
        [],
        [DIFFER + "1 instead of 2; 'nic-1' on the built-in pod network is missing" + CORRECT],
    ),
    "one is new": (
        entry(interfaces=()),
        [],
        [],
        [],
        [DIFFER + "1 instead of 0; 'nic-0' on VM network 'default/vlan100' was not there" + CORRECT],
    ),
    "another name": (
        entry(interfaces=(nic("lan", ""),)),
        [],
        [],
        [],
        [DIFFER + "'lan' on no VM network is missing; 'nic-0' on VM network 'default/vlan100' was not there" + CORRECT],
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_is_missing_and_what_differs(name: str) -> None:
    recorded, conditions, shown, missing, failures = SEEN[name]
    vm, vmi = machine("a", "vlan100")
    vmi = merged(vmi, {"status": {"conditions": conditions, "interfaces": shown}})
    turn = start_turn(having(vm, vmi, on=EMPTY), [recorded], Order(), Pace(canary=False))
    assert (list(turn.missing), list(turn.failures)) == (missing, failures)
    plan = start_turn(having(vm, vmi, on=EMPTY), [recorded], Order(), Pace(), everything=True)
    assert (list(plan.missing), list(plan.failures)) == (missing, failures)
    assert plan.late == plan.missing, "it runs: what is missing comes with time"


# Who is held back by it

AGENTLESS = "VM 'default/%s': its guest agent was connected, and is not" + CONSOLE


def after(kubevirt: Kubevirt, start: Start, looks: int = 12) -> Turn:
    """The last look of a start that may never be done."""
    start.judge(kubevirt.state)
    for now in range(looks):
        turn = start.turn(kubevirt.state, now)
        kubevirt.apply(turn)
        kubevirt.tick()
    return turn


def stopped(kubevirt: Kubevirt) -> list[dict[str, Any]]:
    stop = Stop({"all_vms": True}, NOON)
    stop.judge(kubevirt.state)
    for now in range(12):
        kubevirt.apply(stop.turn(kubevirt.state, now))
        kubevirt.tick()
    assert not kubevirt.state.vmis
    vms: list[dict[str, Any]] = stop.result()["vms"]
    return vms


def running(kubevirt: Kubevirt) -> list[str]:
    return sorted(vmi.name for vmi in kubevirt.state.vmis.values() if vmi.phase == "Running")


def three(**options: Any) -> tuple[Kubevirt, list[dict[str, Any]]]:
    """Of a, b and c on one network and node, a is the canary; all had guest agents."""
    kubevirt = Kubevirt(cluster(*(machine(name, "vlan100", agent=True) for name in "abc")), **options)
    return kubevirt, stopped(kubevirt)


def test_agents_of_the_rest_are_waited_for_and_hold_nobody_back() -> None:
    kubevirt, vms = three()
    kubevirt.agentless = {"b"}
    turn = after(kubevirt, Start({"vms": vms, "order": ["default/b", "default/c"], "start_batch": 1, "canary": False}))
    assert running(kubevirt) == ["a", "b", "c"]
    assert (turn.missing, turn.failures) == ((AGENTLESS % "b",), ())


@pytest.mark.parametrize("lack", ["unready", "agentless", "forgetful"])
def test_a_canary_that_is_not_as_it_was_leaves_the_rest_stopped(lack: str) -> None:
    kubevirt, vms = three()
    setattr(kubevirt, lack, {"a"})
    turn = after(kubevirt, Start({"vms": vms}))
    assert running(kubevirt) == ["a"]
    said = [*turn.missing, *turn.failures]
    assert said[0].startswith(VM)
    waiting = "default/b and default/c"
    if lack == "forgetful":
        assert said[1:] == [f"left stopped, since a canary before them is not as it was: {waiting}"]
        assert not turn.missing, "waiting brings no other MAC"
    else:
        assert said[1:] == [f"not started before the canaries are up: {waiting}"]


def test_what_is_not_ready_holds_the_next_stage_back() -> None:
    kubevirt, vms = three()
    kubevirt.unready = {"a"}
    turn = after(kubevirt, Start({"vms": vms, "order": ["default/a"], "canary": False}))
    assert running(kubevirt) == ["a"]
    assert turn.missing[-1] == "not started before earlier stages: default/b and default/c"


def test_one_that_differs_is_a_failure_and_the_others_are_started() -> None:
    kubevirt, vms = three()
    kubevirt.forgetful = {"b"}
    turn = after(kubevirt, Start({"vms": vms, "order": ["default/a", "default/b", "default/c"], "canary": False}))
    assert running(kubevirt) == ["a", "b", "c"]
    assert turn.missing == ()
    assert turn.failures == (DIFFER.replace("/a", "/b") + f"'nic-0' has MAC {OTHER} instead of {ONE}" + CORRECT,)


@pytest.mark.parametrize("strategy", ["Once", "Manual"])
def test_one_that_differs_gets_its_run_strategy_all_the_same(strategy: str) -> None:
    kubevirt = Kubevirt(cluster(machine("a", "vlan100", strategy=strategy)))
    vms = stopped(kubevirt)
    kubevirt.forgetful = {"a"}
    turn = after(kubevirt, Start({"vms": vms}))
    assert kubevirt.state.vms["default/a"].run_strategy == strategy
    assert len(turn.failures) == 1


def test_what_is_accepted_is_not_looked_at() -> None:
    kubevirt, vms = three()
    kubevirt.unready, kubevirt.agentless, kubevirt.forgetful = {"a"}, {"a", "b"}, {"a"}
    start = Start({"vms": vms, "accepted": ["default/a"]})
    turn = after(kubevirt, start)
    assert running(kubevirt) == ["a", "b", "c"]
    assert (turn.missing, turn.failures) == ((AGENTLESS % "b",), ())
    assert start.result()["vms"] == vms, "the record stays whole"


def test_an_accepted_vm_has_to_run() -> None:
    kubevirt, vms = three(without=["a"])
    turn = after(kubevirt, Start({"vms": vms, "accepted": ["default/a"]}))
    assert turn.missing[0] == "VM 'default/a': it has no instance"
    plan = start_turn(kubevirt.state, _record.read(vms), Order(), Pace(), everything=True)
    assert (plan.missing[0], plan.late) == (turn.missing[0], ())
