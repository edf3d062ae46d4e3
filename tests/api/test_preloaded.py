# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that come by standard input run in forks as they would by themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stage import preloaded

pytestmark = pytest.mark.api

TELL = "import os, sys; print(sys.argv, __name__, os.getcwd(), os.environ['ASKED'], sys.path); "
ROWS = {
    "ends": ("", 0, ""),
    "a status of its own": ("import atexit; atexit.register(print, 'after'); sys.exit(7)", 7, ""),
    "a failure": ("1 / 0", 1, "ZeroDivisionError: division by zero"),
    "a signal": ("os.kill(os.getpid(), 9)", -9 & 0xFF, ""),
}


def run(program: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment, "ASKED": "the caller's"}
    argv = [sys.executable, *arguments]
    return subprocess.run(argv, input=program, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("program", "status", "message"), ROWS.values(), ids=ROWS)
def test_as_by_itself(tmp_path: Path, program: str, status: int, message: str) -> None:
    forked = run(TELL + program, tmp_path, **preloaded())
    plain = run(TELL + program, tmp_path, PYTHONPATH=preloaded()["PYTHONPATH"])
    assert forked.returncode == status
    assert forked.returncode == plain.returncode & 0xFF
    assert forked.stdout == plain.stdout
    assert message in forked.stderr


def test_what_is_imported_already(tmp_path: Path) -> None:
    asked = "import sys; print('kubernetes.client' in sys.modules, 'ansible' in sys.modules)"
    assert run(asked, tmp_path, **preloaded()).stdout.split() == ["True", "False"]
    assert run(asked, tmp_path, "-", **preloaded()).stdout.split() == ["False", "False"], "another command line"
    elsewhere = {**preloaded(), "PRELOADED": f"{tmp_path}:{tmp_path}"}
    assert run(asked, tmp_path, **elsewhere).stdout.split() == ["False", "False"], "another environment"
