# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""change_copy and etcd_snapshot: what they return, check mode, and that their documentation says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.host import _etcd_snapshot
from ansible_collections.harvester.network.plugins.modules import change_copy, etcd_snapshot

Call = Callable[..., dict[str, Any]]
CHANGE = "20261126t010203z-mgmt-mtu"
PHASE = {"place": "1", "id": "hosts-lower", "role": "harvester.network.mgmt_mtu", "input": {"mtu": 1}, "before": [1]}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a module; the result as Ansible reads it."""

    def run(module: ModuleType, **options: Any) -> dict[str, Any]:
        with patch_module_args(options), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def documented(module: ModuleType) -> tuple[dict[str, Any], set[str]]:
    """Options without their descriptions, and what is returned."""
    return yaml.safe_load(module.DOCUMENTATION)["options"], set(yaml.safe_load(module.RETURN))


def same(spec: dict[str, Any], options: dict[str, Any]) -> None:
    assert set(spec) == set(options)
    for name, one in spec.items():
        for word in ("type", "default", "required", "choices"):
            assert one.get(word) == options[name].get(word), (name, word)
        if "options" in one:
            same(one["options"], options[name]["suboptions"])


@pytest.mark.parametrize("module", [change_copy, etcd_snapshot], ids=["change_copy", "etcd_snapshot"])
def test_the_options_are_documented(module: Any) -> None:
    same(module.ARGUMENT_SPEC, documented(module)[0])


def test_a_change_is_kept_shown_and_forgotten(call: Call, tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    before = call(change_copy, state="present", id=CHANGE, folder=folder, _ansible_check_mode=True)
    assert (before["changed"], before["changes"], before["reason"]) == (True, [], "")
    kept = call(change_copy, state="present", id=CHANGE, phase=PHASE, folder=folder)
    assert kept["changed"]
    assert kept["changes"] == [{"id": CHANGE, "phases": [{**PHASE, "place": 1}]}]
    shown = call(change_copy, folder=folder)
    assert (shown["changed"], shown["changes"]) == (False, kept["changes"])
    assert set(shown) - {"changed", "invocation"} == documented(change_copy)[1]
    again = call(change_copy, state="present", id=CHANGE, phase=PHASE, folder=folder, _ansible_check_mode=True)
    going = call(change_copy, state="absent", id=CHANGE, folder=folder, _ansible_check_mode=True)
    assert (again["changed"], going["changed"], going["changes"]) == (False, True, kept["changes"])
    gone = call(change_copy, state="absent", id=CHANGE, folder=folder)
    assert (gone["changed"], gone["changes"]) == (True, [])


def test_a_node_without_a_place_keeps_nothing(call: Call, tmp_path: Path) -> None:
    found = call(change_copy, state="present", id=CHANGE, folder=str(tmp_path / "none/kept"))
    assert (found["changed"], found["changes"]) == (False, [])
    assert found["reason"] == f"{tmp_path / 'none'} is not there, so nothing is kept on this node"


def test_a_snapshot_is_taken_where_it_can_be(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    place = _etcd_snapshot.Place("/opt/rke2/bin/rke2", "")
    monkeypatch.setattr(_etcd_snapshot, "place", lambda _run: place)
    taken = {"snapshot": "before-node1-1", "path": "", "reason": ""}
    monkeypatch.setattr(_etcd_snapshot, "take", lambda _program, _name, _run: taken)
    found = call(etcd_snapshot, name="before")
    assert set(found) - {"changed", "invocation"} == documented(etcd_snapshot)[1]
    assert (found["changed"], found["possible"], found["snapshot"]) == (True, True, "before-node1-1")
    planned = call(etcd_snapshot, name="before", _ansible_check_mode=True)
    assert (planned["changed"], planned["possible"], planned["snapshot"]) == (True, True, "")
    monkeypatch.setattr(_etcd_snapshot, "place", lambda _run: _etcd_snapshot.Place("", "there is no rke2"))
    none = call(etcd_snapshot, name="before")
    assert (none["changed"], none["possible"], none["reason"]) == (False, False, "there is no rke2")
