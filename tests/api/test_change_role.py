# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role change, driven through by a runbook of two phases: killed, resumed, rolled back, and never a leftover."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stage import HOSTS, SYSTEM, Ran, Stage, good

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver import Cluster

pytestmark = pytest.mark.api

CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "try-out", "namespace": "default"},
    "data": {"value": "old"},
}
OLD = {"value": "old", "node1": "old file 1", "node2": "old file 2"}
NEW = {"value": "new", "node1": "new on node1", "node2": "new on node2"}


class TryOut(Stage):
    """The ConfigMap and the files that runbook try_out changes."""

    def prepare(self) -> None:
        """As before the change."""
        super().prepare()
        self.client.put([CONFIG_MAP])
        for host in HOSTS:
            (self.folder / host).write_text(OLD[host], encoding="utf-8")

    def run(self, playbook: str = "", *arguments: str, **given: Any) -> Ran:
        return super().run(playbook, *arguments, **{"change_to": "new", **given})

    def kept(self) -> list[str]:
        """Versions of what the engine keeps in the cluster: records, and the Lease."""
        records = self.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
        return [item["metadata"]["resourceVersion"] for item in (*records, *self.leases())]

    def seen(self) -> dict[str, str]:
        """What the change is about, as it is."""
        value = self.client.get("v1", "ConfigMap", "try-out", "default")["data"]["value"]
        return {"value": value, **{host: (self.folder / host).read_text(encoding="utf-8") for host in HOSTS}}


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> TryOut:
    found = TryOut(running, tmp_path)
    found.prepare()
    return found


def test_check_mode_shows_the_phases_and_changes_nothing(stage: TryOut) -> None:
    evidence = stage.folder / "evidence"
    ran = good(stage.run("", "--check", change_evidence_dir=str(evidence)))
    for line in (
        "1. in-cluster: at most 60 s",
        "2. on-hosts: at most 60 s",
        "interrupts: nothing",
        "At most 120 s in all.",
    ):
        assert line in ran.text
    # Machine-readable too, and the same in every run: what has not begun has no id.
    planned = json.loads((evidence / "try_out.json").read_text(encoding="utf-8"))["plan"]
    assert (planned["seconds"], planned["objections"]) == (120, [])
    assert [(phase["id"], phase["begins"], phase["ends"]) for phase in planned["phases"]] == [
        ("in-cluster", 0, 60),
        ("on-hosts", 60, 120),
    ]
    assert [phase["interrupts"] for phase in planned["phases"]] == [[], ["nothing"]]
    assert (stage.seen(), stage.states(), stage.leases()) == (OLD, [], [])


@pytest.mark.long
def test_a_clean_run_and_a_second_one(stage: TryOut) -> None:
    ran = good(stage.run())
    assert re.search(r"-try-out is through: its phases took \d+ s; 0 s of that they waited for", ran.text)
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])
    shown = good(stage.run("change_info"))
    assert "Nobody has the Lease." in shown.text
    assert "done: in-cluster, on-hosts" in shown.text
    again = good(stage.run())
    assert stage.seen() == NEW
    assert "begins; phases that are done: none." in again.text


@pytest.mark.long
def test_a_failure_says_what_is_done_and_the_way_on_and_back(stage: TryOut) -> None:
    ran = stage.run(try_failing="node2")
    assert ran.status != 0
    for line in (
        "has stopped: node2 fails here",
        "done: in-cluster",
        "begun: on-hosts",
        "go on: ansible-playbook harvester.network.try_out -i INVENTORY, with the same variables",
        "go back: ansible-playbook harvester.network.rollback -i INVENTORY",
        f"record: ConfigMap '{SYSTEM}/harvester-network-change-",
    ):
        assert line in ran.text, ran.output
    assert stage.states() == ["open"]
    # The Lease is free, so the next run needs no takeover.
    on = good(stage.run())
    assert "goes on; phases that are done: in-cluster." in on.text
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])


