# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed is put back, whatever becomes of the process that changed it. Real processes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.module_utils.probe._guard import (
    SIGNALS,
    Guard,
    Interrupted,
    deaf,
    interruptible,
)

PROGRAM = """
import os, sys
from ansible_collections.harvester.network.plugins.module_utils.probe._guard import Guard
guard = Guard(sys.argv[1], "eno1", float(sys.argv[2]))
open(sys.argv[1], "w").write("eno2")
%s
"""


def until(path: Path, text: str, seconds: float = 20.0) -> None:
    """Wait until a file has that text."""
    end = time.monotonic() + seconds
    while path.read_text() != text:
        assert time.monotonic() < end, path.read_text()
        time.sleep(0.01)


def run(path: Path, ending: str, seconds: float = 600) -> int:
    """A process that changes the file and ends. Returns as soon as nobody holds its output open."""
    path.write_text("eno1")
    argv = [sys.executable, "-c", PROGRAM % ending, str(path), str(seconds)]
    return subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode


@pytest.mark.parametrize(
    "ending",
    ["os.kill(os.getpid(), 9)", "os._exit(1)", "raise SystemExit(3)", "os.killpg(os.setpgrp() or os.getpid(), 9)"],
)
def test_a_process_that_dies_is_cleaned_up_after(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "active_slave"
    run(path, ending)
    until(path, "eno1")


def test_a_process_that_puts_back_itself_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "active_slave"
    assert run(path, "guard.release(); guard.release()") == 0
    assert path.read_text() == "eno2"


def test_a_process_that_hangs_is_overruled(tmp_path: Path) -> None:
    path = tmp_path / "active_slave"
    path.write_text("eno2")
    guard = Guard(str(path), "eno1", 0.05)
    try:
        until(path, "eno1")
    finally:
        guard.release()


def test_the_child_is_gone_after_release(tmp_path: Path) -> None:
    guard = Guard(str(tmp_path / "file"), "x", 600)
    guard.release()
    with pytest.raises(ChildProcessError):
        os.waitpid(guard._child, os.WNOHANG)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_an_error_that_runs_finally(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    steps = []
    with pytest.raises(Interrupted, match="interrupted by %s" % number.name), interruptible():
        try:
            signal.raise_signal(number)
            steps.append("never")
        finally:
            deaf()
            signal.raise_signal(number)
            steps.append("put back")
    assert steps == ["put back"]
    assert signal.getsignal(number) == before
