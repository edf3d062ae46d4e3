# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""meta/runtime.yml and galaxy.yml against what the collection holds."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def modules() -> set[str]:
    return {path.stem for path in (ROOT / "plugins/modules").glob("*.py") if path.stem != "__init__"}


def test_two_action_groups() -> None:
    assert set(RUNTIME["action_groups"]) == {"node", "cluster"}


def test_every_module_is_in_exactly_one_action_group() -> None:
    members = [name for group in RUNTIME["action_groups"].values() for name in group]
    assert len(members) == len(set(members))
    assert modules() - set(members) == set()


def test_requires_ansible_has_a_lower_bound_only() -> None:
    assert RUNTIME["requires_ansible"] == ">=2.19.0"


def test_galaxy_names_what_users_look_for() -> None:
    assert (GALAXY["namespace"], GALAXY["name"]) == ("harvester", "network")
    for key in ("repository", "documentation", "homepage", "issues", "description", "tags", "license_file"):
        assert GALAXY[key], key
    assert "kubernetes.core" in GALAXY["dependencies"]
    assert "license" not in GALAXY