@pytest.mark.long
def test_a_stop_before_a_phase_and_on(stage: TryOut) -> None:
    """For what somebody does meanwhile, as switches; and the evidence of both runs."""
    missing = stage.run("", "--check", change_stop_before="switches")
    assert missing.status != 0
    assert "change_stop_before=switches: no such phase; there are in-cluster, on-hosts" in missing.text
    evidence = stage.folder / "evidence"
    ran = good(stage.run(change_stop_before="on-hosts", change_evidence_dir=str(evidence)))
    assert "has stopped: change_stop_before=on-hosts" in ran.text
    assert (stage.seen(), stage.states()) == ({**OLD, "value": "new"}, ["open"])
    on = good(stage.run(change_evidence_dir=str(evidence)))
    assert "goes on; phases that are done: in-cluster." in on.text
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])
    (report,) = [json.loads(path.read_text(encoding="utf-8")) for path in evidence.glob("*.json")]
    assert report["id"].endswith("-try-out")
    assert (report["passed"], report["failed"]) == (True, [])
    assert [phase["id"] for phase in report["plan"]["phases"]] == ["in-cluster", "on-hosts"]
    assert "vm default/web" in [item["key"] for item in report["topology"][""]]
    assert list(report["times"]) == [
        "in-cluster ended",
        "in-cluster started",
        "on-hosts ended",
        "on-hosts started",
        "run ended",
    ]


def test_a_rollback_in_check_mode_tells_its_plan_and_changes_nothing(stage: TryOut) -> None:
    """Record and Lease included; the evidence has it in every form."""
    assert stage.run(try_failing="node2").status != 0
    seen, kept = stage.seen(), stage.kept()
    evidence = stage.folder / "evidence"
    ran = good(stage.run("rollback", "--check", change_evidence_dir=str(evidence)))
    for line in (
        "to be undone, in this order: on-hosts, in-cluster",
        "1. on-hosts (host_file): at most 60 s",
        "put back: Host node1, Host node2",
        "2. in-cluster (config_map_value): at most 60 s; on the way forth it took",
        "At most 120 s in all.",
    ):
        assert line in ran.text, ran.output
    (path,) = evidence.glob("*-try-out.json")
    planned = json.loads(path.read_text(encoding="utf-8"))["plan"]
    assert [(phase["id"], phase["begins"], phase["ends"]) for phase in planned["phases"]] == [
        ("on-hosts", 0, 60),
        ("in-cluster", 60, 120),
    ]
    assert [item["name"] for item in planned["phases"][0]["objects"]] == ["node1", "node2"]
    assert "| on-hosts | 60 s | put back | Host node1, Host node2 |" in path.with_suffix(".md").read_text()
    assert "Host node1, Host node2" in path.with_suffix(".html").read_text()
    assert (stage.seen(), stage.kept(), stage.states()) == (seen, kept, ["open"])


@pytest.mark.long
def test_other_inputs_are_refused(stage: TryOut) -> None:
    assert stage.run(try_failing="node2").status != 0
    other = stage.run(change_to="newer")
    assert other.status != 0
    assert 'change_to: recorded "new", now "newer"' in other.text
    assert stage.states() == ["open"]


