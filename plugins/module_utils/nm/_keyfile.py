# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyfiles, read and changed line by line, so that what is not ours stays byte for byte.

This module util is private to the collection. Source: nm-settings-keyfile(5).
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..common._errors import NetworkError
from ._profile import Profile
from ._properties import SECTIONS, TABLE

# Long names of connection types and sections that NetworkManager reads as the short ones.
TYPE_NAMES = {"802-3-ethernet": "ethernet"}
SECTION_NAMES = {"802-3-ethernet": "ethernet"}

_HEADER = re.compile(r"\[([^\]]+)\]\s*$")


class Keyfile:
    """The text of one keyfile; sections are known by their short names."""

    def __init__(self, text: str = "") -> None:
        self._lines: List[str] = text.splitlines()

    @property
    def text(self) -> str:
        return "".join("%s\n" % line for line in self._lines)

    def sections(self) -> Dict[str, Dict[str, str]]:
        """Every section with its keys and unescaped values, in file order."""
        found: Dict[str, Dict[str, str]] = {}
        for name, key, value, _number in self._entries():
            section = found.setdefault(name, {})
            if key is not None:
                section[key] = value
        return found

    def section(self, name: str) -> Dict[str, str]:
        return self.sections().get(name, {})

    def _entries(self) -> List[Tuple[str, Optional[str], str, int]]:
        found: List[Tuple[str, Optional[str], str, int]] = []
        name = ""
        for number, line in enumerate(self._lines):
            text = line.strip()
            if not text or text[0] in "#;":
                continue
            header = _HEADER.match(text)
            if header:
                name = SECTION_NAMES.get(header.group(1), header.group(1))
                found.append((name, None, "", number))
            elif "=" in text and name:
                key, value = text.split("=", 1)
                found.append((name, key.strip(), _unescape(value.strip()), number))
        return found

    def update(self, name: str, wanted: Mapping[str, str]) -> None:
        """Make a section hold exactly these keys: lines of unchanged keys stay as they are, in their order."""
        have = self.section(name)
        if dict(wanted) == have:
            return
        gone = []
        for section, key, _value, number in self._entries():
            if section != name or key is None:
                continue
            if key not in wanted:
                gone.append(number)
            elif wanted[key] != have[key]:
                self._lines[number] = "%s=%s" % (key, _escape(wanted[key]))
        for number in reversed(gone):
            del self._lines[number]
        for key, value in wanted.items():
            if key not in have:
                self._append(name, "%s=%s" % (key, _escape(value)))
        if not wanted:
            self._drop_empty(name)

    def _append(self, name: str, line: str) -> None:
        numbers = [number for section, _key, _value, number in self._entries() if section == name]
        if numbers:
            self._lines.insert(numbers[-1] + 1, line)
            return
        place = self._place_of_new(name)
        block = ["[%s]" % name, line]
        if place < len(self._lines):
            block.append("")
        elif self._lines and self._lines[-1].strip():
            block.insert(0, "")
        self._lines[place:place] = block

    def _place_of_new(self, name: str) -> int:
        """Line number where a new section goes: before the first known section that comes later in the usual order."""
        order = SECTIONS.index(name) if name in SECTIONS else len(SECTIONS)
        for section, key, _value, number in self._entries():
            if key is None and section in SECTIONS and SECTIONS.index(section) > order:
                return number
        return len(self._lines)

    def _drop_empty(self, name: str) -> None:
        """Take out a section header with nothing but blank lines below it (comments keep it)."""
        headers = [number for section, key, _value, number in self._entries() if section == name and key is None]
        for number in reversed(headers):
            end = number + 1
            while end < len(self._lines) and not self._lines[end].strip():
                end += 1
            if end == len(self._lines):
                while number and not self._lines[number - 1].strip():
                    number -= 1
                del self._lines[number:end]
            elif _HEADER.match(self._lines[end].strip()):
                del self._lines[number:end]


def parse(text: str, fallback_id: str, path: str = "") -> Profile:
    """The profile in a keyfile. ``fallback_id`` (the file's name without suffix) counts when it has no id.

    Raises NetworkError for a value that does not parse, naming file, section and key.
    """
    sections = Keyfile(text).sections()
    connection = sections.get("connection", {})
    values: Dict[str, Any] = {}
    for row in TABLE:
        section = sections.get(row.section)
        if section is None:
            continue
        try:
            value = row.read(section)
        except (ValueError, NetworkError) as error:
            raise NetworkError(
                "keyfile '%s': [%s] %s=%s does not parse (%s); correct the line or remove the profile"
                % (path or fallback_id, row.section, row.key, section.get(row.key), error)
            ) from error
        if value is not None:
            values[row.option] = value
    kind = connection.get("type", "")
    return Profile(connection.get("id", fallback_id), TYPE_NAMES.get(kind, kind), values)


def render(profile: Profile, text: str = "") -> str:
    """The keyfile of a profile, starting from what is there (``text``): foreign keys, comments and order survive.

    A new one has Harvester's shape: no uuid (NetworkManager derives it from the path, equal on every node).
    """
    keyfile = Keyfile(text)
    sections = keyfile.sections()
    wanted = {name: dict(section) for name, section in sections.items()}
    connection = wanted.setdefault("connection", {})
    if connection.get("id") != profile.id and not (text and "id" not in connection):
        connection = wanted["connection"] = dict([("id", profile.id)] + list(connection.items()))
    if TYPE_NAMES.get(connection.get("type", ""), connection.get("type")) != profile.type:
        connection["type"] = profile.type
    for row in TABLE:
        section = wanted.setdefault(row.section, {})
        value = profile.values.get(row.option)
        if row.read(section) != value:
            row.write(section, value)
    for name, section in wanted.items():
        keyfile.update(name, section)
    return keyfile.text


def shown(text: str) -> str:
    """The text as it may be shown in a diff: sections outside the table by name only, since they can hold secrets."""
    keep: List[str] = []
    hidden = False
    for line in text.splitlines():
        header = _HEADER.match(line.strip())
        if header:
            hidden = SECTION_NAMES.get(header.group(1), header.group(1)) not in SECTIONS
            keep.append(line)
            if hidden:
                keep.append("# (not shown)")
        elif not hidden:
            keep.append(line)
    return "".join("%s\n" % line for line in keep)


def _escape(value: str) -> str:
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return "\\s" + text[1:] if text.startswith(" ") else text


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"s": " ", "n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text)
