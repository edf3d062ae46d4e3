# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a checkpoint records, line by line. Pure; this module util is private to the collection.

One text serves two readers: this library, and the shell program that puts a node back without Python. So it is lines of
words, each kind with its own grammar, and both readers refuse a line that does not fit: what is read back is data that
decides what root writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, Tuple

from ...common._errors import NetworkError

FORMAT = "1"

NOW = "now"
BOOT = "boot"
"""When the window to confirm begins: at once, or at the next boot (profiles changed on disk only)."""

NONE = "-"
"""Stands for an empty word."""

_DEVICE = r"[A-Za-z0-9_@][A-Za-z0-9_.@:-]{0,14}"
_NUMBER = r"[0-9]{1,10}"
_SPAN = r"[0-9]{1,4}(?:-[0-9]{1,4})?"
_NAME = r"(?![. ])[^/\n]*[^/\n ~]"
_TEXT = r"[^ \n](?:[^\n]*[^ \n])?"

# Kind of a line to the grammar of its words, in the order in which they are written. 'route' holds arguments of ip.
_GRAMMAR: Dict[str, str] = {
    "format": _NUMBER,
    "id": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
    "owner": _TEXT,
    "since": _NUMBER,
    "timeout": _NUMBER,
    "window": "%s|%s" % (NOW, BOOT),
    "boot": r"[0-9a-f-]{1,36}",
    # number of the copy, uid, gid, mode, SELinux context, SHA-256, file name
    "file": r"[0-9]{1,4} %s %s [0-7]{3,4} [^ \n]+ [0-9a-f]{64} %s" % (_NUMBER, _NUMBER, _NAME),
    # a file that was not there
    "absent": _NAME,
    # a device, its controller, the id of its profile
    "up": r"%s (?:%s|-) %s" % (_DEVICE, _DEVICE, _TEXT),
    # a device that was not there
    "gone": _DEVICE,
    # a device with addresses, the file name of its profile
    "addressed": r"%s %s" % (_DEVICE, _NAME),
    "address": r"%s [0-9a-f:.]+/[0-9]{1,3}" % _DEVICE,
    "lease": _DEVICE,
    # a bond, an option, its value as the kernel shows it
    "bond": r"%s [a-z0-9_]+ %s" % (_DEVICE, _TEXT),
    "lower": r"%s %s" % (_DEVICE, _NUMBER),
    "raise": r"%s %s" % (_DEVICE, _NUMBER),
    "mac": r"%s (?:[0-9a-f]{2}:){5}[0-9a-f]{2}" % _DEVICE,
    # a port that no profile has, its bridge, the id that the bridge gives by default and this port had not
    "port": r"%s %s (?:[0-9]{1,4}|-)" % (_DEVICE, _DEVICE),
    "vlan": r"%s (?:self|master) %s(?: pvid)?(?: untagged)?" % (_DEVICE, _SPAN),
    "novlan": r"%s (?:self|master) %s" % (_DEVICE, _SPAN),
    # a device that no profile has, the device that it lies on, its MTU
    "over": r"%s %s %s" % (_DEVICE, _DEVICE, _NUMBER),
    "route": r"-[46] route add [A-Za-z0-9:./_ -]+",
}
GRAMMAR = {kind: re.compile(r"(?:%s)\Z" % words) for kind, words in _GRAMMAR.items()}

_HEAD = ("format", "id", "owner", "since", "timeout", "window", "boot")


@dataclass(frozen=True)
class File:
    """A file of system-connections as it was. copy: number of its copy. mode: octal digits. context: SELinux, or '-'.

    sum: SHA-256 of its bytes.
    """

    name: str
    copy: int
    uid: int
    gid: int
    mode: str
    context: str
    sum: str

    @property
    def line(self) -> str:
        words = (self.copy, self.uid, self.gid, self.mode, self.context, self.sum, self.name)
        return " ".join(str(word) for word in words)


@dataclass(frozen=True)
class Manifest:
    """A checkpoint.

    id: plain word. owner: who armed it, for messages. since: seconds since the epoch, for messages only: the window is
    measured by a monotonic timer. timeout: seconds. window: now or boot. boot_id: of the boot in which it was armed.
    files: what is put back. absent: file names that are removed again. kernel: (kind, words), in the order in which
    the program takes them.
    """

    id: str
    owner: str
    since: int
    timeout: int
    window: str = NOW
    boot_id: str = ""
    files: Tuple[File, ...] = ()
    absent: Tuple[str, ...] = ()
    kernel: Tuple[Tuple[str, str], ...] = field(default_factory=tuple)

    def to_text(self) -> str:
        """The manifest's file. Raises NetworkError for a value that no line can hold."""
        head = (FORMAT, self.id, self.owner, self.since, self.timeout, self.window, self.boot_id or NONE)
        lines = [(kind, str(value)) for kind, value in zip(_HEAD, head)]
        lines += [("file", item.line) for item in self.files]
        lines += [("absent", name) for name in self.absent]
        lines += list(self.kernel)
        for kind, words in lines:
            if not fits(kind, words):
                raise NetworkError("a checkpoint cannot hold %s '%s'; rename it" % (kind, words))
        return "".join("%s %s\n" % line for line in lines)

    @classmethod
    def from_text(cls, text: str) -> Manifest:
        """The inverse of to_text(). Raises ValueError, with the line, for anything else."""
        found: Dict[str, List[str]] = {}
        kernel = []
        # Not splitlines(): a file name may hold other separators than the newline.
        for line in text.removesuffix("\n").split("\n"):
            kind, _space, words = line.partition(" ")
            if not fits(kind, words):
                raise ValueError("no line of a checkpoint: %s" % line)
            if kind in _HEAD or kind in ("file", "absent"):
                found.setdefault(kind, []).append(words)
            else:
                kernel.append((kind, words))
        for kind in _HEAD:
            if len(found.get(kind, ())) != 1:
                raise ValueError("a checkpoint has one line '%s', this one has %d" % (kind, len(found.get(kind, ()))))
        if found["format"] != [FORMAT]:
            raise ValueError("format %s of a checkpoint, known is %s" % (found["format"][0], FORMAT))
        boot = found["boot"][0]
        return cls(
            id=found["id"][0],
            owner=found["owner"][0],
            since=int(found["since"][0]),
            timeout=int(found["timeout"][0]),
            window=found["window"][0],
            boot_id="" if boot == NONE else boot,
            files=tuple(_file(words) for words in found.get("file", ())),
            absent=tuple(found.get("absent", ())),
            kernel=tuple(kernel),
        )

    def of(self, kind: str) -> List[str]:
        """The words of every kernel line of a kind."""
        return [words for name, words in self.kernel if name == kind]


def fits(kind: str, words: str) -> bool:
    """Whether a line of this kind may have these words."""
    grammar = GRAMMAR.get(kind)
    return grammar is not None and grammar.match(words) is not None


def _file(words: str) -> File:
    copy, uid, gid, mode, context, digest, name = words.split(" ", 6)
    return File(name, int(copy), int(uid), int(gid), mode, context, digest)
