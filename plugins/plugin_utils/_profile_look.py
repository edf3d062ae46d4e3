# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a profile module reads on a node, by one command of the shell, and made readable on the controller.

A module costs the node an interpreter, Ansible's library and ours, compiled at every call; these programs alone cost it
a third of that. So a call that changes nothing, or only says what it would change, needs no module.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import os
import shlex
import tarfile
import zlib
from collections.abc import Mapping, Sequence

from ..module_utils.nm import _links, _nmcli
from ..module_utils.nm._places import CONFIRM_FOLDER, DIRECTORIES, LIVE_FOLDER, PERSISTENT, SUFFIX

LIMIT = 64 * 1024
"""Characters of a command line that any transport takes."""

_MARK = "#harvester-network"
_FILES = (
    "/proc/self/mountinfo",
    "/proc/sys/kernel/random/boot_id",
    "/etc/os-release",
    "/etc/harvester-release.yaml",
)
_WICKED = "/etc/sysconfig/network/ifcfg-mgmt-br"
_KERNEL = {"addresses": _links.ADDRESSES, "vlans": _links.VLANS, "routes": _links.ROUTES}

# All goes to a file without a name and from there, compressed, through the connection: nmcli writes in bits, and to
# hand each of them on costs a node more than to make them. grep prints each line behind its file's name, and nothing
# for an empty file, which printf names; tar takes keyfiles byte for byte. What fails is seen by the reader.
_SCRIPT = """LC_ALL=C; LANGUAGE=C; export LC_ALL LANGUAGE; exec 2>/dev/null
for f in {busy}; do [ -d $f ] && {{ echo '{mark} busy'; exit 0; }}; done
f=$(mktemp) && exec 3>"$f" 4<"$f" && rm -f "$f" || exit 1
{{
[ -e {wicked} ] && echo '{mark} wicked'
echo '{mark} files'; set -- {prefix}/sys/class/net/*/bonding/*; printf '%s:\\n' "$@"; grep -asH '' {files} "$@"
set --; for d in {directories}; do [ -d $d ] && set -- "$@" $d; done
echo '{mark} keyfiles'; {{ tar -chf - "$@" || printf x; }} | base64
set --; for n in {ids}; do
[ -e "{persistent}/$n{suffix}" ] || [ -e "{persistent}/$n" ] || continue
set -- "$@" id "$n"; printf '%s\\n' "{mark} id $n"; done
[ $# -gt 0 ] && {{ echo '{mark} loaded'; {show} "$@"; echo "{mark} status $?"; }}
{kernel}
echo '{mark} end'
}} >&3
echo '{mark} packed'; gzip -1 <&4 | base64; echo '{mark} end'"""


class Unusable(Exception):
    """What came back does not tell enough; the module itself has to look. The text says why, for -vvv."""


def command(ids: Sequence[str], prefix: str = "") -> str:
    """The command, for the profiles that a call may ask NetworkManager for. Raises Unusable when it is too long.

    prefix: where the node's root lies, for tests.
    """
    kernel = "\n".join(
        "echo '%s %s'; %s; echo \"%s status $?\"" % (_MARK, name, shlex.join(argv), _MARK)
        for name, argv in _KERNEL.items()
    )
    made = _SCRIPT.format(
        mark=_MARK,
        prefix=prefix,
        busy=" ".join(prefix + path for path in (LIVE_FOLDER, CONFIRM_FOLDER)),
        wicked=prefix + _WICKED,
        files=" ".join(prefix + path for path in _FILES),
        directories=" ".join(prefix + path for path in DIRECTORIES),
        persistent=prefix + PERSISTENT,
        suffix=SUFFIX,
        ids=shlex.join(ids) if ids else "",
        show=shlex.join(_nmcli.show([])),
        kernel=kernel,
    )
    if len(made) > LIMIT:
        raise Unusable("%d profiles make the command too long" % len(ids))
    return made


