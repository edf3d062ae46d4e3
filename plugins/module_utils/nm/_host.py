# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has: keyfiles on disk and profiles in NetworkManager's memory.

This module util is private to the collection. The only seam to the host besides _links.py: files below ``root`` and a
``run`` callable that takes an argv and returns (exit status, stdout, stderr).
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass, field
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError
from . import _keyfile, _nmcli
from ._host_support import HostFacts
from ._places import DIRECTORIES, PERSISTENT, SUFFIX
from ._profile import Profile

Run = Callable[[Sequence[str]], Tuple[int, str, str]]


class Stored(NamedTuple):
    """A profile on disk: where it lies and its text, byte for byte."""

    profile: Profile
    path: str
    text: str

    @property
    def persistent(self) -> bool:
        return self.path.startswith(PERSISTENT + "/")


@dataclass(frozen=True)
class Disk:
    """All keyfiles of a node by profile id; ``doubles`` maps an id to its paths when several files claim it."""

    stored: Mapping[str, Stored] = field(default_factory=dict)
    doubles: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def profiles(self) -> Dict[str, Profile]:
        return {name: item.profile for name, item in self.stored.items()}


def read_disk(root: str = "/") -> Disk:
    """Read every keyfile of the node. Raises NetworkError for one that does not parse."""
    stored: Dict[str, Stored] = {}
    paths: Dict[str, List[str]] = {}
    for directory in DIRECTORIES:
        for path in _files(root, directory):
            with open(os.path.join(root, path.lstrip("/")), encoding="utf-8", errors="surrogateescape") as stream:
                text = stream.read()
            name = os.path.basename(path)
            fallback = name.removesuffix(SUFFIX)
            if generated(text):
                continue
            profile = _keyfile.parse(text, fallback, path)
            if directory == PERSISTENT:
                paths.setdefault(profile.id, []).append(path)
            stored.setdefault(profile.id, Stored(profile, path, text))
    return Disk(stored, {name: found for name, found in paths.items() if len(found) > 1})


def generated(text: str) -> bool:
    """Whether NetworkManager wrote the keyfile by itself, for a device that others made ("connected (externally)")."""
    _before, _section, meta = text.partition("[.nmmeta]")
    return "nm-generated=true" in meta.split()


def _files(root: str, directory: str) -> Iterable[str]:
    folder = os.path.join(root, directory.lstrip("/"))
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        # Only /etc may hold keyfiles without the suffix; hidden files and backups never count.
        if name.startswith(".") or name.endswith("~") or not (directory == PERSISTENT or name.endswith(SUFFIX)):
            continue
        if os.path.isfile(os.path.join(folder, name)):
            found.append("%s/%s" % (directory, name))
    return found


def new_path(profile_id: str) -> str:
    """Where a new profile is stored. Raises NetworkError for an id that cannot be a file name."""
    if not profile_id or "/" in profile_id or profile_id.startswith(".") or profile_id.endswith("~"):
        raise NetworkError(
            "profile '%s': the id cannot be a file name; use letters, digits, '-', '_' and '.'" % profile_id
        )
    return "%s/%s%s" % (PERSISTENT, profile_id, SUFFIX)


def read_loaded(run: Run, ids: Sequence[str]) -> Dict[str, _nmcli.Loaded]:
    """The named profiles as NetworkManager holds them: one process, and one more per id that it does not know.

    Raises NetworkError when NetworkManager does not answer.
    """
    wanted = list(ids)
    while wanted:
        status, output, errors = run(_nmcli.show(wanted))
        if status == 0:
            return _nmcli.parse_show(output)
        unknown = _nmcli.missing_id(errors)
        if status != _nmcli.NOT_FOUND or unknown not in wanted:
            raise NetworkError(
                "nmcli connection show: exit status %d (%s); check 'systemctl status NetworkManager' on the node"
                % (status, errors.strip() or "no message")
            )
        wanted.remove(unknown)
    return {}


def read_support(root: str = "/") -> HostFacts:
    """What a module can tell of the node without starting a process, to judge whether it may be changed at all."""
    return HostFacts(
        os_name=_value(_read(root, "/etc/os-release"), "PRETTY_NAME="),
        harvester_version=_value(_read(root, "/etc/harvester-release.yaml"), "harvester:"),
        python=platform.python_version(),
        wicked=os.path.exists(os.path.join(root, "etc/sysconfig/network/ifcfg-mgmt-br")),
        findmnt=_mount_of(_read(root, "/proc/self/mountinfo"), PERSISTENT),
    )


def _read(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path.lstrip("/")), encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _value(text: str, key: str) -> Optional[str]:
    for line in text.splitlines():
        if line.startswith(key):
            return line[len(key) :].strip().strip("\"'")
    return None


def _mount_of(mountinfo: str, path: str) -> str:
    """The mount that a path lies on, in findmnt's JSON."""
    found = {"target": "", "fstype": "", "options": ""}
    for line in mountinfo.splitlines():
        words = line.split()
        target = words[4]
        inside = target == "/" or path == target or path.startswith(target + "/")
        # A later line hides an earlier one at the same place.
        if inside and len(target) >= len(found["target"]):
            found = {"target": target, "options": words[5], "fstype": words[words.index("-") + 1]}
    return json.dumps({"filesystems": [found]}) if found["target"] else ""
