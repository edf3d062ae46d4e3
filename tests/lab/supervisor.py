# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's one background process: starts the nodes and the services (router, DHCP server, API), and ends with them.

Run in the lab's namespace as ``python -m lab.supervisor STATE_DIRECTORY``. A guest's reboot ends QEMU (-no-reboot) and
a fresh QEMU is started: after a reset in the same process the emulation unpacks the kernel many times slower.

Files that others write: ``services/NAME.json`` (what is to run: services.py), ``NODE/off`` (exists: the node is powered
off and stays so), ``NODE/loadvm`` (a snapshot's name to start from, once), ``NODE/unplugged`` (NICs without carrier,
one a line); SIGUSR1 makes it look. SIGTERM ends all.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .host import LabError
from .qemu import Monitor
from .services import END_TIMEOUT, FOLDER, LOG

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
QUICK, ATTEMPTS = 2.0, 5
"""A QEMU that ends within so many seconds could not start; so many attempts are made."""
LOOK_EVERY = 1.0
"""Seconds between two looks without a signal."""
SUPERVISOR = "lab.supervisor"


def _in_child() -> None:
    """Before exec: die with the supervisor, whatever kills it, and take signals again."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def spawn(argv: list[str], directory: Path, log: str) -> subprocess.Popen[bytes]:
    with (directory / log).open("ab") as output:
        return subprocess.Popen(
            argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=_in_child
        )


class Node:
    """One node's QEMU over its reboots."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None
        self._console_from = 0
        self._started = 0.0
        self._attempts = 0
        self._snapshot = ""

    def start(self) -> None:
        argv: list[str] = json.loads((self.directory / "argv.json").read_text())
        wish = self.directory / "loadvm"
        self._snapshot = wish.read_text().strip() if wish.exists() else ""
        if self._snapshot:
            argv += ["-loadvm", self._snapshot]
            wish.unlink()
        console = self.directory / "console.log"
        self._console_from = console.stat().st_size if console.exists() else 0
        (self.directory / "qmp").unlink(missing_ok=True)
        self._started = time.monotonic()
        self.process = spawn(argv, self.directory, "qemu.log")
        unplugged = self.directory / "unplugged"
        ports = unplugged.read_text().split() if unplugged.exists() else []
        if ports:
            self._unplug(ports)

    def _unplug(self, ports: list[str]) -> None:
        for _attempt in range(100):
            try:
                with Monitor(self.directory) as monitor:
                    for port in ports:
                        monitor.set_link(port, up=False)
                return
            except LabError:
                time.sleep(0.05)

    def look(self) -> None:
        """Start, restart or end QEMU as the files and its own end say."""
        off = self.directory / "off"
        if self.process and self.process.poll() is not None:
            status, self.process = self.process.returncode, None
            quick = time.monotonic() - self._started < QUICK
            self._attempts = self._attempts + 1 if quick else 0
            if quick and not off.exists():
                with (self.directory.parent / "services.log").open("a") as log:
                    log.write(f"{SUPERVISOR}: QEMU of {self.directory.name} ended at once with status {status}\n")
            with (self.directory / "console.log").open("rb") as console:
                console.seek(self._console_from)
                powered_down = b"reboot: Power down" in console.read()
            if powered_down:
                off.touch()
            elif self._attempts >= ATTEMPTS:
                off.touch()  # it cannot start: do not try for ever (qemu.log says why)
            elif quick:
                # what the last process held (a TAP device) may come free a little after its end
                time.sleep(0.2 * self._attempts)
                wish = self.directory / "loadvm"
                if self._snapshot and not wish.exists():
                    wish.write_text(self._snapshot)
        if off.exists():
            if self.process:
                self.process.kill()
        elif self.process is None:
            self.start()


class Service:
    """One service: started again when it ends, ended when its file is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pid_file = path.with_suffix(".pid")
        self.state = path.parent.parent
        self.process: subprocess.Popen[bytes] | None = None
        self._kill_at = 0.0

    def look(self) -> bool:
        """Start or end it as its file and its own end say; False once it is over."""
        wanted = self.path.exists()
        status = self.process.poll() if self.process else None
        if self.process and status is not None:
            self.process = None
            self.pid_file.unlink(missing_ok=True)
            if wanted:
                self._note(f"ended with status {status}, started again")
                # one that cannot even start must not take the processor
                time.sleep(0.2)
        if wanted and not self.process:
            self._start()
        elif self.process and not wanted:
            self._end(self.process)
        return self.process is not None

    def _start(self) -> None:
        service = json.loads(self.path.read_text())
        try:
            self.process = spawn(service["argv"], self.state, service["log"])
        except OSError as error:
            self._note(f"cannot be started: {error}")
            self.path.unlink()
            return
        self.pid_file.write_text(f"{self.process.pid}\n")

    def _note(self, text: str) -> None:
        with (self.state / LOG).open("a") as log:
            log.write(f"{SUPERVISOR}: {self.path.stem} {text}\n")

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if not self._kill_at:
            self._kill_at = time.monotonic() + END_TIMEOUT / 2
            process.terminate()
        elif time.monotonic() > self._kill_at:
            process.kill()


def look_at_services(state: Path, services: dict[str, Service]) -> None:
    """Take up new services and drop those that are over."""
    for path in sorted((state / FOLDER).glob("*.json")):
        services.setdefault(path.stem, Service(path))
    for name in [name for name, service in services.items() if not service.look()]:
        del services[name]


def main(state: Path) -> None:
    signals = {signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    (state / "supervisor.pid").write_text(f"{os.getpid()}\n")
    services: dict[str, Service] = {}
    look_at_services(state, services)
    nodes = [Node(path.parent) for path in sorted(state.glob("node*/argv.json"))]
    for node in nodes:
        node.look()
    while True:
        # without a signal it looks now and then, for a service that was told to end and does not
        got = signal.sigtimedwait(signals, LOOK_EVERY)
        if got and got.si_signo in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            break
        look_at_services(state, services)
        for node in nodes:
            node.look()
    children = [service.process for service in services.values() if service.process]
    children += [node.process for node in nodes if node.process]
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    end = time.monotonic() + 3
    for child in children:
        try:
            child.wait(max(0.05, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