class Look:
    """What a node had: its files below ``root``, a folder of the controller, and what its programs said."""

    def __init__(self, root: str, loaded: frozenset[str], output: Mapping[str, str]) -> None:
        self.root = root
        self._loaded = loaded
        self._output = output

    def run(self, argv: Sequence[str]) -> tuple[int, str, str]:
        """As `run` of a module, for what was asked. Raises Unusable for anything else."""
        asked = tuple(argv)
        for name, known in _KERNEL.items():
            if asked == tuple(known):
                return 0, self._output[name], ""
        head = _nmcli.show([])
        if list(asked[: len(head)]) == head and frozenset(asked[len(head) + 1 :: 2]) == self._loaded:
            return 0, self._output["loaded"], ""
        raise Unusable("was not asked: %s" % shlex.join(asked))


def read(text: str, root: str, prefix: str = "") -> Look:
    """The answer to `command`; files are written below ``root``. Raises Unusable."""
    packed, _ids = _parts(text)
    if "end" not in packed:
        raise Unusable("no answer to its end")
    parts, ids = _parts(_unpacked(packed.get("packed", "")).decode("utf-8", "surrogateescape"))
    if "end" not in parts:
        raise Unusable("no answer to its end, unpacked")
    for name in _KERNEL:
        if name not in parts:
            raise Unusable("no answer of %s" % " ".join(_KERNEL[name]))
    _write_lines(parts.get("files", ""), root, prefix)
    if not os.path.exists(os.path.join(root, _FILES[1].lstrip("/"))):
        raise Unusable("grep does not read files")
    if "wicked" in parts:
        _write(root, _WICKED, b"")
    _unpack(parts.get("keyfiles", ""), root, prefix)
    return Look(root, frozenset(ids), {name: parts[name] for name in ("loaded", *_KERNEL) if name in parts})


def _parts(text: str) -> tuple[dict[str, str], list[str]]:
    """The sections of the answer by name, and the ids that NetworkManager was asked for. Raises Unusable."""
    found: dict[str, list[str]] = {}
    ids: list[str] = []
    lines: list[str] = []
    # A terminal between the two ends lines with a carriage return too.
    for line in text.replace("\r\n", "\n").split("\n"):
        mark, _space, word = line.partition(" ")
        if mark != _MARK:
            lines.append(line)
        elif word == "busy":
            raise Unusable("a change is under way, or waits to be confirmed")
        elif word.startswith("id "):
            ids.append(word[3:])
        elif word.startswith("status "):
            if word != "status 0":
                raise Unusable("a program ended with %s" % word)
        else:
            lines = found.setdefault(word, [])
    return {name: "\n".join(section) for name, section in found.items()}, ids


def _write_lines(text: str, root: str, prefix: str) -> None:
    """Lines of grep: the file's name, a colon, the line."""
    files: dict[str, list[str]] = {}
    for line in text.split("\n"):
        name, colon, rest = line.removeprefix(prefix).partition(":")
        if colon and name.startswith("/") and (name in _FILES or name.startswith("/sys/class/net/")):
            files.setdefault(name, []).append(rest)
    for name, lines in files.items():
        _write(root, name, ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))


def _unpacked(text: str) -> bytes:
    """What gzip and base64 have packed. Raises Unusable."""
    try:
        return gzip.decompress(_decoded(text))
    except (EOFError, OSError, zlib.error) as error:
        raise Unusable("the answer does not unpack: %s" % error) from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise Unusable("base64: %s" % error) from error


def _unpack(text: str, root: str, prefix: str) -> None:
    """Write the keyfiles out of tar's archive."""
    data = _decoded(text)
    if not data or len(data) % tarfile.BLOCKSIZE:
        raise Unusable("tar does not read the keyfiles")
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                path = ("/" + member.name.lstrip("/")).removeprefix(prefix)
                stream = archive.extractfile(member) if member.isfile() or member.islnk() else None
                if stream is not None and os.path.dirname(path) in DIRECTORIES:
                    content = stream.read()
                    content.decode("utf-8")
                    _write(root, path, content)
    except (tarfile.TarError, UnicodeDecodeError) as error:
        raise Unusable("keyfiles: %s" % error) from error


def _write(root: str, path: str, content: bytes) -> None:
    where = os.path.join(root, os.path.normpath(path).lstrip("/"))
    os.makedirs(os.path.dirname(where), mode=0o700, exist_ok=True)
    with open(where, "wb") as stream:
        stream.write(content)
