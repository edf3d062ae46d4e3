# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting the transient unit and fetching what it left."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Sequence

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _launch

JOB = {"files": [], "steps": [{"timeout": 20}], "expected": {}}


class Systemd:
    def __init__(self, status: int = 0, active: bool = False) -> None:
        self.calls: list[Sequence[str]] = []
        self.status = status
        self.active = active

    def __call__(self, argv: Sequence[str]) -> tuple[int, str, str]:
        self.calls.append(argv)
        if argv[0] == "systemctl":
            return (0, "active\n", "") if self.active else (3, "inactive\n", "")
        return self.status, "", "no bus" if self.status else ""


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "live")


def test_one_transient_unit_is_started_with_a_bound(folder: str) -> None:
    systemd = Systemd()
    _launch.start(systemd, JOB, folder)
    (argv,) = systemd.calls
    assert argv[:4] == ["systemd-run", "--quiet", "--collect", "--unit=harvester-network-live"]
    assert "--property=RuntimeMaxSec=160" in argv
    assert json.loads(pathlib.Path(folder, "job.json").read_text()) == JOB
    assert pathlib.Path(folder).stat().st_mode & 0o777 == 0o700


def test_a_second_change_is_refused_while_one_is_there(folder: str) -> None:
    _launch.start(Systemd(), JOB, folder)
    with pytest.raises(NetworkError, match=r"another change of this node's profiles is under way .*run again"):
        _launch.start(Systemd(), JOB, folder)


def test_when_systemd_refuses_nothing_is_left(folder: str) -> None:
    with pytest.raises(NetworkError, match=r"systemd-run: exit status 1 \(no bus\); nothing was changed"):
        _launch.start(Systemd(status=1), JOB, folder)
    assert not pathlib.Path(folder).exists()


def test_a_result_is_fetched_once_and_cleared_away(folder: str) -> None:
    _launch.start(Systemd(), JOB, folder)
    pathlib.Path(folder, "result.json").write_text('{"ok": true, "restored": []}')
    assert _launch.pending(folder) == JOB
    assert _launch.fetch(Systemd(), JOB, folder) == {"ok": True, "restored": []}
    assert _launch.pending(folder) is None
    assert not pathlib.Path(folder).exists()


def test_a_unit_that_ends_without_a_result_keeps_its_record(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_launch, "PAUSE", 0.0)
    _launch.start(Systemd(), JOB, folder)
    with pytest.raises(NetworkError, match=r"ended without a result; what was there before is recorded in .*live-\d+"):
        _launch.fetch(Systemd(active=False), JOB, folder)
    assert not pathlib.Path(folder).exists()
    (kept,) = pathlib.Path(folder).parent.iterdir()
    assert json.loads((kept / "job.json").read_text()) == JOB


def test_a_result_that_nobody_hears_is_left_to_the_next_call(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _launch.start(Systemd(), JOB, folder)
    pathlib.Path(folder, "result.json").write_text('{"ok": true, "restored": []}')
    monkeypatch.setattr(_launch, "heard", lambda: False)
    with pytest.raises(NetworkError, match="the session was cut; the result of the change is kept"):
        _launch.fetch(Systemd(), JOB, folder)
    assert _launch.pending(folder) == JOB


@pytest.mark.parametrize(
    ("confirm", "result", "stays"),
    [
        (True, '{"ok": true}', False),
        # The next change has to tell of it.
        (True, '{"ok": false}', True),
        (False, '{"ok": true}', True),
        (True, "", True),
    ],
)
def test_the_result_of_a_change_that_was_confirmed_or_undone_goes_when_it_went_well(
    folder: str, confirm: bool, result: str, stays: bool
) -> None:
    _launch.start(Systemd(), {**JOB, "confirm": confirm}, folder)
    if result:
        pathlib.Path(folder, "result.json").write_text(result)
    _launch.forget(folder)
    assert pathlib.Path(folder).exists() is stays


def test_a_pipe_without_reader_is_noticed() -> None:
    reader, writer = os.pipe()
    assert _launch.heard(writer)
    os.close(reader)
    assert not _launch.heard(writer)
    os.close(writer)


def test_the_library_is_found_above_the_collection() -> None:
    assert pathlib.Path(_launch.library(), "ansible_collections", "harvester", "network").is_dir()
