# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python interpreters work here.

A name on PATH proves nothing: pyenv's shims exist for versions that are not selected, and end with exit code 127.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

CONTROLLER = ("3.14", "3.13", "3.12", "3.11")
"""Versions that can run this project's tools, newest first."""
OLDEST_CORE = ("3.11", "3.12", "3.13")
"""Versions that ansible-core 2.19 runs on, in the order of choice."""
TARGET = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
"""Versions that modules must run on."""

PROBE = """
import sys, ssl, zlib, ctypes, venv
assert sys.prefix == sys.base_prefix
print("%d.%d.%d" % sys.version_info[:3])
print(sys.executable)
"""
"""Fails inside a virtual environment: a shim passes on to one that comes later on PATH."""


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter that was seen to run; `path` is its real executable, no shim."""

    version: str
    path: Path

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    def has_ensurepip(self) -> bool:
        """Debian splits it off into python3-venv."""
        return subprocess.run([self.path, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def _probe(path: Path) -> Optional[Interpreter]:
    try:
        done = subprocess.run(
            [str(path), "-c", PROBE], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.split()
    if done.returncode or len(lines) != 2:
        return None
    return Interpreter(lines[0], Path(lines[1]))


def _patch(path: Path) -> Tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.parent.parent.name))


def _candidates(minor: str, folders: Sequence[Path]) -> Iterator[Path]:
    """Executables that may be Python `minor`: on PATH, and behind a pyenv shim on PATH."""
    name = "python" + minor
    for folder in folders:
        path = folder / name
        if not os.access(path, os.X_OK):
            continue
        yield path
        if folder.name == "shims":
            behind = (folder.parent / "versions").glob("%s*/bin/%s" % (minor, name))
            yield from sorted(behind, key=_patch, reverse=True)


def find(wanted: Sequence[str]) -> Dict[str, Interpreter]:
    """The interpreters that work, by minor version, in the order of `wanted`."""
    folders: List[Path] = []
    for text in os.environ.get("PATH", os.defpath).split(os.pathsep):
        # a virtual environment's interpreter is no base for another one
        if text and Path(text) not in folders and not (Path(text).parent / "pyvenv.cfg").exists():
            folders.append(Path(text))
    found: Dict[str, Interpreter] = {}
    for minor in wanted:
        for path in _candidates(minor, folders):
            interpreter = _probe(path)
            if interpreter and interpreter.minor == minor:
                found[minor] = interpreter
                break
    return found
