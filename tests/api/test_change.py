# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules change and change_info against a real API: four beats, two runners at once, conflicts, large records."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap, _lease
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Phase
from ansible_collections.harvester.network.plugins.module_utils.change._session import Session
from ansible_collections.harvester.network.plugins.module_utils.change._store import Store
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import ApiError, Conflict
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._transport import Transport
from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

MODULES = "ansible_collections.harvester.network.plugins.modules."
NAMESPACE = "harvester-system"
RBAC = Path(__file__).parents[2] / "examples/rbac"
PHASES = [
    {"id": "first", "role": "tests.phases.one", "bound": 60, "input": {"x": 1}},
    {"id": "second", "role": "tests.phases.two", "bound": 90},
]
OPEN: dict[str, Any] = {"runbook": "try_out", "inputs": {"change_x": 1}, "phases": PHASES}
Result = dict[str, Any]
Call = Callable[..., Result]


@pytest.fixture
def call(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls module change as administrator; gives its result. name: another module."""
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)

    def run(state: str = "open", check: bool = False, name: str = "change", **options: Any) -> Result:
        capsys.readouterr()
        given = {"kubeconfig": str(cluster.kubeconfig), **({"state": state} if name == "change" else {}), **options}
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            importlib.import_module(MODULES + name).main()
        result: Result = json.loads(capsys.readouterr().out)
        return result

    return run


@pytest.fixture
def run_of(call: Call) -> Iterator[Callable[..., Result]]:
    """Opens the change, and calls the module as that run."""
    opened = call(**OPEN)
    assert "failed" not in opened, opened["msg"]

    def run(state: str, **options: Any) -> Result:
        return call(state, **{"id": opened["change"]["id"], "runner": opened["runner"], **options})

    yield run


def config_maps(client: Client) -> list[dict[str, Any]]:
    found = client.list("v1", "ConfigMap", NAMESPACE)
    return [item for item in found if item["metadata"]["name"].startswith(_configmap.PREFIX)]


def lease(client: Client) -> dict[str, Any] | None:
    found = [
        item
        for item in client.list("coordination.k8s.io/v1", "Lease", NAMESPACE)
        if item["metadata"]["name"] == _lease.NAME
    ]
    return found[0] if found else None


def states(result: Result) -> list[str]:
    return [phase["state"] for phase in result["change"]["phases"]]


def test_bad_input(call: Call, client: Client) -> None:
    assert call(runbook="x")["msg"] == "state is open but all of the following are missing: phases"
    bad = call(**{**OPEN, "phases": [PHASES[0], PHASES[0]]})
    assert bad["msg"].endswith("phases[1].id=first: is used twice")
    gone = call("started", id="20260101t000000z-x", runner="a", phase="first")
    assert gone["msg"] == (
        "there is no change '20260101t000000z-x' in namespace 'harvester-system'; see harvester.network.change_info"
    )
    assert call("back")["msg"] == (
        "no change is open in namespace 'harvester-system', so there is nothing to roll back; see"
        " harvester.network.change_info"
    )
    assert (config_maps(client), lease(client)) == ([], None)


def test_check_mode_changes_nothing(call: Call, client: Client) -> None:
    told = call(check=True, **OPEN)
    assert (told["changed"], states(told)) == (True, ["planned", "planned"])
    assert (config_maps(client), lease(client)) == ([], None)
    opened = call(**OPEN)
    before, held = config_maps(client), lease(client)
    mine = {"id": opened["change"]["id"], "runner": opened["runner"]}
    assert call("started", check=True, phase="first", before={"a": 1}, **mine)["changed"] is True
    assert call("released", check=True, **mine)["changed"] is False
    assert call(check=True, runner=opened["runner"], **OPEN)["changed"] is False
    assert call("back", check=True, runner=opened["runner"])["changed"] is True
    assert (config_maps(client), lease(client)) == (before, held)


def test_a_whole_change(call: Call, client: Client) -> None:
    opened = call(**OPEN)
    assert (opened["changed"], opened["resumed"]) == (True, False)
    mine = {"id": opened["change"]["id"], "runner": opened["runner"]}
    (main,) = config_maps(client)
    assert main["metadata"]["labels"]["harvester.network/change-state"] == "open"
    held = lease(client)
    assert held is not None and held["spec"]["holderIdentity"] == "%(id)s/%(runner)s" % mine
    started = call("started", phase="first", before={"was": [1, None]}, **mine)
    assert (started["changed"], started["phase"]["before"], started["phase"]["input"]) == (
        True,
        {"was": [1, None]},
        {"x": 1},
    )
    renewed = lease(client)
    assert renewed is not None and renewed["spec"]["leaseDurationSeconds"] == 180
    again = call("started", phase="first", before={"was": "something else"}, **mine)
    assert (again["changed"], again["phase"]["before"]) == (False, {"was": [1, None]})
    assert call("done", phase="first", **mine)["changed"] is True
    assert call("done", phase="first", **mine)["changed"] is False
    assert call("closed", **mine)["msg"].endswith("cannot be closed as done; still to come: second")
    call("started", phase="second", **mine)
    call("done", phase="second", **mine)
    closed = call("closed", **mine)
    assert (closed["changed"], closed["change"]["state"]) == (True, "done")
    assert lease(client) is None
    (info,) = call(name="change_info", state="done")["changes"]
    assert info["progress"] == ["done: first, second"]
    assert call("closed", **mine)["changed"] is False


def test_back(run_of: Callable[..., Result], call: Call, client: Client) -> None:
    run_of("started", phase="first", before={"a": 1})
    run_of("done", phase="first")
    run_of("started", phase="second", before={"b": 2})
    report = run_of("released", why="cut")["report"].splitlines()
    assert report[1:3] == ["done: first", "begun: second"]
    held = lease(client)
    assert held is not None and "holderIdentity" not in held["spec"]
    back = call("back")
    assert [(phase["id"], phase["before"]) for phase in back["rollback"]] == [("second", {"b": 2}), ("first", {"a": 1})]
    mine = {"id": back["change"]["id"], "runner": back["runner"]}
    assert call(runner=back["runner"], **OPEN)["msg"].endswith(
        "is being rolled back, which has to come to its end first; run playbook harvester.network.rollback"
    )
    assert run_of("undone", phase="second")["msg"].startswith("this run (")
    assert states(call("undone", phase="second", **mine)) == ["done", "undone"]
    again = call("back", runner=back["runner"])
    assert [phase["id"] for phase in again["rollback"]] == ["first"]
    call("undone", phase="first", **mine)
    assert call("closed", **mine)["change"]["state"] == "rolled-back"
    assert lease(client) is None


def test_back_while_a_node_is_not_ready(
    run_of: Callable[..., Result], call: Call, cluster: Cluster, client: Client
) -> None:
    """Nothing is written then. A node that is new since has nothing to give back."""
    run_of("started", phase="first", before=1)
    run_of("released", why="cut")
    before = (config_maps(client), lease(client))

    def ready(status: str) -> None:
        conditions = [{"type": "Ready", "status": status, "reason": "Test"}]
        client.patch("v1", "Node", "node2", {"status": {"conditions": conditions}}, status=True)

    ready("Unknown")
    told = call("back")["msg"]
    assert told.startswith("not Ready: node node2; every node of the change takes part in its rollback. Bring it back,")
    assert (config_maps(client), lease(client)) == before
    ready("True")
    assert cluster.add_played(len(client.list("v1", "Node")) + 1)
    back = call("back")
    mine = {"id": back["change"]["id"], "runner": back["runner"]}
    assert call("turn", phase="first", bound=60, **mine)["changed"] is False
    call("undone", phase="first", **mine)
    assert call("closed", **mine)["change"]["state"] == "rolled-back"


def test_a_second_runner_waits_or_takes_over(run_of: Callable[..., Result], call: Call) -> None:
    run_of("started", phase="first", before=1)
    refused = call(**OPEN)["msg"]
    assert refused.startswith("the network is being changed by '") and refused.endswith("change_takeover=true")
    taken = call(takeover=True, **OPEN)
    assert (taken["resumed"], states(taken)) == (True, ["started", "planned"])
    for state in ("held", "done", "started"):
        told = run_of(state, **({} if state == "held" else {"phase": "first"}))["msg"]
        assert told.startswith("this run ('") and "was overtaken by" in told, state
    mine = {"id": taken["change"]["id"], "runner": taken["runner"]}
    assert call("started", phase="first", before=2, **mine)["phase"]["before"] == 1


def test_a_killed_runner_leaves_a_lease_that_runs_out(
    run_of: Callable[..., Result], call: Call, client: Client
) -> None:
    run_of("started", phase="first")
    past = (datetime.now(UTC) - timedelta(seconds=181)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    client.patch("coordination.k8s.io/v1", "Lease", _lease.NAME, {"spec": {"renewTime": past}}, NAMESPACE)
    assert call(**OPEN)["resumed"] is True


def test_other_inputs_are_refused(run_of: Callable[..., Result], call: Call) -> None:
    run_of("released")
    assert "change_x: recorded 1, now 2" in call(**{**OPEN, "inputs": {"change_x": 2}})["msg"]


def test_a_window_that_is_too_short(call: Call) -> None:
    opened = call(**{**OPEN, "phases": [{**PHASES[0], "bound": 36_000}]})
    mine = {"id": opened["change"]["id"], "runner": opened["runner"], "phase": "first"}
    end = (datetime.now(UTC) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = call("started", window_end=end, **mine)["msg"]
    assert told.startswith("phase 'first' does not begin: it may take 36000 s, and the window has ")
    assert states(call("held", **mine)) == ["planned"]


def test_the_turn_of_a_node(run_of: Callable[..., Result], call: Call, cluster: Cluster, client: Client) -> None:
    """Whatever has come up since the phase began ends it there; nothing is written."""
    run_of("started", phase="first")
    before = (config_maps(client), lease(client))
    turn = {"phase": "first", "bound": 600}
    assert run_of("turn", phase="first")["msg"] == "state is turn but all of the following are missing: bound"
    assert run_of("turn", **turn)["changed"] is False
    end = (datetime.now(UTC) + timedelta(seconds=300)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = run_of("turn", window_end=end, **turn)["msg"]
    assert told.startswith("the next node of phase 'first' does not begin: it may take 600 s, and the window has ")
    assert (config_maps(client), lease(client)) == before
    taken = call(takeover=True, **OPEN)
    mine = {"id": taken["change"]["id"], "runner": taken["runner"]}
    assert "was overtaken by '%(id)s/%(runner)s'" % mine in run_of("turn", **turn)["msg"]
    names = sorted(item["metadata"]["name"] for item in client.list("v1", "Node"))
    (new,) = cluster.add_played(len(names) + 1)
    told = call("turn", **turn, **mine)["msg"]
    assert told.endswith("the cluster has other nodes than at its beginning: node %s is new" % new)


def test_a_node_that_is_not_ready_and_one_that_is_new(
    run_of: Callable[..., Result], cluster: Cluster, client: Client
) -> None:
    names = sorted(item["metadata"]["name"] for item in client.list("v1", "Node"))
    new = cluster.add_played(len(names) + 1)
    assert new
    told = run_of("started", phase="first")["msg"]
    assert told.endswith("the cluster has other nodes than at its beginning: node %s is new" % new[0])
    assert states(run_of("held")) == ["planned", "planned"]


def test_a_plan_reads_and_says_what_speaks_against_a_phase(call: Call, client: Client) -> None:
    stop = {"id": "vms-stop", "bound": 600, "steps": [{"kind": "vm_power", "vms": ["default/web"], "state": "stopped"}]}
    hosts = {"id": "hosts", "bound": 900, "steps": [{"kind": "reboot", "nodes": ["node1"]}]}
    off = {"id": "storage-off", "bound": 300, "steps": [{"kind": "storage_network", "value": ""}]}
    told = call(name="change_plan", phases=[stop, hosts])
    assert "failed" not in told, told["msg"]
    assert (told["changed"], told["seconds"]) == (False, 1500)
    assert told["lines"] == [
        "1. vms-stop: at most 600 s",
        "   stops VMs: default/web",
        "2. hosts: at most 900 s",
        "   reboots nodes: node1",
    ]
    refused = call(name="change_plan", phases=[off])
    assert "Please stop all VMs before configuring the storage-network setting" in refused["msg"]
    assert "setting-vms" in {objection["rule"] for objection in refused["objections"]}
    assert (config_maps(client), lease(client)) == ([], None)


def test_the_operator_account_of_the_examples_is_enough(cluster: Cluster, client: Client) -> None:
    for name in ("bindings", "viewer", "operator"):
        client.put(yaml.safe_load((RBAC / f"{name}.yml").read_text(encoding="utf-8"))["items"])
    access = {"kubeconfig": str(cluster.user_kubeconfig("system:serviceaccount:harvester-network:operator"))}
    session = Session(ModuleClient(Transport(access)), NAMESPACE)
    wait_until(lambda: session.store.lease() is None and bool(session.client.list(BY_KEY["nodes"])), ApiError)
    opened = session.open("try_out", {}, (Phase("first", "r", 60),))
    mine = Session(session.client, NAMESPACE, opened.runner)
    mine.started(opened.record.id, "first", "x" * 900_000)
    mine.done(opened.record.id, "first")
    assert mine.closed(opened.record.id).record.state == "done"
    assert lease(client) is None


def wait_until(holds: Callable[[], bool], unless: type[Exception]) -> None:
    """New roles are not in force at once."""
    for _ in range(50):
        with suppress(unless):
            if holds():
                return
        time.sleep(0.2)
    raise AssertionError("not in 10 s")


@pytest.fixture
def sessions(cluster: Cluster) -> Callable[[], Session]:
    return lambda: Session(ModuleClient(Transport({"kubeconfig": str(cluster.kubeconfig)})), NAMESPACE)


def test_of_many_runners_one_opens(sessions: Callable[[], Session], client: Client) -> None:
    phases = (Phase("first", "r", 60),)

    def start(number: int) -> str:
        try:
            return sessions().open("try_out", {}, phases).runner
        except (ChangeError, ApiError):
            return ""

    with ThreadPoolExecutor(6) as pool:
        winners = [runner for runner in pool.map(start, range(6)) if runner]
    assert len(winners) == 1
    assert len(config_maps(client)) == 1


def test_a_write_on_what_another_has_changed_is_refused(sessions: Callable[[], Session]) -> None:
    session = sessions()
    opened = session.open("try_out", {}, (Phase("first", "r", 60), Phase("second", "r", 60)))
    store: Store = session.store
    seen = store.load(opened.record.id)
    mine = Session(session.client, NAMESPACE, opened.runner)
    mine.started(opened.record.id, "first", None)
    with pytest.raises(Conflict, match="was changed by others meanwhile"):
        store.save(seen.record.with_phase(Phase("first", "r", 60, before=9, state="started", started="x")), seen)


def test_a_large_record_lies_in_parts_and_leaves_none(sessions: Callable[[], Session], client: Client) -> None:
    session = sessions()
    opened = session.open("try_out", {}, (Phase("first", "r", 60), Phase("second", "r", 60)))
    mine = Session(session.client, NAMESPACE, opened.runner)
    large = {"objects": ['{"é": %d}' % number * 20 for number in range(12_000)]}
    mine.started(opened.record.id, "first", large)
    first = {item["metadata"]["name"] for item in config_maps(client)}
    assert len(first) > 3
    phase = mine.store.load(opened.record.id).record.phase("first")
    assert phase is not None and phase.before == large
    mine.done(opened.record.id, "first")
    second = {item["metadata"]["name"] for item in config_maps(client)}
    assert len(second) == len(first) and second != first
    (stored,) = mine.store.records("open")
    assert [phase.state for phase in stored.record.phases] == ["done", "planned"]


# --- the Lease alone


ALONE = {"runbook": "verify", "bound": 600}


def test_the_lease_alone_keeps_others_out_and_leaves_no_record(client: Client, call: Call) -> None:
    assert "failed" not in call("leased", check=True, **ALONE)
    assert lease(client) is None
    taken = call("leased", **ALONE)
    assert (taken["changed"], taken["change"]) == (False, None)
    held = lease(client)
    assert held is not None
    assert (held["spec"]["holderIdentity"], held["spec"]["leaseDurationSeconds"]) == (f"verify/{taken['runner']}", 720)
    assert config_maps(client) == []
    for options in ({"state": "leased", **ALONE}, {"state": "open", **OPEN}):
        refused = call(**options)
        assert refused["msg"].startswith(
            f"the network is being changed by 'verify/{taken['runner']}', whose time lasts"
        )
    call("unleased", runbook="verify", runner="another")
    assert lease(client) is not None
    call("unleased", runbook="verify", runner=taken["runner"])
    assert lease(client) is None
    assert "failed" not in call("unleased", runbook="verify", runner=taken["runner"])


def test_the_lease_alone_lasts_anew_while_it_is_ours(client: Client, call: Call) -> None:
    mine = {"state": "leased", **ALONE, "runner": call("leased", **ALONE)["runner"]}
    assert call(**{**mine, "bound": 900})["runner"] == mine["runner"]
    held = lease(client)
    assert held is not None
    assert held["spec"]["leaseDurationSeconds"] == 1020
    call("unleased", runbook="verify", runner=mine["runner"])
    lost = f"this run ('verify/{mine['runner']}') was overtaken by '%s'; it stops here"
    assert call(**mine)["msg"].startswith(lost % "nobody, the Lease is free")
    assert lease(client) is None
    other = call("leased", **ALONE)["runner"]
    assert call(**mine)["msg"].startswith(lost % f"verify/{other}")


def test_no_lease_alone_while_a_change_is_open(client: Client, call: Call, run_of: Callable[..., Result]) -> None:
    run_of("released")
    opened = config_maps(client)[0]["metadata"]["name"].removeprefix(_configmap.PREFIX)
    assert call("leased", **ALONE)["msg"] == f"change '{opened}' is open; go on with it, or roll it back first"
