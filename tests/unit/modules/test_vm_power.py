# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vm_power: its requests, what it returns when all goes well and when it does not, and check mode."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import yaml
from cluster_api import DENIED, Api, failure, reply
from cluster_modules import MODULES, Caller
from cluster_objects import having, lacking, thing, vmi
from power_cluster import ENDING, READY, Kubevirt, machine
from test_cluster_modules import documented, options_of

from ansible_collections.harvester.network.plugins.module_utils.cluster import _mutations
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.module_utils.cluster._auth import API_ARGSPEC, AUTH_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.power import _run
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._options import VM_POWER_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._run import KINDS
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._turn import Call, Turn
from ansible_collections.harvester.network.plugins.module_utils.common._wait import WAIT_ARGSPEC

EMPTY = lacking("vms/default/vm1", "vmis/default/vm1", "vms/default/pod1", "vmis/default/pod1", "vms/default/idle")
GONE = (
    "it was stopped and cannot be started; if its owner has deleted it for good, name it in change_gone_vms"
    " (option gone of vm_power)"
)
LEFT = "or, where it may stay so, name it in change_accepted_vms (option accepted of vm_power)"
LONGER = "run again with a longer wait (change_vm_wait_timeout, option wait_timeout of vm_power)"
CONSOLE = f"; look at its console, {LONGER}, {LEFT}"
USER = {"type": "Paused", "status": "True", "reason": "PausedByUser"}
GO_ON = "run again, or roll back, and they go on when all VMs are as they were"
DOCUMENTED = set(yaml.safe_load(importlib.import_module(MODULES + "vm_power").RETURN))


class KubevirtApi(Api):
    """The API with KubeVirt behind it; a look at the nodes, the first of each round, is a tick."""

    def __init__(self, kubevirt: Kubevirt) -> None:
        self.kubevirt = kubevirt
        self.calls: list[tuple[str, Any]] = []
        self.after_tick: Callable[[], None] | None = None
        super().__init__(kubevirt.state)

    @property
    def state(self) -> Snapshot:
        return self.kubevirt.state

    @state.setter
    def state(self, value: Snapshot) -> None:
        self.kubevirt.state = value

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> Reply:
        if "/subresources." in url:
            self.calls.append((url, body))
            words = url.split("/")
            kind = next(key for key in ("vms", "vmis") if BY_KEY[key].plural == words[-3])
            self.kubevirt.apply(Turn(calls=(Call(kind, words[-4], words[-2], words[-1], body, ""),)))
            return reply({}) if method == "PUT" else failure(405, "MethodNotAllowed")
        if method == "GET" and url.endswith("/nodes"):
            self.kubevirt.tick()
            if self.after_tick:
                self.after_tick()
        return super().__call__(method, url, body, content_type)

    def _apply(self, change: Change) -> None:
        if change.object is None:
            item = self.state.get(change.kind, change.name, change.namespace) or {}
            self.state = self.state.put(change.kind, merged(item, ENDING))
        else:
            item = _mutations.mutated(self.state, change, self.state.version) or change.object
            self.state = self.state.put(change.kind, item)


