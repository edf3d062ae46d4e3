# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runbooks by ansible-runner, as AWX runs them: the data directory of a job is gone with the job, its change is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import RUNBOOK, Ran, good
from test_change_role import NEW, TryOut

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

ON_HOSTS = "host_file : Write the file#1"
SECOND_NODE = "harvester.network.mgmt_network : Change the profiles and make them live#2"


class Job:
    """A job with a data directory of its own, which gets the inventory and the variables, and nothing of other jobs.

    The change's copy on the controller lies in it too.
    """

    def __init__(self, stage: TryOut | Nodes, directory: Path) -> None:
        self.stage = stage
        self.directory = directory

    def run(self, playbook: str, variables: Mapping[str, Any], kill_at: str = "") -> Ran:
        inventory = json.loads((self.stage.folder / "hosts.json").read_text())
        inventory["harvester_nodes"]["vars"]["change_copy_dir"] = str(self.directory / "copies")
        for name, content in {"inventory/hosts.json": inventory, "env/extravars": variables}.items():
            path = self.directory / name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(content))
        argv = [sys.executable, "-m", "ansible_runner", "run", str(self.directory), "--ident", "job", "-p", playbook]
        done = subprocess.run(
            argv,
            cwd=self.directory,
            env=self.stage.environment(kill_at),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        # Of a playbook that died by a signal ansible-runner has no status, and exits with 0: what the job says counts.
        status = self.directory / "artifacts/job/status"
        assert status.exists(), done.stdout + done.stderr
        failed = status.read_text() != "successful"
        return Ran(int(failed), done.stdout + done.stderr, self.stage.lines("tasks"))

    def copies(self) -> int:
        """How many changes the controller has a copy of."""
        return len(list((self.directory / "copies").iterdir()))

    def evidence(self) -> dict[str, Any]:
        """The summary of the evidence that the job gave by set_stats, and AWX keeps with the job."""
        events = [json.loads(path.read_text()) for path in self.directory.glob("artifacts/job/job_events/*.json")]
        (stats,) = [event for event in events if event["event"] == "playbook_on_stats"]
        found: dict[str, Any] = stats["event_data"]["artifact_data"]["harvester_evidence"]
        return found


def ended(ran: Ran, at: str) -> None:
    """The runner has seen its playbook die right before this task."""
    assert ran.status != 0, ran.output
    assert ran.tasks[-1:] == [at], ran.output


def test_a_change_goes_on_in_a_fresh_data_directory(running: Cluster, tmp_path: Path) -> None:
    stage = TryOut(running, tmp_path)
    stage.prepare()
    first, second = Job(stage, tmp_path / "first"), Job(stage, tmp_path / "second")
    playbook, given = str(RUNBOOK / "try_out.yml"), {"change_to": "new"}
    ended(first.run(playbook, given, ON_HOSTS), ON_HOSTS)
    assert (stage.states(), first.copies()) == (["open"], 1)
    shutil.rmtree(first.directory)
    on = good(second.run(playbook, {**given, "change_takeover": True}))
    assert "goes on; phases that are done: in-cluster." in on.text
    assert (stage.seen(), stage.states(), stage.leases(), second.copies()) == (NEW, ["done"], [], 0)
    found = second.evidence()
    assert (found["id"].endswith("-try-out"), found["passed"], found["failed"]) == (True, True, [])


def test_mgmt_mtu_goes_on_in_a_fresh_data_directory(nodes: Nodes, tmp_path: Path) -> None:
    vms = nodes.vms()
    first, second = Job(nodes, tmp_path / "first"), Job(nodes, tmp_path / "second")
    playbook, given = "harvester.network.mgmt_mtu", {f"change_{name}": value for name, value in UP.items()}
    ended(first.run(playbook, given, SECOND_NODE), SECOND_NODE)
    assert sorted(links["mgmt-bo"] for links in nodes.links().values()) == [1500, 1500, 9000]
    assert (nodes.states(), first.copies()) == (["open"], 1)
    shutil.rmtree(first.directory)
    on = good(second.run(playbook, {**given, "change_takeover": True}))
    assert "goes on; phases that are done: vms-stop." in on.text
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert (nodes.states(), second.copies()) == (["done"], 0)
    found = second.evidence()
    assert (found["id"].endswith("-mgmt-mtu"), found["passed"], found["failed"]) == (True, True, [])
    phases = {phase["id"]: phase for phase in found["plan"]["phases"]}
    assert list(phases) == ["vms-stop", "hosts-lower", "hosts-upper", "overlay", "annotation", "vms-start"]
    assert phases["annotation"]["objects"] != []
