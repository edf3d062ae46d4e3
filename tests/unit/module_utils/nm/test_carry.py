# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that was planned elsewhere: carried out when it still fits; its files undone when that fails."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _carry, _faces, _node_module
from ansible_collections.harvester.network.plugins.module_utils.nm._job_files import FilesJob
from ansible_collections.harvester.network.plugins.module_utils.nm._places import CONFIRM_FOLDER, LIVE_FOLDER

ETC = "/etc/NetworkManager/system-connections"
NEW = {"path": f"{ETC}/new.nmconnection", "before": None, "after": "new\n"}
OLD = {"path": f"{ETC}/old.nmconnection", "before": "old\n", "after": "other\n"}
GONE = {"path": f"{ETC}/gone.nmconnection", "before": "gone\n", "after": None}


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    for item in (OLD, GONE):
        target = tmp_path / str(item["path"]).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(str(item["before"]))
    return tmp_path


def texts(root: pathlib.Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (root / ETC.lstrip("/")).iterdir()}


def job(*files: Any, load: bool = True) -> dict[str, Any]:
    return {"files": list(files), "steps": [], "load": load}


def test_a_plan_fits_as_long_as_its_files_are_as_they_were(root: pathlib.Path) -> None:
    assert _carry.still_planned(job(NEW, OLD, GONE), str(root))
    (root / NEW["path"].lstrip("/")).write_text("somebody's")  # type: ignore[union-attr]
    assert not _carry.still_planned(job(NEW, OLD, GONE), str(root))
    assert not _carry.still_planned(job({**OLD, "before": "older\n"}), str(root))


@pytest.mark.parametrize("folder", [LIVE_FOLDER, CONFIRM_FOLDER])
def test_a_plan_does_not_fit_beside_another_change(root: pathlib.Path, folder: str) -> None:
    (root / folder.lstrip("/")).mkdir(parents=True)
    assert not _carry.still_planned(job(OLD), str(root))


@pytest.mark.parametrize("load", [True, False])
def test_files_are_written_and_loaded(root: pathlib.Path, load: bool) -> None:
    asked: list[Sequence[str]] = []

    def run(argv: Sequence[str], _timeout: float) -> tuple[int, str, str]:
        asked.append(argv)
        return 0, "", ""

    assert FilesJob(job(NEW, OLD, GONE, load=load), run, str(root)).execute() == {"ok": True, "restored": []}
    expected = {"new.nmconnection": "new\n", "old.nmconnection": "other\n"}
    # nmcli connection delete, a step, removes a file with its profile; without one only the file goes
    assert texts(root) == (expected | {"gone.nmconnection": "gone\n"} if load else expected)
    assert asked == ([["nmcli", "connection", "load", NEW["path"], OLD["path"]]] if load else [])


def test_files_are_put_back_when_they_do_not_load(root: pathlib.Path) -> None:
    before = texts(root)
    answers = [(4, "", "Error: failed"), (0, "", "")]
    result = FilesJob(job(NEW, OLD), lambda *_argv: answers.pop(0), str(root)).execute()
    assert texts(root) == before
    assert result == {
        "ok": False,
        "error": f"'nmcli connection load {NEW['path']} {OLD['path']}' failed with exit status 4: Error: failed",
        "undone": True,
        "undo_failed": [],
        "restored": [],
    }


def test_what_could_not_be_put_back_is_told(root: pathlib.Path) -> None:
    result = FilesJob(job(OLD), lambda *_argv: (4, "", "Error: no"), str(root)).execute()
    text = f"profiles: 'nmcli connection load {OLD['path']}' failed with exit status 4: Error: no"
    assert (result["undone"], result["undo_failed"]) == (False, [text])
    with pytest.raises(NetworkError) as error:
        _carry.raise_failure(lambda _argv: (0, "", ""), job(OLD), result, "%s")
    assert str(error.value).endswith(f"and not everything could be put back: {text}")


RESULT = {"changed": True, "warnings_found": ["mind this"], "restored": [], "profiles": [{"id": "bond-mgmt"}]}


@pytest.mark.parametrize("fits", [True, False])
def test_the_module_carries_a_plan_out_or_begins_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fits: bool
) -> None:
    # Where Ansible's controller is loaded, a module's warnings go to the screen.
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    monkeypatch.setattr(_carry, "still_planned", lambda _job: fits)
    monkeypatch.setattr(_carry, "out", lambda _run, _job: {"restored": ["bridge vlan add"]})
    began: list[Any] = []
    monkeypatch.setattr(_node_module, "_from_the_start", lambda _module, items, names: began.append((items, names)))
    arguments = {
        "profiles": [{"id": "bond-mgmt", "mtu": None}],
        _node_module.PLANNED: {"job": job(OLD), "result": RESULT},
    }
    with patch_module_args(arguments):
        if fits:
            with pytest.raises(SystemExit):
                _faces.run_face(None)
            told = json.loads(capsys.readouterr().out)
            assert (told["changed"], told["restored"]) == (True, ["bridge vlan add"])
            assert "mind this" in str(told["warnings"])
        else:
            _faces.run_face(None)
    assert began == ([] if fits else [([{"id": "bond-mgmt", "mtu": None}], ["bond-mgmt"])])
