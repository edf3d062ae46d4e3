# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the endpoints' library needs of a node: programs, time, the transient timer.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import time
from typing import Dict, Iterator, List, Optional

from ..common._errors import NetworkError
from . import _arp, _inside
from ._endpoint import INNER
from ._record import Store, read_output
from ._surroundings import Run

NAMESPACES = "/run/netns"
PROGRAMS = ("ip", "bridge", "systemd-run", "systemctl")
SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin"
POLL = 0.05


class Timer:
    """The transient systemd timer of a probe."""

    def __init__(self, run: Run, name: str) -> None:
        self.run = run
        self.unit = "harvester-network-probe-" + name

    def start(self, lifetime: int, command: List[str]) -> None:
        """Let a command run after so many seconds. Raises NetworkError when systemd refuses."""
        argv = ["systemd-run", "--quiet", "--collect", "--unit=" + self.unit, "--on-active=%ds" % lifetime]
        argv += ["--timer-property=AccuracySec=1s", "--property=UMask=0077", "--setenv=LC_ALL=C"]
        argv += ["--setenv=PATH=" + SEARCH]
        status, _output, errors = self.run(argv + command, "")
        if status != 0:
            raise NetworkError("systemd-run: exit status %d (%s)" % (status, errors.strip() or "no message"))

    def stop(self) -> None:
        """Also ends its program when that runs right now. That there is no such unit is no error."""
        self.run(["systemctl", "stop", self.unit + ".timer", self.unit + ".service"], "")


class Host:
    """A node. Tests replace it, or only ``run`` and the folders."""

    def __init__(self, run: Run, store: Optional[Store] = None, namespaces: str = NAMESPACES) -> None:
        self.run = run
        self.store = store or Store()
        self._namespaces = namespaces

    def require(self) -> None:
        """Raises NetworkError when this is not root, or a program is missing."""
        if os.geteuid() != 0:
            raise NetworkError("endpoints are made by root only; set 'become: true'")
        missing = [name for name in PROGRAMS if not shutil.which(name, path=SEARCH)]
        if missing:
            raise NetworkError(
                "missing on this node: %s; endpoints need iproute2 and systemd, as every Harvester node has them"
                % ", ".join(missing)
            )

    def now(self) -> int:
        return int(time.time())

    def clock(self) -> float:
        return time.monotonic()

    def pause(self) -> None:
        time.sleep(POLL)

    def ipv6(self) -> bool:
        return os.path.exists("/proc/net/if_inet6")

    def namespaces(self) -> List[str]:
        return os.listdir(self._namespaces) if os.path.isdir(self._namespaces) else []

    def timer(self, name: str) -> Timer:
        return Timer(self.run, name)

    def program(self, name: str) -> List[str]:
        """The command that removes a probe."""
        return ["/bin/sh", self.store.path(name, ".sh"), self.store.folder, name]

    def clean(self, name: str) -> Dict[str, List[str]]:
        """Remove what a probe made. Raises NetworkError when something could not be removed."""
        _status, output, errors = self.run(self.program(name), "")
        found = read_output(output)
        if found["failed"] or self.store.exists(name):
            said = found["failed"] + errors.split("\n") + ["removed: %s" % item for item in found["removed"]]
            raise NetworkError(
                "probe '%s': not everything could be removed: %s" % (name, "; ".join(line for line in said if line))
            )
        return found

    def look(self, namespace: str) -> Optional[_inside.Inner]:
        return _inside.look(os.path.join(self._namespaces, namespace), INNER)

    def socket(self, namespace: str) -> socket.socket:
        return _inside.packet_socket(os.path.join(self._namespaces, namespace), INNER, _arp.ETHERTYPE)

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """No signal ends the process in here."""
        held = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
