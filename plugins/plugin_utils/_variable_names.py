# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables look like one of the playbooks' and are none. Private to the collection."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

PREFIX = "change_"
NAME = re.compile(rf"\b{PREFIX}\w+")
ALIKE = 0.87
"""From here on two names are taken for one (difflib's ratio, of what follows the prefix): a letter or two."""


class Names(NamedTuple):
    """options: what playbooks specify. used: what playbooks and roles have besides, facts of a run included."""

    options: frozenset[str]
    used: frozenset[str]


def names(root: Path) -> Names:
    """root: the folder of the collection."""
    specs = [yaml.safe_load(path.read_text()) for path in sorted((root / "playbooks/argument_specs").glob("*.yml"))]
    options = {name for spec in specs for name in spec["argument_specs"]["main"]["options"] if name.startswith(PREFIX)}
    files = [*(root / "playbooks").glob("*.yml"), *(root / "roles").rglob("*.yml")]
    used = {name for path in files for name in NAME.findall(path.read_text())}
    return Names(frozenset(options), frozenset(used))


def misspelled(given: Iterable[str], known: Names) -> list[str]:
    """A line for each variable that nothing here has, and whose name is nearly that of an option.

    Others are the user's own.
    """
    rest = {name.removeprefix(PREFIX): name for name in sorted(known.options)}
    found = []
    for name in sorted(set(given)):
        if not name.startswith(PREFIX) or name in known.options or name in known.used:
            continue
        near = difflib.get_close_matches(name.removeprefix(PREFIX), rest, 1, ALIKE)
        if near:
            found.append(f"{name}: no playbook has this variable; did you mean {rest[near[0]]}?")
    return found
