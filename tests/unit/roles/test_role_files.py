# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks against their argument specs and READMEs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.cluster._auth import AUTH_ARGSPEC
from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_profiles import OPTIONS

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _options(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = _load(path)["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified_and_every_option_is_in_the_readme(role: str) -> None:
    options = _options(ROOT / "roles" / role / "meta/argument_specs.yml")
    defaults = _load(ROOT / "roles" / role / "defaults/main.yml")
    assert set(defaults) == {name for name, option in options.items() if not option.get("required")}
    readme = (ROOT / "roles" / role / "README.md").read_text()
    assert [name for name in options if f"`{name}`" not in readme] == []
    for name, option in options.items():
        value = defaults.get(name)
        if "default" in option and not str(value).startswith("{{"):
            assert option["default"] == value, name


@pytest.mark.parametrize("role", ROLES)
def test_roles_say_what_they_are(role: str) -> None:
    assert set(_load(ROOT / "roles" / role / "meta/argument_specs.yml")["argument_specs"]["main"]) >= {
        "short_description",
        "description",
        "version_added",
        "author",
        "options",
    }
    assert _load(ROOT / "roles" / role / "meta/main.yml")["galaxy_info"]["license"] == "GPL-3.0-or-later"


def test_the_desired_state_has_the_options_of_the_filter() -> None:
    options = _options(ROOT / "roles/mgmt_network/meta/argument_specs.yml")["mgmt_network_desired"]["options"]
    assert set(options) == set(OPTIONS)


def test_raw_is_used_once() -> None:
    files = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    used = [path for path in files if re.search(r"\b(raw|shell|command|script):", path.read_text())]
    assert used == [ROOT / "roles/node_check/tasks/main.yml"]


def _tasks(found: Any) -> Iterator[dict[str, Any]]:
    for task in found or ():
        yield task
        for part in ("block", "rescue", "always", "tasks"):
            yield from _tasks(task.get(part))


TASK_FILES = sorted([*(ROOT / "roles").rglob("tasks/**/*.yml"), *(ROOT / "playbooks").glob("*.yml")])


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_node_is_lost_in_silence(path: Path) -> None:
    """With ignore_errors alone Ansible goes on without a node that it cannot reach, whatever any_errors_fatal says."""
    silent = [
        task["name"]
        for task in _tasks(_load(path))
        if "ignore_errors" in task and "ignore_unreachable" not in task and task.get("delegate_to") != "localhost"
    ]
    assert silent == []


def _with_keywords(found: Any, above: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Tasks with what the blocks around them, and their play, say of errors."""
    for task in found or ():
        said = {**above, **{key: task[key] for key in task if key.startswith(("ignore_", "any_errors"))}}
        parts = [part for part in ("block", "rescue", "always", "tasks") if part in task]
        if not parts:
            yield {**said, "name": task["name"]}
        for part in parts:
            yield from _with_keywords(task[part], said)


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_node_whose_loss_is_ignored_does_not_end_the_run_of_all(path: Path) -> None:
    """any_errors_fatal of the play counts it, unless errors are ignored too. In core 2.19 a template is true."""
    tasks = list(_with_keywords(_load(path), {}))
    assert [task["name"] for task in tasks if task.get("any_errors_fatal") not in (None, True, False)] == []
    counted = [
        task["name"]
        for task in tasks
        if task.get("ignore_unreachable") is True
        and task.get("ignore_errors") is not True
        and task.get("any_errors_fatal") is not False
    ]
    assert counted == []


OF_THE_ENGINE = {"change_inputs", "change_phases", "change_runbook", "change_turn_bound"}
"""Variables by which a playbook, or a role of phases, calls role change; the role's others are the operator's, under
their own names."""


def _operators(text: str) -> set[str]:
    """The operator's variables that role change reads when a playbook calls it."""
    if "name: harvester.network.change\n" not in text:
        return set()
    entry = "rollback" if "tasks_from: rollback\n" in text else "main"
    return set(_load(ROOT / "roles/change/meta/argument_specs.yml")["argument_specs"][entry]["options"]) - OF_THE_ENGINE


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_uses_exactly_the_variables_that_it_specifies(name: str) -> None:
    text = re.sub(r"^#.*", "", (ROOT / f"playbooks/{name}.yml").read_text(), flags=re.MULTILINE)
    options = _options(ROOT / f"playbooks/argument_specs/{name}.yml")
    used = set(re.findall(r"(?<![./])\b(?:change_|harvester_(?:api|cluster_networks|mgmt|storage_network))\w*", text))
    assert (used - OF_THE_ENGINE) | _operators(text) == set(options)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_variable_of_a_play_means_the_same_inside_role_change(name: str) -> None:
    """There a variable that nobody has given has the role's default, and `default` never comes into play."""
    plays = _load(ROOT / f"playbooks/{name}.yml")
    of_role = _load(ROOT / "roles/change/defaults/main.yml")
    other = [
        (variable, given, default)
        for play in plays
        for variable, text in (play.get("vars") or {}).items()
        for given, default in re.findall(r"(change_\w+) \| default\(([^)]*)\)", str(text))
        if given in of_role and yaml.safe_load(default) != of_role[given]
    ]
    assert other == []


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_is_one_play_with_the_rules_of_all_runbooks(name: str) -> None:
    """Rollback has a second one, without nodes that are gone; the first makes the group that it names, if it ran."""
    without_gone = "harvester_nodes{{ ':&rollback_nodes' if groups['rollback_nodes'] is defined else '' }}"
    play, *others = _load(ROOT / f"playbooks/{name}.yml")
    assert [other["hosts"] for other in others] == [without_gone] * (name == "rollback")
    assert play["hosts"] == "harvester_nodes"
    for one in (play, *others):
        assert one["gather_facts"] is False
        assert one["any_errors_fatal"] is True
        assert one["strategy"] == "ansible.builtin.linear"
        assert "serial" not in one
    assert play["tasks"][0]["tags"] == "always"
    assert "validate_argument_spec" in " ".join(play["tasks"][1])


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_reaches_the_api_in_the_same_way(name: str) -> None:
    """The whole dict of options is taken over from harvester_api, and only where the API is used."""
    *_, play = _load(ROOT / f"playbooks/{name}.yml")
    given = (play.get("module_defaults") or {}).get("group/harvester.network.cluster")
    if "harvester_api" not in _options(ROOT / f"playbooks/argument_specs/{name}.yml"):
        assert given is None
        return
    options = sorted(set(AUTH_ARGSPEC) - {"username", "password", "no_proxy", "proxy_headers", "persist_config"})
    assert given == {option: "{{ harvester_api.%s | default(omit) }}" % option for option in options}


def test_the_example_asks_for_what_the_filter_knows() -> None:
    example = _load(ROOT / "examples/inventory/group_vars/harvester_nodes.yml")["harvester_mgmt"]
    assert set(example) <= set(OPTIONS)
