# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed, in few lines: repeated at the end of the gate, whose output is long and often kept by its end only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterable, List
from xml.etree import ElementTree

MAX_LINES, MAX_WIDTH = 12, 1500
"""Of one part."""
FOLLOWING = 4
"""Lines kept after one that tells of a failure: Ansible says there why."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TELLS = re.compile(r"\bfatal: |\bUNREACHABLE!|\bCRITICAL\b|\bERROR\b|^\s*E {3}|^FAILED |\[ERROR\]")


def _cut(lines: List[str]) -> List[str]:
    """The last lines, none too wide."""
    return [line if len(line) <= MAX_WIDTH else line[: MAX_WIDTH - 1] + "…" for line in lines[-MAX_LINES:]]


def of_junit(paths: Iterable[Path]) -> List[str]:
    """A line per failed test: its name and what its message ends with."""
    lines = []
    for path in paths:
        for case in ElementTree.parse(path).iter("testcase"):
            for child in case:
                if child.tag in ("failure", "error"):
                    said = (child.get("message") or child.text or "").strip()
                    name = "%s::%s" % (case.get("classname", ""), case.get("name", ""))
                    lines.append("%s: %s" % (name, " / ".join(said.split("\n")[-6:])))
    return _cut(lines)


def of_output(lines: Iterable[str]) -> List[str]:
    """The lines of a command's output that tell of a failure, with those that follow them."""
    found: List[str] = []
    wanted = 0
    for raw in lines:
        line = _ANSI.sub("", raw).strip("\n").replace("│", " ").strip()
        if _TELLS.search(line):
            wanted = FOLLOWING + 1
        if wanted and line:
            found.append(line)
            wanted -= 1
    return _cut(found)
