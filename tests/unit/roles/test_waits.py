# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a role waits, the screen says for what and how long at most: a module cannot print while it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
SAYING = "Say what is waited for"
FILES = sorted(ROLES.rglob("tasks/**/*.yml"))
SAID_BY_THE_CALLER = {"ordered_reboot/tasks/gates/vip_look.yml"}
"""A look of many, of which the file that loops over them says how long they may take."""


def task_lists(tasks: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """A list of tasks, and those of its blocks."""
    yield tasks
    for task in tasks:
        for part in ("block", "rescue", "always"):
            if part in task:
                yield from task_lists(task[part])


def waits(task: dict[str, Any]) -> bool:
    """Whether a task may take its time because of others. What is judged in check mode does not."""
    if task.get("check_mode") is True:
        return "until" in task
    if (task.get("vars") or {}).get("vms_proving"):
        return True
    options = [value for value in task.values() if isinstance(value, dict)]
    return (
        "until" in task
        or "timeout" in task
        or any(name in task for name in ("ansible.builtin.wait_for_connection", "ansible.builtin.reboot"))
        or any(name in task for name in ("ansible.builtin.wait_for", "ansible.builtin.pause"))
        or any(name in one for one in options for name in ("wait_timeout", "legs_timeout"))
        or (task.get("harvester.network.change") or {}).get("state") == "turn"
    )


def says(task: dict[str, Any]) -> bool:
    told = str((task.get("ansible.builtin.debug") or {}).get("msg"))
    return task["name"] == SAYING and re.fullmatch(r"Waiting at most .+ s,? .+\.", told) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROLES)))
def test_every_wait_is_said_before_it_begins(path: Path) -> None:
    silent = []
    for tasks in task_lists(yaml.safe_load(path.read_text()) or []):
        for before, task in zip([None, *tasks], tasks, strict=False):
            if waits(task) and not (before and says(before)):
                silent.append(task["name"])
    assert silent == [] or str(path.relative_to(ROLES)) in SAID_BY_THE_CALLER


def test_there_are_waits() -> None:
    """That the rule finds what it is about."""
    found = [
        task["name"]
        for path in FILES
        for tasks in task_lists(yaml.safe_load(path.read_text()) or [])
        for task in tasks
        if waits(task)
    ]
    assert len(found) > 25
