# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor with shell scripts in QEMU's place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lab.host import end_process, is_ours, read_pid
from lab.services import Services
from lab.supervisor import ATTEMPTS

TESTS = Path(__file__).parents[2]
RUNS_ON = 'echo $$ >> starts; echo "$@" >> arguments; exec sleep 60'
REBOOTS_THEN_POWERS_OFF = (
    "echo $$ >> starts; sleep 2.2; [ $(wc -l < starts) -lt 2 ] && text='reboot: Restarting system' "
    "|| text='reboot: Power down'; echo \"$text\" >> console.log"
)


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


class Fake:
    """A state directory with one node, whose 'QEMU' is a script."""

    def __init__(self, state: Path, script: str) -> None:
        self.state = state
        self.node = state / "node1"
        self.node.mkdir()
        self.services = Services(state)
        self.services.add("first", ["sleep", "61"])
        (self.node / "argv.json").write_text(json.dumps(["sh", "-c", script, "fake"]))
        (self.node / "console.log").touch()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab.supervisor", str(state)], env={**os.environ, "PYTHONPATH": str(TESTS)}
        )

    def starts(self) -> list[int]:
        with suppress(FileNotFoundError):
            return [int(word) for word in (self.node / "starts").read_text().split()]
        return []

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Fake]]:
    made: list[Fake] = []

    def one(script: str) -> Fake:
        made.append(Fake(tmp_path, script))
        return made[0]

    yield one
    for fake in made:
        fake.end()


def test_a_reboot_starts_it_again_and_a_power_off_does_not(make: Callable[[str], Fake]) -> None:
    fake = make(REBOOTS_THEN_POWERS_OFF)
    until((fake.node / "off").exists)
    assert len(fake.starts()) == 2


def test_what_cannot_start_is_not_tried_for_ever(make: Callable[[str], Fake]) -> None:
    fake = make("echo $$ >> starts; exit 1")
    until((fake.node / "off").exists)
    assert len(fake.starts()) == ATTEMPTS


def test_a_start_that_fails_is_tried_again_from_the_same_snapshot(make: Callable[[str], Fake]) -> None:
    fake = make(
        'echo $$ >> starts; echo "$@" >> arguments; number=$(wc -l < starts); [ $number -ne 1 ] || echo base > loadvm;'
        " [ $number -lt 4 ] || exec sleep 60; exit 1"
    )
    until(lambda: len(fake.starts()) == 4)
    assert (fake.node / "arguments").read_text().split("\n")[:-1] == ["", *["-loadvm base"] * 3]
    assert not (fake.node / "off").exists()
    assert "QEMU of node1 ended at once with status 1" in (fake.state / "services.log").read_text()


def test_power_goes_and_comes_from_a_snapshot(make: Callable[[str], Fake]) -> None:
    fake = make(RUNS_ON)
    until(fake.starts)
    (fake.node / "off").touch()
    fake.process.send_signal(signal.SIGUSR1)
    until(lambda: not is_ours(fake.starts()[0], "sleep"))
    assert len(fake.starts()) == 1
    (fake.node / "loadvm").write_text("base")
    (fake.node / "off").unlink()
    fake.process.send_signal(signal.SIGUSR1)
    until(lambda: len(fake.starts()) == 2)
    until(lambda: "-loadvm base" in (fake.node / "arguments").read_text())
    assert not (fake.node / "loadvm").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_all_ends_with_it(make: Callable[[str], Fake], name: str) -> None:
    fake = make(RUNS_ON)
    until(fake.starts)
    child = fake.starts()[0]
    until(lambda: is_ours(child, "sleep 60"))
    fake.process.send_signal(getattr(signal, name))
    fake.process.wait(10)
    until(lambda: not is_ours(child, "sleep 60"))


def test_a_foreign_process_is_not_ended(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "30"]) as other:
        (tmp_path / "pid").write_text(str(other.pid))
        until(lambda: is_ours(other.pid, "sleep"))
        end_process(read_pid(tmp_path / "pid"), "lab.supervisor")
        assert other.poll() is None
        end_process(read_pid(tmp_path / "pid"), "sleep 30")
        assert other.wait(5) == -signal.SIGTERM
    assert read_pid(tmp_path / "none") is None


def runs(fake: Fake, name: str, words: str) -> bool:
    return is_ours(fake.services.pid(name), words)


def test_a_service_that_ended_is_started_again(make: Callable[[str], Fake]) -> None:
    fake = make(RUNS_ON)
    until(lambda: runs(fake, "first", "sleep 61"))
    first = fake.services.pid("first")
    assert first
    os.kill(first, signal.SIGKILL)
    until(lambda: fake.services.pid("first") not in (None, first) and runs(fake, "first", "sleep 61"))
    log = (fake.state / "services.log").read_text()
    assert log == "lab.supervisor: first ended with status -9, started again\n"


def test_a_service_can_be_started_and_stopped_in_the_running_lab(make: Callable[[str], Fake]) -> None:
    fake = make(RUNS_ON)
    until(lambda: runs(fake, "first", "sleep 61"))
    fake.services.start("second", ["sh", "-c", "echo begun; exec sleep 62"], "second.log")
    until(lambda: runs(fake, "second", "sleep 62"))
    assert fake.services.names() == ["first", "second"]
    assert (fake.state / "second.log").read_text() == "begun\n"
    pid = fake.services.pid("second")
    fake.services.stop("second")
    assert not is_ours(pid, "sleep 62")
    assert fake.services.names() == ["first"]
    assert runs(fake, "first", "sleep 61")
    assert not (fake.state / "services.log").read_text()


def test_a_service_that_does_not_listen_is_killed(make: Callable[[str], Fake]) -> None:
    fake = make(RUNS_ON)
    until(lambda: runs(fake, "first", "sleep 61"))
    program = "import signal, time; signal.signal(15, signal.SIG_IGN); print('begun', flush=True); time.sleep(60)"
    fake.services.start("deaf", [sys.executable, "-c", program], "deaf.log")
    until(lambda: (fake.state / "deaf.log").exists() and (fake.state / "deaf.log").read_text())
    pid = fake.services.pid("deaf")
    fake.services.stop("deaf")
    assert not is_ours(pid, "SIG_IGN")


def test_a_service_whose_program_is_missing_is_named_and_harms_nobody(make: Callable[[str], Fake]) -> None:
    fake = make(RUNS_ON)
    until(lambda: runs(fake, "first", "sleep 61"))
    fake.services.start("none", ["/no/such/program"])
    log = fake.state / "services.log"
    until(log.read_text)
    assert log.read_text() == (
        "lab.supervisor: none cannot be started: [Errno 2] No such file or directory: '/no/such/program'\n"
    )
    until(lambda: fake.services.names() == ["first"])
    assert runs(fake, "first", "sleep 61")
