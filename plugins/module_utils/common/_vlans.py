# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of VLAN ids, as bridges and bridge ports have them. This module util is private to the collection.

The words are NetworkManager's (bridge.vlans and bridge-port.vlans in nm-settings-nmcli(5)): "2017", "2100-2110",
"1 pvid untagged". Ids 0 and 4095 are reserved (IEEE 802.1Q).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, FrozenSet, Iterable, List, NamedTuple, Optional, Set, Tuple

from ._errors import NetworkError

FIRST = 1
LAST = 4094

PVID = "pvid"
UNTAGGED = "untagged"


class VlanError(NetworkError, ValueError):
    """A VLAN list that cannot be read, or that contradicts itself."""


class VlanEntry(NamedTuple):
    """One id or one range of ids.

    pvid: frames that arrive untagged belong to this id (one id only). untagged: the id's frames leave without a tag.
    """

    first: int
    last: int
    pvid: bool = False
    untagged: bool = False

    @property
    def span(self) -> str:
        """ "2017" or "2100-2110"."""
        return _span(self.first, self.last)

    def __str__(self) -> str:
        words = [self.span]
        if self.pvid:
            words.append(PVID)
        if self.untagged:
            words.append(UNTAGGED)
        return " ".join(words)

    @property
    def ids(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class VlanList:
    """An immutable set of VLAN entries; two lists that mean the same are equal, however they were written.

    Raises VlanError when entries overlap, are out of range, or name more than one PVID.
    """

    entries: Tuple[VlanEntry, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", _canonical(self.entries))

    @classmethod
    def parse(cls, value: Any) -> VlanList:
        """From ids and words, or from one text with commas: 2017, "2100-2110", "1 pvid untagged, 2017"."""
        if isinstance(value, VlanList):
            return value
        items = [value] if isinstance(value, (str, int)) else list(value)
        found: List[VlanEntry] = []
        for item in items:
            if isinstance(item, VlanEntry):
                found.append(item)
            elif isinstance(item, str):
                found += [_entry(part) for part in item.split(",") if part.strip()]
            else:
                found.append(_entry(item))
        return cls(tuple(found))

    @property
    def pvid(self) -> Optional[int]:
        """The id of frames that arrive untagged, None when the list names none."""
        return next((entry.first for entry in self.entries if entry.pvid), None)

    def ids(self) -> FrozenSet[int]:
        """Every id, whatever its words."""
        return frozenset(vid for entry in self.entries for vid in entry.ids)

    def tagged(self) -> FrozenSet[int]:
        """The ids whose frames keep their tag."""
        return frozenset(vid for entry in self.entries if not entry.untagged for vid in entry.ids)

    def untagged(self) -> FrozenSet[int]:
        """The ids whose frames leave without a tag."""
        return self.ids() - self.tagged()

    def texts(self) -> List[str]:
        """The canonical words, ascending, neighbours of the same kind joined: ["1 pvid untagged", "2100-2110"]."""
        return [str(entry) for entry in self.entries]

    def keyfile(self) -> str:
        """The spelling of Harvester's installer: "1 pvid untagged,2017,2100-2110"."""
        return ",".join(self.texts())

    def with_ids(self, ids: Iterable[int]) -> VlanList:
        """The list with these ids too; new ones are tagged, those that are there keep their words."""
        new = sorted(frozenset(ids) - self.ids())
        return VlanList(self.entries + tuple(VlanEntry(vid, vid) for vid in new))

    def without_ids(self, ids: Iterable[int]) -> VlanList:
        """The list without these ids; ids that are not there are passed over."""
        gone = frozenset(ids)
        left = [
            VlanEntry(vid, vid, entry.pvid, entry.untagged)
            for entry in self.entries
            for vid in entry.ids
            if vid not in gone
        ]
        return VlanList(tuple(left))

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __str__(self) -> str:
        return self.keyfile()


def compress(ids: Iterable[int]) -> List[str]:
    """Ids as ascending words with ranges: [1, 3, 4, 5] is ["1", "3-5"]."""
    return [_span(first, last) for first, last in _spans(ids)]


def _span(first: int, last: int) -> str:
    return str(first) if first == last else "%d-%d" % (first, last)


def _spans(ids: Iterable[int]) -> List[Tuple[int, int]]:
    found: List[Tuple[int, int]] = []
    for vid in sorted(set(ids)):
        if found and found[-1][1] == vid - 1:
            found[-1] = (found[-1][0], vid)
        else:
            found.append((vid, vid))
    return found


def _entry(item: Any) -> VlanEntry:
    if isinstance(item, bool) or not isinstance(item, (int, str)):
        raise VlanError(
            "VLAN entry %r is neither an id nor a text; write 2017, '2100-2110' or '1 pvid untagged'" % item
        )
    words = str(item).split()
    if not words:
        raise VlanError("a VLAN entry is empty; write 2017, '2100-2110' or '1 pvid untagged'")
    first, dash, last = words[0].partition("-")
    if isinstance(item, int) or (words[0].startswith("-") and _number(last)):
        first, dash, last = words[0], "", ""
    if not _number(first.lstrip("-")) or (dash and not _number(last)):
        raise VlanError(
            "VLAN entry '%s': '%s' is neither an id nor a range; write 2017 or '2100-2110' without spaces"
            % (item, words[0])
        )
    flags = words[1:]
    for number, word in enumerate(flags):
        if word not in (PVID, UNTAGGED):
            raise VlanError("VLAN entry '%s': unknown word '%s'; known are 'pvid' and 'untagged'" % (item, word))
        if word in flags[:number]:
            raise VlanError("VLAN entry '%s': the word '%s' is given twice" % (item, word))
    return VlanEntry(int(first), int(last or first), PVID in flags, UNTAGGED in flags)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _canonical(entries: Iterable[VlanEntry]) -> Tuple[VlanEntry, ...]:
    entries = tuple(entries)
    for entry in entries:
        _check(entry)
    pvids = [entry.first for entry in entries if entry.pvid]
    if len(pvids) > 1 and len(set(pvids)) > 1:
        raise VlanError(
            "more than one PVID: VLAN ids %s; a port puts untagged frames into one VLAN only"
            % ", ".join(str(vid) for vid in sorted(set(pvids)))
        )
    _no_doubles(entries)
    found = [entry for entry in entries if entry.pvid]
    for untagged in (False, True):
        ids = [vid for entry in entries if entry.untagged is untagged and not entry.pvid for vid in entry.ids]
        found += [VlanEntry(first, last, False, untagged) for first, last in _spans(ids)]
    return tuple(sorted(found))


def _check(entry: VlanEntry) -> None:
    for vid in (entry.first, entry.last):
        if not FIRST <= vid <= LAST:
            raise VlanError("VLAN id %d is out of range %d..%d" % (vid, FIRST, LAST))
    if entry.first > entry.last:
        raise VlanError("VLAN range %s is reversed; write %s" % (entry.span, _span(entry.last, entry.first)))
    if entry.pvid and entry.first != entry.last:
        raise VlanError("VLAN range %s cannot be the PVID; only one id can" % entry.span)


def _no_doubles(entries: Tuple[VlanEntry, ...]) -> None:
    seen: Set[int] = set()
    doubles: Set[int] = set()
    for entry in entries:
        ids = set(entry.ids)
        doubles |= seen & ids
        seen |= ids
    if doubles:
        words = compress(doubles)
        one = len(doubles) == 1
        raise VlanError(
            "VLAN %s %s given twice" % (("id " if one else "ids ") + ", ".join(words), "is" if one else "are")
        )