class PowerCaller(Caller):
    """Calls the module with KubeVirt behind the API, without pauses between two looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__("vm_power", EMPTY, monkeypatch, capsys)
        self._patch = monkeypatch
        self.on(Kubevirt(EMPTY))

    def clock(self, clock: Callable[[], float], **sleep: Callable[[float], None]) -> None:
        """Another clock, and another sleep, for the runs that follow."""
        init = _run.Runner.__init__

        def with_clock(runner: _run.Runner, client: Any, pace: Any) -> None:
            init(runner, client, pace, clock=clock, **sleep)

        self._patch.setattr(_run.Runner, "__init__", with_clock)

    def on(self, kubevirt: Kubevirt) -> None:
        self.kubevirt = kubevirt
        self.power_api = self.api = KubevirtApi(kubevirt)

    def having(self, *groups: Iterable[Any], **options: Any) -> None:
        self.on(Kubevirt(having(*(item for group in groups for item in group), on=EMPTY), **options))

    def __call__(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return super().__call__(check, **{"wait_timeout": 20, "wait_sleep": 0, **options})

    @property
    def patched(self) -> list[tuple[str, Any]]:
        return [(name, body) for method, name, body in self.writes if method == "PATCH"]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> PowerCaller:
    return PowerCaller(monkeypatch, capsys)


def record(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result[key] for key in ("vms", "schedules", "cordoned")}


def test_documentation_says_what_the_argument_spec_says() -> None:
    module = importlib.import_module(MODULES + "vm_power")
    spec = {**AUTH_ARGSPEC, **API_ARGSPEC, **VM_POWER_ARGSPEC, **WAIT_ARGSPEC}
    assert documented(options_of(module), "suboptions") == documented(spec, "options")


def test_what_is_stopped_comes_back(call: PowerCaller) -> None:
    call.having(
        machine("a", "vlan100", strategy="Always"),
        machine("b", "vlan100", strategy="Manual", agent=True),
        machine("c", "pod"),
        machine("d", "vlan100", phase="Succeeded"),
    )
    stopped = call(state="stopped", cluster_networks=["cn1"])
    assert stopped["changed"] is True
    assert set(stopped) - {"diff", "invocation", "changed", "warnings"} == DOCUMENTED - {"waited"}
    assert [(vm["name"], vm["run_strategy"], vm["phase"], vm["outcome"]) for vm in stopped["vms"]] == [
        ("a", "Always", "Running", "shut_down"),
        ("b", "Manual", "Running", "shut_down"),
        ("d", "RerunOnFailure", "Succeeded", ""),
    ]
    assert (stopped["missing"], stopped["failures"]) == ([], [])
    assert [(one["name"], one["action"]) for one in stopped["objects"]] == [
        ("a", "changed"),
        ("b", "changed"),
        ("d", "removed"),
    ]
    assert sorted(call.api.state.vmis) == ["default/c"]
    again = call(state="stopped", cluster_networks=["cn1"], vms=stopped["vms"])
    assert (again["changed"], again["vms"], call.writes) == (False, stopped["vms"], [])
    started = call(state="started", **record(stopped))
    assert started["changed"] is True
    vms = call.api.state.vms
    assert {name: vms["default/" + name].run_strategy for name in "abcd"} == {
        "a": "Always",
        "b": "Manual",
        "c": "RerunOnFailure",
        "d": "RerunOnFailure",
    }
    assert sorted(call.api.state.vmis) == ["default/a", "default/b", "default/c"]
    assert (call(state="started", **record(stopped))["changed"], call.writes) == (False, [])


def test_a_look_is_one_list_per_kind(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", strategy="Halted", phase=""))
    call(state="stopped", all_vms=True)
    call.lists(KINDS)


def test_check_mode_returns_the_record_and_writes_nothing(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", strategy="Always"), machine("b", "vlan100", strategy="Manual"))
    told = call(check=True, state="stopped", all_vms=True, order=["default/a"])
    assert call.writes == []
    done = call(state="stopped", all_vms=True, order=["default/a"])
    assert (told["changed"], done["changed"]) == (True, True)
    for key in ("objects", "diff"):
        assert sorted(map(str, told[key])) == sorted(map(str, done[key])), key
    assert [{**vm, "outcome": ""} for vm in done["vms"]] == told["vms"]
    assert told["missing"] != []
    back = call(check=True, state="started", **record(done))
    assert call.writes == []
    assert back["changed"] is True
    assert [diff["after_header"] for diff in back["diff"]] == ["VirtualMachine default/a", "VirtualMachine default/b"]


def test_refusals_come_before_the_first_write(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"), machine("b", "vlan100", conditions=[USER]), [vmi("c", "vlan100")])
    for check in (True, False):
        result = call(check=check, state="stopped", all_vms=True)
        assert result["failed"] is True
        assert result["msg"] == (
            "VM 'default/b': it is paused (PausedByUser); its guest cannot shut down; resume it, or set paused_vms to"
            " unpause or kill\n"
            "VM instance 'default/c': it has no VM that could start it again; let its owner end it"
        )
        assert call.writes == []


def test_a_vm_that_is_refused_meanwhile_ends_the_run_with_the_record(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"), stubborn=["a"], grace=9)

    def orphan() -> None:
        if call.writes:
            call.api.state = having(vmi("c", "vlan100"), on=call.api.state)

    call.power_api.after_tick = orphan
    result = call(state="stopped", all_vms=True)
    assert result["msg"] == "VM instance 'default/c': it has no VM that could start it again; let its owner end it"
    assert [vm["name"] for vm in result["vms"]] == ["a"]
    assert [one["name"] for one in result["objects"]] == ["a"]


def test_a_guest_that_does_not_stop_ends_the_run_with_what_is_missing(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", grace=0), stubborn=["a"], grace=10**9)
    result = call(state="stopped", all_vms=True, wait_timeout=0, wait_sleep=1)
    line = "VM 'default/a': its instance is Running on node 'n1' (grace 0 s)"
    assert result["msg"] == "waited 0 s in vain; what is missing:\n" + line
    assert (result["missing"], [vm["name"] for vm in result["vms"]]) == ([line], ["a"])
    assert call.power_api.calls == []


def test_without_waiting_there_is_one_look(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"))
    result = call(state="stopped", all_vms=True, wait=False)
    assert call.patched == [("a", {"spec": {"runStrategy": "Halted"}})]
    assert result["missing"] == ["VM 'default/a': its instance is Running on node 'n1' (grace 120 s)"]
    assert not result.get("failed")


def test_the_last_look_is_at_the_end_of_the_time(call: PowerCaller) -> None:
    """Though a pause between two looks takes as long as all of it, or longer."""
    call.having(machine("a", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    slept: list[float] = []
    call.clock(lambda: sum(slept), sleep=slept.append)
    result = call(state="started", wait_timeout=5, wait_sleep=7, **record(stopped))
    line = "VM 'default/a': its instance is Pending, not Running"
    assert (result["msg"], slept) == ("waited 5 s in vain; what is missing:\n" + line, [5])


def test_what_does_not_come_back_is_named_at_the_end_of_the_time(call: PowerCaller) -> None:
    """What is accepted need not come back."""
    call.having(machine("a", "vlan100", agent=True), machine("b", "vlan100"), machine("c", "pod"))
    stopped = call(state="stopped", all_vms=True)
    nic = {"name": "nic-0", "mac": "52:54:00:00:00:00", "network": "default/vlan100"}
    assert [(vm["ready"], vm["agent"], vm["interfaces"]) for vm in stopped["vms"][:2]] == [
        (True, True, [nic]),
        (True, False, [nic]),
    ]
    call.kubevirt.agentless, call.kubevirt.unready = {"a"}, {"c"}
    slept: list[float] = []
    call.clock(lambda: sum(slept), sleep=slept.append)
    result = call(state="started", canary=False, wait_timeout=5, wait_sleep=1, **record(stopped))
    lines = [
        "VM 'default/c': it was Ready, and is Running and not Ready (ContainersNotReady: compute is not ready)"
        + CONSOLE,
        "VM 'default/a': its guest agent was connected, and is not" + CONSOLE,
    ]
    assert result["msg"] == "waited 5 s in vain; what is missing:\n" + "\n".join(lines)
    assert (result["missing"], result["failures"]) == (lines, [])
    told = call(check=True, state="started", **record(stopped))
    assert (told["changed"], told["missing"], call.writes) == (False, sorted(lines), [])
    done = call(state="started", accepted=["default/a", "default/c"], **record(stopped))
    assert ("failed" in done, done["changed"], done["vms"]) == (False, False, stopped["vms"])


# What becomes of the VMs after the first look of check mode, how long it waits, and what it finds then.
SETTLING: dict[str, tuple[dict[str, Any], int, tuple[bool, bool, list[float]]]] = {
    "what is late is there at the third look": ({"agentless": {"a"}, "until": 2}, 20, (False, False, [5, 5])),
    "what is late stays away": ({"agentless": {"a"}}, 12, (True, False, [5, 5, 2])),
    "without a time there is one look": ({"agentless": {"a"}}, 0, (True, False, [])),
    "one that differs is told at once": ({"agentless": {"a"}, "differs": "b"}, 20, (True, True, [])),
    "one that is off is told at once": ({"agentless": {"a"}, "off": "b"}, 20, (True, False, [])),
    "nothing is late": ({}, 20, (False, False, [])),
}


@pytest.mark.parametrize("name", SETTLING)
def test_check_mode_waits_for_what_comes_with_time(call: PowerCaller, name: str) -> None:
    given, timeout, (missing, failing, waits) = SETTLING[name]
    call.having(machine("a", "vlan100", agent=True), machine("b", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    call(state="started", **record(stopped))
    agents = call.api.state
    if "agentless" in given:
        item = agents.get("vmis", "a", "default") or {}
        call.api.state = agents.put("vmis", {**item, "status": {**item["status"], "conditions": [READY]}})
        call.kubevirt.agentless = given["agentless"]
    if "differs" in given:
        nics = {"status": {"interfaces": [{"name": "nic-0", "mac": "02:54:00:00:00:00"}]}}
        call.api.state = call.api.state.put("vmis", merged(call.api.state.get("vmis", "b", "default"), nics))
    if "off" in given:
        halted = {"spec": {"runStrategy": "Halted"}}
        state = call.api.state.put("vms", merged(call.api.state.get("vms", "b", "default"), halted))
        call.api.state = state.without("vmis", "b", "default")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == given.get("until"):
            call.api.state = agents

    call.clock(lambda: sum(slept), sleep=sleep)
    told = call(check=True, state="started", check_timeout=timeout, wait_sleep=5, **record(stopped))
    assert (bool(told["missing"]), bool(told["failures"]), slept) == (missing, failing, waits)
    assert call.writes == []


def test_interfaces_that_differ_are_a_failure_at_once(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    call.kubevirt.forgetful = {"a"}
    result = call(state="started", **record(stopped))
    assert result["msg"] == (
        "VM 'default/a': its interfaces are not those that it had: 'nic-0' has MAC 02:54:00:00:00:00 instead of"
        f" 52:54:00:00:00:00; correct them in its template and restart it, {LEFT}"
    )
    assert (result["missing"], result["failures"]) == ([], [result["msg"]])
    # an earlier version has recorded nothing of that
    old = [{key: value for key, value in vm.items() if key not in ("ready", "interfaces")} for vm in stopped["vms"]]
    again = call(state="started", vms=old)
    assert ("failed" in again, again["changed"]) == (False, False)
    assert again["vms"] == [{**vm, "ready": False, "interfaces": None} for vm in stopped["vms"]]


def test_a_paused_vm_is_resumed_by_its_subresource(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", conditions=[USER]))
    result = call(state="stopped", all_vms=True, paused_vms="unpause")
    assert not result.get("failed"), result["msg"]
    path = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/a/unpause"
    assert call.power_api.calls == [(path, {})]
    text = "VM instance 'default/a' unpause: it is paused (PausedByUser), and its guest has to shut down"
    assert [one["text"] for one in result["progress"] if one["event"] == "called"] == [text]


def test_schedules_are_suspended_and_go_on(call: PowerCaller) -> None:
    spec = {"cron": "* * * * *", "vmbackup": {"source": {"name": "a"}}}
    call.having(machine("a", "vlan100"), [thing("vm_schedules", "often", "default", spec=spec)])
    stopped = call(state="stopped", all_vms=True)
    assert [one["name"] for one in stopped["schedules"]] == ["often"]
    assert call.patched[0] == ("often", {"spec": {"suspend": True}})
    call(state="started", **record(stopped))
    assert call.patched[-1] == ("often", {"spec": {"suspend": False}})


def test_a_start_that_fails_names_what_is_still_suspended(call: PowerCaller) -> None:
    """The same call lets it go on."""
    spec = {"cron": "* * * * *", "vmbackup": {"source": {"name": "a"}}}
    call.having(machine("a", "vlan100", agent=True), [thing("vm_schedules", "often", "default", spec=spec)])
    stopped = call(state="stopped", all_vms=True)
    call.kubevirt.agentless = {"a"}
    slept: list[float] = []
    call.clock(lambda: sum(slept), sleep=slept.append)
    failed = call(state="started", wait_timeout=5, wait_sleep=1, **record(stopped))
    assert failed["msg"].splitlines()[1:] == [
        "VM 'default/a': its guest agent was connected, and is not" + CONSOLE,
        f"still suspended: VM backup schedule 'default/often'; {GO_ON}",
    ]
    assert failed["schedules"] == stopped["schedules"]
    done = call(state="started", accepted=["default/a"], **record(stopped))
    assert "failed" not in done
    assert call.patched[-1] == ("often", {"spec": {"suspend": False}})


def test_cautions_are_one_warning(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", agent=True, grace=30))
    result = call(check=True, state="stopped", all_vms=True)
    reasons = ["it is killed 30 s after the request to shut down"]
    assert result["cautions"] == [{"namespace": "default", "name": "a", "reasons": reasons}]
    assert [warning["event"]["msg"] for warning in result["warnings"]] == [
        "guests that may be killed instead of shut down, see cautions: default/a"
    ]


def test_a_node_is_emptied_and_has_vms_again(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"), machine("gone", "pod", on="n3"))
    moved = call(state="migrated", node="n1")
    assert not moved.get("failed"), moved["msg"]
    assert call.api.state.vmis["default/a"].node == "n2"
    assert call.api.state.nodes["n1"].cordoned
    assert (moved["cordoned"], [(vm["name"], vm["node"]) for vm in moved["vms"]]) == (["n1"], [("a", "n1")])
    again = call(state="migrated", node="n1")
    assert (again["changed"], again["cordoned"]) == (False, ["n1"])
    call(state="started", **record(moved))
    assert not call.api.state.nodes["n1"].cordoned
    assert "harvester.network/cordoned" not in call.api.state.nodes["n1"].annotations


def test_a_vm_that_cannot_move_is_refused_or_left(call: PowerCaller) -> None:
    pinned = merged(machine("a", "vlan100")[1], {"spec": {"nodeSelector": {"kubernetes.io/hostname": "n1"}}})
    call.having(machine("a", "vlan100"), [pinned], machine("b", "vlan100"))
    result = call(state="migrated", node="n1")
    assert result["msg"].startswith(
        "VM 'default/a': it cannot leave node 'n1': no other node could run it (n2: it lacks"
    )
    assert result["msg"].endswith("; stop it with state=stopped, or set non_migratable_vms=leave")
    assert call.writes == []
    result = call(state="migrated", node="n1", non_migratable_vms="leave")
    assert not result.get("failed"), result["msg"]
    assert [vm["name"] for vm in result["not_migratable"]] == ["a"]
    assert {name: vm.node for name, vm in call.api.state.vmis.items()} == {"default/a": "n1", "default/b": "n2"}


def test_several_nodes_are_emptied_and_no_vm_moves_from_one_to_the_other(call: PowerCaller) -> None:
    call.having(machine("a", "pod"), machine("b", "pod", on="n2"), machine("c", "pod", on="n3"))
    moved = call(state="migrated", nodes=["n1", "n2"])
    assert not moved.get("failed"), moved["msg"]
    assert {name: vm.node for name, vm in call.api.state.vmis.items()} == {
        "default/a": "n3",
        "default/b": "n3",
        "default/c": "n3",
    }
    assert (moved["cordoned"], [vm["name"] for vm in moved["vms"]]) == (["n1", "n2"], ["a", "b"])
    assert len([write for write in call.writes if "move-" in str(write)]) == 2
    call(state="started", **record(moved))
    assert not any(node.cordoned for node in call.api.state.nodes.values())


def test_a_vm_that_only_the_other_of_the_nodes_could_run_is_refused(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"))
    assert call(state="migrated", nodes=["n1", "n2"])["msg"] == (
        "VM 'default/a': it cannot leave node 'n1': no other node could run it (n2: it is emptied too; n3: cluster"
        " network 'cn1' (VM network default/vlan100) is not active on it; w1: it is a witness node, which runs no"
        " VMs); stop it with state=stopped, or set non_migratable_vms=leave"
    )
    assert call.writes == []


def test_vms_of_some_nodes_are_stopped(call: PowerCaller) -> None:
    call.having(machine("a", "pod"), machine("b", "pod", on="n2"), machine("c", "pod", on="n3"))
    stopped = call(state="stopped", nodes=["n1", "n2"])
    assert [vm["name"] for vm in stopped["vms"]] == ["a", "b"]
    assert list(call.api.state.vmis) == ["default/c"]
    assert call(state="stopped", nodes=["n9"])["msg"] == (
        "vm_power: node=n9: there is no such node; give its name in the cluster"
    )


def test_a_migration_that_fails_ends_the_run(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"), failing=["a"])
    result = call(state="migrated", node="n1", cordon=False)
    line = "VM 'default/a' did not move: 2 migrations have failed, the last with: no reason given"
    assert (result["msg"], result["failures"], result["cordoned"]) == (line, [line], [])


def test_a_vm_that_is_gone_fails_the_start_of_the_others_not(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"), machine("b", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    call.api.state = call.api.state.without("vms", "a", "default")
    result = call(state="started", **record(stopped))
    line = f"VM 'default/a' is gone; {GONE}"
    assert (result["failed"], result["msg"], result["failures"]) == (True, line, [line])
    assert sorted(call.api.state.vmis) == ["default/b"]


@pytest.mark.parametrize("check", [False, True])
def test_a_vm_that_its_owner_has_deleted_is_left_out_when_it_is_named(call: PowerCaller, check: bool) -> None:
    call.having(machine("a", "vlan100"), machine("b", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    assert stopped["left_out"] == []
    call.api.state = call.api.state.without("vms", "a", "default")
    result = call(check, state="started", gone=["default/a", "default/a"], **record(stopped))
    assert (result.get("msg"), result["failures"], result["left_out"]) == (None, [], ["default/a"])
    assert [item["name"] for item in result["objects"]] == ["b"]
    assert result["vms"] == stopped["vms"]
    assert sorted(call.api.state.vmis) == ([] if check else ["default/b"])


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("runs", [True, False], ids=["runs", "is off"])
def test_a_vm_that_was_made_anew_is_left_out_when_it_is_named_and_is_not_touched(
    call: PowerCaller, runs: bool, check: bool
) -> None:
    call.having(machine("a", "vlan100"), machine("b", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    old = stopped["vms"][0]["uid"]
    anew = machine("a", "vlan100", **({} if runs else {"strategy": "Halted", "phase": ""}))
    for item in anew:
        item["metadata"]["uid"] = "anew"
    call.api.state = having(*anew, on=call.api.state)
    before = call.api.state.vms["default/a"]
    refused = call(check, state="started", **record(stopped))
    line = (
        f"VM 'default/a' is another one than was stopped (uid anew, not {old}); look at it; if its owner has made it"
        " anew, name it in change_gone_vms (option gone of vm_power), and start it yourself"
    )
    assert refused["failures"] == [line]
    result = call(check, state="started", gone=["default/a"], **record(stopped))
    assert (result.get("msg"), result["failures"], result["left_out"]) == (None, [], ["default/a"])
    assert result["vms"] == stopped["vms"]
    assert call.api.state.vms["default/a"] == before
    assert sorted(call.api.state.vmis) == ["default/a"] * runs + ([] if check else ["default/b"])


STILL = "VM 'default/a': gone=default/a: it is still there (uid {uid}), and only a VM that is not there is left out; "
UNKNOWN = "VM '%s': gone=%s: it is not in the record of stopped VMs; "
SPELLING = "see its spelling, namespace/name, or take it off the list"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("there", "gone", "message"),
    [
        (True, ["default/a"], STILL + "take it off the list, so that it is started"),
        (False, ["default/a", "a"], UNKNOWN % ("a", "a") + SPELLING),
        (False, ["x/a", "a"], f"{UNKNOWN % ('a', 'a')}{SPELLING}\n{UNKNOWN % ('x/a', 'x/a')}{SPELLING}"),
    ],
    ids=["there", "unknown", "all that is wrong"],
)
def test_a_vm_that_is_not_gone_is_not_left_out(
    call: PowerCaller, check: bool, there: bool, gone: list[str], message: str
) -> None:
    call.having(machine("a", "vlan100"), machine("b", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    uid = stopped["vms"][0]["uid"]
    if not there:
        call.api.state = call.api.state.without("vms", "a", "default")
    result = call(check, state="started", gone=gone, **record(stopped))
    assert (result["failed"], result["msg"], call.writes) == (True, message.format(uid=uid), [])


@pytest.mark.parametrize("check", [False, True])
def test_a_vm_of_no_record_is_not_accepted(call: PowerCaller, check: bool) -> None:
    call.having(machine("a", "vlan100"))
    stopped = call(state="stopped", all_vms=True)
    result = call(check, state="started", accepted=["default/a", "default/b"], **record(stopped))
    message = "VM 'default/b': accepted=default/b: it is not in the record of stopped VMs; " + SPELLING
    assert (result["failed"], result["msg"], call.writes) == (True, message, [])


def test_others_that_undo_it_are_told(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100"))

    def undo() -> None:
        item = call.api.state.get("vms", "a", "default") or {}
        call.api.state = call.api.state.put("vms", merged(item, {"spec": {"runStrategy": "Always"}}))

    call.power_api.after_tick = undo
    result = call(state="stopped", all_vms=True)
    assert result["msg"] == "VM 'default/a' was written 6 times, and others undo it each time"
    assert [vm["run_strategy"] for vm in result["vms"]] == ["Always"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": "migrated"}, "state is migrated but any of the following are missing: node, nodes"),
        ({"state": "started"}, "state is started but all of the following are missing: vms"),
    ],
)
def test_options_that_a_state_needs(call: PowerCaller, options: dict[str, Any], message: str) -> None:
    assert call(**options)["msg"] == message


BACKUP = (
    "Harvester refuses to patch virtualmachines.kubevirt.io 'default/a': there is vmbackup in progress for vm default/a"
)


@pytest.mark.parametrize(("refusals", "wait", "failed"), [(2, True, False), (99, True, True), (1, False, True)])
def test_a_refusal_may_be_over_at_the_next_look(call: PowerCaller, refusals: int, wait: bool, failed: bool) -> None:
    """A backup that begins between a look and its writes."""
    call.having(machine("a", "vlan100"))
    left = [refusals]
    put = call.power_api._put

    def refuse(kind: Any, item: Any) -> Reply:
        left[0] -= 1
        if left[0] >= 0:
            text = "there is vmbackup in progress for vm default/a"
            return Reply(422, json.dumps({"kind": "Status", "message": DENIED % text}))
        return put(kind, item)

    call.power_api._put = refuse  # type: ignore[method-assign]
    result = call(state="stopped", all_vms=True, wait=wait)
    assert result.get("failed", False) is failed
    if failed:
        assert (result["msg"], result["changed"], result["objects"]) == (BACKUP, False, [])
        assert left == [refusals - (6 if wait else 1)]
    else:
        assert [one["text"] for one in result["progress"] if one["event"] == "refused"] == [BACKUP] * 2


def test_a_guest_is_forced_off_by_its_subresource_and_not_for_ever(call: PowerCaller) -> None:
    call.having(machine("a", "vlan100", grace=0), stubborn=["a"], grace=10**9)
    call.kubevirt.hears_force = False
    clock = iter(range(0, 10**6, 20))
    call.clock(lambda: float(next(clock)))
    result = call(state="stopped", all_vms=True, force=True, wait_timeout=300)
    path = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/a/stop"
    assert call.power_api.calls == [(path, {"gracePeriod": 0})] * 6
    assert result["msg"] == "VM 'default/a' was asked to stop 6 times, and does not"
    call.kubevirt.hears_force = True
    call.power_api.calls.clear()
    result = call(state="stopped", all_vms=True, force=True, wait_timeout=300, vms=result["vms"])
    assert not result.get("failed"), result["msg"]
