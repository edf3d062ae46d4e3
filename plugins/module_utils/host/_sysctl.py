# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel settings of network devices, and the files that set them. This module util is private to the collection.

Order and spelling of the files are those of sysctl.d(5): files of all folders by name, a name of an earlier folder
hides that of a later one; in a key that begins with "net." dots separate and a slash stands for a dot, in one that
begins with "net/" it is the other way round; "*" and the like stand for any device.
"""

from __future__ import annotations

import fnmatch
import os
from typing import Dict, List, NamedTuple, Sequence, Tuple

FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
# Read by procps' own start script, after the folders.
LAST = "/etc/sysctl.conf"
SUFFIX = ".conf"


class Setting(NamedTuple):
    """One line of a file. key: in the form "net/ipv4/conf/all/arp_ignore". line: its number, from 1."""

    path: str
    line: int
    key: str
    value: str


class ArpIgnore(NamedTuple):
    """How a device answers ARP requests.

    own, all: the kernel's values for the device and for all devices; effective: the larger of the two, which counts.
    set_by: lines of files that set either, or the default of devices that are made later, to another value than 0.
    """

    device: str
    own: int
    all: int
    effective: int
    set_by: Tuple[Setting, ...]


def arp_ignore(devices: Sequence[str], root: str = "/") -> List[ArpIgnore]:
    """For each of the devices that exist, in their order."""
    whole = _number(root, "all")
    settings = [found for found in read(root) if found.value != "0"]
    found = []
    for device in devices:
        if not os.path.isdir(os.path.join(root, "proc/sys/net/ipv4/conf", device)):
            continue
        own = _number(root, device)
        keys = ["net/ipv4/conf/%s/arp_ignore" % name for name in (device, "all", "default")]
        lines = tuple(line for line in settings if any(fnmatch.fnmatchcase(key, line.key) for key in keys))
        found.append(ArpIgnore(device, own, whole, max(own, whole), lines))
    return found


def read(root: str = "/") -> List[Setting]:
    """Every setting of every file that counts, in the order in which they are applied."""
    chosen: Dict[str, str] = {}
    for folder in FOLDERS:
        for name in _names(root, folder):
            chosen.setdefault(name, "%s/%s" % (folder, name))
    paths = [chosen[name] for name in sorted(chosen)]
    if os.path.isfile(os.path.join(root, LAST.lstrip("/"))):
        paths.append(LAST)
    return [setting for path in paths for setting in _settings(root, path)]


def parse(path: str, text: str) -> List[Setting]:
    """The settings in a file's text; comments and lines without a value are passed over."""
    found = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            found.append(Setting(path, number, _slashes(key.strip().lstrip("-").strip()), value.strip()))
    return found


def _slashes(key: str) -> str:
    dot, slash = key.find("."), key.find("/")
    if slash < 0 or 0 <= dot < slash:
        return key.translate(str.maketrans("./", "/."))
    return key


def _settings(root: str, path: str) -> List[Setting]:
    try:
        with open(os.path.join(root, path.lstrip("/")), encoding="utf-8", errors="replace") as stream:
            return parse(path, stream.read())
    except OSError:
        return []  # a link to nowhere, or to /dev/null's like: it sets nothing


def _names(root: str, folder: str) -> List[str]:
    try:
        return [name for name in os.listdir(os.path.join(root, folder.lstrip("/"))) if name.endswith(SUFFIX)]
    except OSError:
        return []


def _number(root: str, device: str) -> int:
    try:
        with open(os.path.join(root, "proc/sys/net/ipv4/conf", device, "arp_ignore"), encoding="ascii") as stream:
            return int(stream.read())
    except (OSError, ValueError):
        return 0
