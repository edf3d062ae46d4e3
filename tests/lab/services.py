# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that run as long as the lab does: a file says what is to run, the supervisor sees to it.

``services/NAME.json`` in the lab's state directory holds command line and log; the supervisor starts what has a file,
starts it again when it ends, and ends it when the file is gone. ``services/NAME.pid`` is the running process.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from .host import LabError, read_pid

FOLDER = "services"
LOG = "services.log"
"""The log of a service that has none of its own; the supervisor's notes are there too."""
END_TIMEOUT = 10.0
"""Seconds that a service has to end; the supervisor kills it after half of it."""


class Services:
    """The services of one lab."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def folder(self) -> Path:
        return self.directory / FOLDER

    def add(self, name: str, argv: Sequence[str | Path], log: str = LOG) -> None:
        """Say what is to run; it runs once the supervisor starts, or looks (`start` makes it look)."""
        self.folder.mkdir(exist_ok=True)
        work = self.folder / f"{name}.new"
        work.write_text(json.dumps({"argv": [str(word) for word in argv], "log": log}))
        work.replace(self.folder / f"{name}.json")

    def start(self, name: str, argv: Sequence[str | Path], log: str = LOG) -> None:
        """Start a service in the running lab."""
        self.add(name, argv, log)
        self._supervisor_looks()

    def stop(self, name: str) -> None:
        """End a service and wait for its end. Raises LabError when it does not end."""
        pid_file = self.folder / f"{name}.pid"
        (self.folder / f"{name}.json").unlink(missing_ok=True)
        self._supervisor_looks()
        end = time.monotonic() + END_TIMEOUT
        while pid_file.exists():
            if time.monotonic() > end:
                raise LabError(f"service {name} did not end within {END_TIMEOUT:.0f} s; see {self.directory / LOG}.")
            time.sleep(0.02)

    def names(self) -> list[str]:
        """Names of what is to run."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def pid(self, name: str) -> int | None:
        """The running process, None when there is none."""
        return read_pid(self.folder / f"{name}.pid")

    def _supervisor_looks(self) -> None:
        pid = read_pid(self.directory / "supervisor.pid")
        if pid is None:
            raise LabError("The lab is down. 'python -m lab up' starts it.")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
