# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text forms of typed values in keyfiles and in nmcli's terse output. This module util is private to the collection.

Sources: nm-settings-keyfile(5), nmcli(1), and NetworkManager 1.42 and 1.52 as seen on nodes.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional

from ..common._vlans import VlanList

Section = Dict[str, str]


class Codec:
    """Turns a typed value into text and back; this one serves plain text.

    ``spec_type`` and ``elements`` are the Ansible types of the option.
    """

    spec_type = "str"
    elements: Optional[str] = None
    # Whether nmcli shows the value in a form that parses back to the same.
    comparable = True

    def normal(self, value: Any) -> Any:
        """The canonical typed value of what a user gave."""
        return str(value)

    def plain(self, value: Any) -> Any:
        """The value as it is shown in results: only JSON types."""
        return value

    def to_keyfile(self, value: Any) -> str:
        return str(value)

    def from_keyfile(self, text: str) -> Any:
        return self.normal(text)

    def to_nmcli(self, value: Any) -> str:
        return self.to_keyfile(value)

    def from_nmcli(self, text: str) -> Any:
        return self.from_keyfile(text)


class Word(Codec):
    """A word that NetworkManager also takes as a number (bond mode 1 is active-backup)."""

    def __init__(self, *words: str, first: int = 0) -> None:
        self.numbers = {str(index): word for index, word in enumerate(words, first)}

    def normal(self, value: Any) -> str:
        return self.numbers.get(str(value), str(value))


class Number(Codec):
    """An integer; nmcli may add an explanation in parentheses, or say 'auto' or 'default' for unset."""

    spec_type = "int"

    def normal(self, value: Any) -> int:
        return int(value)

    def from_keyfile(self, text: str) -> int:
        return int(text.strip(), 0)

    def from_nmcli(self, text: str) -> Optional[int]:
        word = text.split(" ", 1)[0]
        return None if word in ("auto", "default") else int(word, 0)


class Flag(Codec):
    """A boolean: true/false in keyfiles, yes/no in nmcli."""

    spec_type = "bool"

    def normal(self, value: Any) -> bool:
        return value if isinstance(value, bool) else str(value).strip().lower() in ("true", "yes", "1", "on")

    def to_keyfile(self, value: Any) -> str:
        return "true" if value else "false"

    def to_nmcli(self, value: Any) -> str:
        return "yes" if value else "no"


class Digit(Flag):
    """A boolean that the bonding driver writes as 1 and 0."""

    def to_keyfile(self, value: Any) -> str:
        return "1" if value else "0"

    to_nmcli = to_keyfile


class Words(Codec):
    """A list: 'a;b;' in keyfiles (',' is read too), 'a,b' in nmcli."""

    spec_type = "list"
    elements = "str"

    def normal(self, value: Any) -> List[str]:
        if isinstance(value, str):
            value = re.split(r"[;,]", value)
        return [str(item).strip() for item in value if str(item).strip()]

    def to_keyfile(self, value: Any) -> str:
        return "".join("%s;" % item for item in value)

    def to_nmcli(self, value: Any) -> str:
        return ",".join(value)


class CommaWords(Words):
    """A list inside a bond option: commas in both forms."""

    def to_keyfile(self, value: Any) -> str:
        return ",".join(value)


class Vlans(Codec):
    """VLAN ids and ranges of a bridge or a bridge port."""

    spec_type = "list"
    elements = "str"

    def normal(self, value: Any) -> VlanList:
        return value if isinstance(value, VlanList) else VlanList.parse(value)

    def plain(self, value: Any) -> List[str]:
        return list(value.texts())

    def to_keyfile(self, value: Any) -> str:
        return str(value.keyfile())


class Upper(Codec):
    """A MAC address, upper case as NetworkManager writes it; words such as 'preserve' stay as they are."""

    def normal(self, value: Any) -> str:
        text = str(value)
        return text.upper() if ":" in text else text


class Addresses(Words):
    """addressN=IP/PREFIX[,GATEWAY]: one keyfile key per address; the gateway may hang on the first."""

    pattern = re.compile(r"address(?:es)?\d*$")

    def read(self, section: Mapping[str, str]) -> Optional[List[str]]:
        keys = sorted((key for key in section if self.pattern.match(key)), key=_index)
        found = [section[key].split(",")[0].strip() for key in keys]
        return found or None

    def write(self, section: Section, value: Optional[List[str]]) -> None:
        gateway = read_gateway(section)
        hung = "gateway" not in section
        for key in [key for key in section if self.pattern.match(key)]:
            del section[key]
        for number, address in enumerate(value or (), 1):
            section["address%d" % number] = address
        if gateway and hung:
            write_gateway(section, gateway)


def read_gateway(section: Mapping[str, str]) -> Optional[str]:
    """The gateway of an [ipv4] or [ipv6] section, from its own key or from an address line."""
    if section.get("gateway"):
        return section["gateway"]
    for key in sorted((key for key in section if Addresses.pattern.match(key)), key=_index):
        parts = [part.strip() for part in section[key].split(",")]
        if len(parts) > 1 and parts[1]:
            return parts[1]
    return None


def write_gateway(section: Section, gateway: Optional[str]) -> None:
    """Set or (None) remove the gateway: on address1 as Harvester does, else as a key of its own."""
    own = "gateway" in section
    for key in [key for key in section if Addresses.pattern.match(key)]:
        section[key] = section[key].split(",")[0].strip()
    section.pop("gateway", None)
    if gateway:
        if "address1" in section and not own:
            section["address1"] = "%s,%s" % (section["address1"], gateway)
        else:
            section["gateway"] = gateway


class Routes(Words):
    """routeN=DEST/LEN[,NEXT-HOP[,METRIC]]; routeN_options stays with its route."""

    pattern = re.compile(r"routes?\d*$")

    def normal(self, value: Any) -> List[str]:
        if isinstance(value, str):
            value = [part for part in re.split(r"[;,]", value) if part.strip()]
        return [" ".join(str(item).split()) for item in value]

    def read(self, section: Mapping[str, str]) -> Optional[List[str]]:
        keys = sorted((key for key in section if self.pattern.match(key)), key=_index)
        return [self._spaced(section[key]) for key in keys] or None

    def write(self, section: Section, value: Optional[List[str]]) -> None:
        options: Dict[str, Optional[str]] = {}
        for key in [key for key in section if self.pattern.match(key)]:
            options[self._spaced(section.pop(key))] = section.pop(key + "_options", None)
        for number, route in enumerate(value or (), 1):
            section["route%d" % number] = ",".join(route.split())
            extra = options.get(route)
            if extra:
                section["route%d_options" % number] = extra

    @staticmethod
    def _spaced(text: str) -> str:
        parts = [part.strip() for part in text.rstrip(",").split(",")]
        if len(parts) > 1 and parts[1] in ("", "0.0.0.0", "::") and len(parts) == 2:
            parts = parts[:1]
        return " ".join(parts)


def _index(key: str) -> int:
    digits = re.sub(r"\D", "", key)
    return int(digits) if digits else 0
