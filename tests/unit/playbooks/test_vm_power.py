# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role vms with a record on disk: it is there before the first VM is stopped, and leads back. Runs cost seconds."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

NIGHTLY = {"kind": "ScheduleVMBackup", "namespace": "default", "name": "nightly", "uid": "u2"}


def entry(name: str) -> dict[str, str]:
    return {"namespace": "default", "name": name, "uid": "u", "run_strategy": "Always"}


def record(*names: str, **more: Any) -> dict[str, Any]:
    return {"vms": [entry(name) for name in names], "schedules": [NIGHTLY], "cordoned": []} | more


def answers(playground: Any, check: dict[str, Any], write: dict[str, Any] | None = None) -> None:
    (playground.folder / "power.json").write_text(json.dumps({"check": check, "write": write or check}))


PLAY = [
    {
        "hosts": "harvester_nodes",
        "gather_facts": False,
        "tasks": [{"name": "Bring VMs", "ansible.builtin.import_role": {"name": "harvester.network.vms"}}],
    }
]


def run(playground: Any, *arguments: str, **variables: Any) -> Any:
    path = playground.folder / "play.yml"
    path.write_text(json.dumps(PLAY))
    given = {"vms_state": "stopped", "vms_record_file": str(playground.folder / "record.json")} | variables
    return playground.run({"n1": {}, "n2": {}}, *arguments, playbook=str(path), **given)


def stored(playground: Any) -> Any:
    path = playground.folder / "record.json"
    return json.loads(path.read_text()) if path.exists() else None


@pytest.mark.oldest
def test_there_and_back(playground: Any) -> None:
    answers(playground, record("a"), record("a", "b"))
    found = run(playground, vms_cluster_networks=["vmnet"])
    assert found.status == 0, found.output
    networks = {"cluster_networks": ["vmnet"]}
    assert found.log == [
        "cluster power stopped check " + json.dumps(networks),
        "cluster power stopped write " + json.dumps(networks | {"vms": [entry("a")]}, sort_keys=True),
    ]
    assert stored(playground) == record("a", "b")
    answers(playground, record("a", "b"))
    found = run(playground, vms_state="started", vms_accepted=["default/b"])
    assert found.status == 0, found.output
    given = json.dumps({"accepted": ["default/b"], "vms": [entry("a"), entry("b")]}, sort_keys=True)
    assert found.log == ["cluster power started check " + given, "cluster power started write " + given]
    assert stored(playground) is None


def test_a_call_that_fails_on_its_way_leaves_its_record(playground: Any) -> None:
    answers(playground, record("a"), {"msg": "waited 300 s in vain"} | record("a", "b"))
    found = run(playground, vms_all=True)
    assert found.status != 0
    assert "waited 300 s in vain" in found.output
    assert stored(playground) == record("a", "b")


def test_what_is_refused_ends_before_the_first_write(playground: Any) -> None:
    answers(playground, {"msg": "VM 'default/a': it is paused"})
    found = run(playground, vms_all=True)
    assert found.status != 0
    assert [line.split()[3] for line in found.log] == ["check"]
    assert stored(playground) is None


def test_check_mode_writes_nothing(playground: Any) -> None:
    answers(playground, record("a"))
    found = run(playground, "--check", vms_state="migrated", vms_node="n1")
    assert found.status == 0, found.output
    assert found.log == ['cluster power migrated check {"node": "n1"}']
    assert stored(playground) is None


def test_without_a_record_nothing_is_restored(playground: Any) -> None:
    found = run(playground, vms_state="started")
    assert found.status != 0
    assert "there is no record of VMs to restore" in found.text()
    assert found.log == []
