# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools share: folders, progress lines, processes. Runs on Python 3.9 before anything is installed."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Mapping, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
NAMESPACE, NAME = "harvester", "network"


class ToolError(Exception):
    """A tool cannot go on; the text says what and what to do about it."""


def cache_root() -> Path:
    """Folder of what survives a checkout: packages, wheels, collections, node images, run state of labs."""
    given = os.environ.get("HARVESTER_NETWORK_CACHE")
    return Path(given).expanduser() if given else Path.home() / ".cache" / "harvester-network"


class Progress:
    """Progress lines with the seconds since the start."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def say(self, text: str) -> None:
        print("[%s %5.1f s] %s" % (self.name, self.seconds, text), flush=True)


def run(
    argv: Sequence[object], cwd: Optional[Path] = None, env: Optional[Mapping[str, str]] = None, quiet: bool = True
) -> str:
    """Run a process and return its standard output. A failure raises ToolError with the command and its output."""
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        command = " ".join(shlex.quote(word) for word in words)
        raise ToolError("command failed (exit code %d): %s\n%s" % (done.returncode, command, done.stdout or ""))
    return done.stdout or ""


def as_root(argv: Sequence[str]) -> list[str]:
    """The command as root: as it is, or through sudo, which must not ask for a password."""
    if os.geteuid() == 0:
        return list(argv)
    sudo = ["sudo", "-n"]
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return [*sudo, *argv]
    raise ToolError("root or passwordless sudo is needed for: %s" % " ".join(argv))


def apt_install(packages: Sequence[str], progress: Progress) -> None:
    """Install Debian packages. Errors: no apt-get, no root, no such package."""
    if not shutil.which("apt-get"):
        raise ToolError("not a Debian-like machine (no apt-get); install these by hand: %s" % " ".join(packages))
    progress.say("apt-get install %s" % " ".join(packages))
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    run(as_root([*quiet, "update"]))
    run(as_root([*quiet, "install", "--no-install-recommends", *packages]))


def main_guard(main: object) -> None:
    """Run a tool's main(): a ToolError becomes its text and exit code 1; SIGTERM lets it clean up as Ctrl-C does."""

    def terminate(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, terminate)
    try:
        sys.exit(main())  # type: ignore[operator]
    except ToolError as error:
        print("error: %s" % error, file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
