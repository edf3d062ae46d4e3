# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is left behind, also when a lab is killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import Lab, LabError, config
from lab.host import read_pid

pytestmark = pytest.mark.lab


def processes(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and "pytest" not in line:
            found.append(line)
    return found


def test_down_after_a_kill_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{config.lab_name()[:14]}-kill"
    monkeypatch.setenv("HARVESTER_LAB", name)
    lab = Lab()
    up = subprocess.Popen([sys.executable, "-m", "lab", "up", "--nodes", "2", "--fresh"], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 240
    while not all((lab.directory / node / "qmp").exists() for node in ("node1", "node2")):
        assert time.monotonic() < end and up.poll() is None
        time.sleep(0.2)
    up.kill()
    up.wait()
    supervisor = read_pid(lab.directory / "supervisor.pid")
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    time.sleep(0.5)
    assert not [line for line in processes("qemu-system") if str(lab.directory) in line]
    assert not lab.is_running()

    lab.down()
    assert not lab.directory.exists()
    assert not [path.name for path in Path("/run/netns").glob(f"hnlab-{name}*")]
    assert processes(name) == []
    assert str(lab.directory) not in Path("/proc/mounts").read_text()
    lab.down()  # and again


def test_a_lab_that_is_down_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARVESTER_LAB", f"{config.lab_name()[:14]}-none")
    with pytest.raises(LabError, match=r"is down. 'python -m lab up' starts it"):
        Lab()["node1"]
