# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu by ansible-runner, as AWX runs it: the data directory of a job is gone with the job, its change is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stage import Ran, good
from test_mgmt_mtu import UP, Nodes, everywhere

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

SECOND_NODE = "harvester.network.mgmt_mtu : Change profiles and kernel#2"


@pytest.fixture
def nodes(running: Cluster, tmp_path: Path) -> Nodes:
    found = Nodes(running, tmp_path)
    found.prepare()
    return found


def job(nodes: Nodes, directory: Path, kill_at: str = "", **variables: Any) -> Ran:
    """Run mgmt_mtu in a data directory that holds inventory and variables only; the change's copy goes there too."""
    inventory = json.loads((nodes.folder / "hosts.json").read_text())
    inventory["harvester_nodes"]["vars"]["change_copy_dir"] = str(directory / "copies")
    given = {f"change_{name}": value for name, value in variables.items()}
    for name, content in {"inventory/hosts.json": inventory, "env/extravars": given}.items():
        (directory / name).parent.mkdir(parents=True)
        (directory / name).write_text(json.dumps(content))
    runner = [sys.executable, "-m", "ansible_runner", "run", str(directory), "--ident", "job"]
    done = subprocess.run(
        [*runner, "-p", "harvester.network.mgmt_mtu"],
        cwd=directory,
        env=nodes.environment(kill_at),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr, nodes.lines("tasks"))


def handed_out(directory: Path) -> dict[str, Any]:
    """What the job gave by set_stats; AWX keeps it with the job."""
    events = [json.loads(path.read_text()) for path in (directory / "artifacts/job/job_events").glob("*.json")]
    (stats,) = [event for event in events if event["event"] == "playbook_on_stats"]
    found: dict[str, Any] = stats["event_data"]["artifact_data"]
    return found


def test_a_job_that_ends_in_the_middle_goes_on_in_a_fresh_data_directory(nodes: Nodes, tmp_path: Path) -> None:
    vms = nodes.vms()
    first, second = tmp_path / "first", tmp_path / "second"
    killed = job(nodes, first, SECOND_NODE, **UP)
    assert (killed.status != 0, killed.tasks[-1:]) == (True, [SECOND_NODE]), killed.output
    assert sorted(node["mgmt-bo"] for node in nodes.links().values()) == [1500, 1500, 9000]
    assert (nodes.states(), len(list((first / "copies").iterdir()))) == (["open"], 1)
    shutil.rmtree(first)
    on = good(job(nodes, second, takeover=True, **UP))
    assert "goes on; phases that are done: vms-stop." in on.text
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    assert nodes.states() == ["done"]
    summary = handed_out(second)["harvester_evidence"]
    assert (summary["id"][-9:], summary["passed"], summary["failed"]) == ("-mgmt-mtu", True, [])
