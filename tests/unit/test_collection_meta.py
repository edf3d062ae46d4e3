# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""meta/runtime.yml and galaxy.yml against what the collection holds."""

from __future__ import annotations

from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def packages(path: str) -> dict[str, list[Requirement]]:
    """The packages of a requirements file by name, once per line."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(requirement.name, []).append(requirement)
    return found


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


def test_what_users_install_is_what_is_tested() -> None:
    """The packages that the collection needs are tested in a version that it accepts."""
    needed = packages("requirements.txt")
    assert set(needed) == {"kubernetes", "netaddr"}
    for tested in (packages("requirements/dev.in"), packages("requirements/oldest.in")):
        for name, (requirement,) in needed.items():
            (pin,) = tested[name]
            (version,) = pin.specifier
            assert version.operator == "=="
            assert version.version in requirement.specifier, name


def test_the_oldest_versions_are_tested_themselves() -> None:
    bounds = {name: str(requirement.specifier) for name, (requirement,) in packages("requirements.txt").items()}
    pins = {name: str(found[0].specifier) for name, found in packages("requirements/oldest.in").items()}
    assert {name: pins[name].replace("==", ">=") for name in bounds} == bounds
    assert pins["ansible-core"].replace("==", ">=") == RUNTIME["requires_ansible"]


def test_execution_environments_get_these_packages() -> None:
    found = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text(encoding="utf-8"))
    assert found["dependencies"] == {"python": "requirements.txt"}