@pytest.mark.long
def test_a_window_that_is_too_short(stage: TryOut) -> None:
    end = (datetime.now(UTC) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ran = stage.run(change_window_end=end, try_bound=36_000)
    assert ran.status != 0
    assert "phase 'in-cluster' does not begin: it may take 36000 s, and the window has" in ran.text
    assert "not begun: in-cluster, on-hosts" in ran.text
    assert (stage.seen(), stage.states()) == (OLD, ["open"])
    good(stage.run("rollback"))
    assert (stage.seen(), stage.states(), stage.leases()) == (OLD, ["rolled-back"], [])


@pytest.mark.long
def test_a_killed_run_is_taken_over_when_that_is_asked_for(stage: TryOut) -> None:
    assert stage.run(kill_at="host_file : Write the file#1").status == -9
    refused = stage.run()
    assert refused.status != 0
    assert "the network is being changed by" in refused.text
    good(stage.run(change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])


BOUNDARIES = (
    "harvester.network.change : Record the change#1",
    "harvester.network.change : See that this run still has the Lease#1",
    "harvester.network.change : Record that the phase begins#1",
    "config_map_value : Write the ConfigMap#1",
    "config_map_value : Read the ConfigMap#2",
    "harvester.network.change : Record that the phase is done#1",
    "harvester.network.change : Record that the phase begins#2",
    "host_file : Write the file#1",
    "host_file : Read the file again#1",
    "harvester.network.change : Record that the phase is done#2",
    "harvester.network.change : Close the change#1",
)
"""Tasks right before or after which something is written."""


ALWAYS = "host_file : Write the file#1"
"""The row that `make test` has; all others belong to the long tests."""


@pytest.mark.fault("role change", "runner killed", "goes on")
@pytest.mark.parametrize("at", [at if at == ALWAYS else pytest.param(at, marks=pytest.mark.long) for at in BOUNDARIES])
def test_killed_and_resumed(stage: TryOut, at: str) -> None:
    killed = stage.run(kill_at=at)
    assert (killed.status, killed.tasks[-1]) == (-9, at)
    good(stage.run(change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])


@pytest.mark.fault("role change", "runner killed", "goes back")
@pytest.mark.long
@pytest.mark.parametrize("at", BOUNDARIES[1:])
def test_killed_and_rolled_back(stage: TryOut, at: str) -> None:
    assert stage.run(kill_at=at).status == -9
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == (OLD, ["rolled-back"], [])


@pytest.mark.fault("role change", "runner of the rollback killed", "goes back")
@pytest.mark.long
@pytest.mark.parametrize(
    "at",
    [
        "harvester.network.change : Record that the change goes back#1",
        "host_file : Put the file back#1",
        "harvester.network.change : Record that the phase is undone#1",
        "config_map_value : Write the ConfigMap#1",
        "harvester.network.change : Record that the phase is undone#2",
        "harvester.network.change : Close the change#1",
    ],
)
def test_a_rollback_is_killed_and_goes_on(stage: TryOut, at: str) -> None:
    assert stage.run(try_failing="node2").status != 0
    killed = stage.run("rollback", kill_at=at)
    assert (killed.status, killed.tasks[-1]) == (-9, at)
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == (OLD, ["rolled-back"], [])


@pytest.mark.long
@pytest.mark.parametrize(
    "at",
    [
        "harvester.network.change : Apply the phases in memory#1",
        "harvester.network.change : Record the change#1",
        "harvester.network.change : Record that the phase begins#1",
        "harvester.network.change : Record that the phase is done#2",
        "harvester.network.change : Close the change#1",
    ],
)
def test_an_api_that_is_away_for_some_seconds_is_waited_for(stage: TryOut, at: str) -> None:
    """Every call of the engine is tried again for api_retry_timeout, 60 s."""
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(stage.run, pause_at=at, log="away")
        stage.wait_for("away", at)
        stage.cluster.stop()
        (stage.folder / "away.go").touch()
        time.sleep(10)
        stage.cluster.ensure_forwarder()
        good(first.result())
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])


@pytest.mark.long
def test_after_a_rollback_has_begun_there_is_no_way_forward(stage: TryOut) -> None:
    assert stage.run(try_failing="node2").status != 0
    assert stage.run("rollback", kill_at="host_file : Put the file back#1").status == -9
    on = stage.run(change_takeover=True)
    assert on.status != 0
    assert "is being rolled back, which has to come to its end first" in on.text
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states()) == (OLD, ["rolled-back"])


@pytest.mark.long
def test_a_runner_that_was_overtaken_changes_nothing_any_more(stage: TryOut) -> None:
    """The first run stands still before its second phase, while another takes over and comes to its end."""
    at = "harvester.network.change : Record that the phase begins#2"
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(stage.run, pause_at=at, log="first")
        stage.wait_for("first", at)
        good(stage.run(change_takeover=True))
        (stage.folder / "first.go").touch()
        ran = first.result()
    assert ran.status != 0
    assert ran.tasks[-1].startswith("harvester.network.change : Say what is done")
    assert "is closed (done since" in ran.text
    assert (stage.seen(), stage.states(), stage.leases()) == (NEW, ["done"], [])
