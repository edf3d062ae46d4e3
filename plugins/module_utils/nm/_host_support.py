# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes this collection can change at all: facts of a node in, plain refusals out.

This module util is private to the collection. Harvester's management network is NetworkManager's from 1.7.0 on, with
/etc/NetworkManager a persistent path; before, wicked's files were made anew at every boot from /oem/90_custom.yaml.
SLE Micro 5.5, the system of those releases, carries Python 3.6.
"""

from __future__ import annotations

import json
import re
from typing import Any, List, Mapping, NamedTuple, Optional, Tuple

from ..common._errors import Problem

BRIDGE = "mgmt-br"
FIRST_HARVESTER = (1, 7)
FIRST_PYTHON = (3, 9)
PERSISTENT_PATH = "/etc/NetworkManager"

VOLATILE = ("tmpfs", "ramfs", "overlay", "squashfs", "rootfs")
"""File systems whose content, or whose changes, are gone after a boot."""

_VERSION = re.compile(r"(?<![\w.])v?(\d+)\.(\d+)(?:\.\d+)?(?![\d])")


class HostFacts(NamedTuple):
    """What is known of a node. None: not known, so not judged.

    node: its name, for messages. os_name: PRETTY_NAME of /etc/os-release ("Harvester v1.8.0").
    harvester_version: "v1.8.0"; when None it is read from os_name.
    python: version of the newest interpreter found ("3.11.9"); "" when there is none.
    networkmanager: NetworkManager runs. wicked: wicked runs, or its files name the management bridge.
    mgmt_state: nmcli's state of mgmt-br (``nmcli -g GENERAL.STATE device show mgmt-br``); "" when it knows no such
    device.
    findmnt: output of ``findmnt --json --target /etc/NetworkManager``; "" when it failed.
    """

    node: str = ""
    os_name: Optional[str] = None
    harvester_version: Optional[str] = None
    python: Optional[str] = None
    networkmanager: Optional[bool] = None
    wicked: Optional[bool] = None
    mgmt_state: Optional[str] = None
    findmnt: Optional[str] = None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> HostFacts:
        """From the lines of a script: texts, with yes/no or true/false for the booleans; other keys are passed over."""
        values = {name: value for name, value in data.items() if name in cls._fields and value is not None}
        for name in ("networkmanager", "wicked"):
            if name in values:
                values[name] = _boolean(values[name])
        return cls(**values)


def refusals(facts: HostFacts) -> List[Problem]:
    """Why this node must not be changed: reason and way out of each; empty when nothing speaks against it.

    On a node of Harvester 1.6 or older only that is said: everything else follows from it.
    """
    old = old_harvester(facts)
    if old:
        return [old]
    found = [_python(facts), _networkmanager(facts), _persistence(facts)]
    return [problem for problem in found if problem]


def version(text: Optional[str]) -> Optional[Tuple[int, int]]:
    """Major and minor number in "v1.8.0-rc1" or "Harvester v1.8.0"; None when there is none ("master-head")."""
    match = _VERSION.search(text or "")
    return (int(match.group(1)), int(match.group(2))) if match else None


def persistent(findmnt: str) -> Tuple[Optional[bool], str]:
    """Whether files below the path that findmnt looked at survive a boot (None: it cannot be told), and why."""
    try:
        mount = json.loads(findmnt)["filesystems"][-1]
        kind, options = str(mount["fstype"]), str(mount.get("options") or "").split(",")
        target = str(mount.get("target") or "?")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None, "findmnt does not say on which file system it lies"
    where = "it lies on %s, mounted at %s" % (kind, target)
    if kind in VOLATILE:
        return False, where + ", whose changes are gone after a boot"
    if "ro" in options:
        return False, where + " read-only"
    return True, where


def old_harvester(facts: HostFacts) -> Optional[Problem]:
    """Why the profiles of a node of Harvester 1.6 or older must not be changed; None for later ones."""
    named = facts.harvester_version
    if not named and facts.os_name and "harvester" in facts.os_name.lower():
        named = facts.os_name
    number = version(named)
    if number and number < FIRST_HARVESTER:
        return _wicked(facts, "harvester", "%d.%d" % number)
    if not number and re.search(r"(?:SLE|Enterprise) Micro 5", facts.os_name or ""):
        return _wicked(facts, "os", str(facts.os_name))
    if facts.wicked and facts.networkmanager is False:
        return _wicked(facts, "wicked", "running")
    return None


def _wicked(facts: HostFacts, option: str, value: str) -> Problem:
    return Problem(
        _where(facts),
        option,
        value,
        "the management network of Harvester 1.6 and older belongs to wicked, whose files are made anew from "
        "/oem/90_custom.yaml at every boot; this collection changes NetworkManager profiles only",
        "upgrade to Harvester 1.7 or later; until then edit /oem/90_custom.yaml as the manual of your release says",
    )


def _python(facts: HostFacts) -> Optional[Problem]:
    if facts.python is None:
        return None
    wanted = "%d.%d" % FIRST_PYTHON
    way_out = (
        "name one with ansible_python_interpreter (a Python below /usr/local or /opt/ survives a boot of Harvester), "
        "or upgrade Harvester"
    )
    if not facts.python.strip():
        return Problem(
            _where(facts), "python", None, "no python3 was found; modules need %s or later" % wanted, way_out
        )
    number = version(facts.python)
    if number is None or number < FIRST_PYTHON:
        return Problem(
            _where(facts), "python", facts.python, "too old; modules need Python %s or later" % wanted, way_out
        )
    return None


def _networkmanager(facts: HostFacts) -> Optional[Problem]:
    if facts.networkmanager is False:
        return Problem(
            _where(facts),
            "NetworkManager",
            "not running",
            "the profiles of the management network would not be applied",
            "start it ('systemctl status NetworkManager' says why it is down) and run again",
        )
    if facts.mgmt_state is None:
        return None
    state = facts.mgmt_state.strip().lower()
    if not state:
        return Problem(
            _where(facts),
            BRIDGE,
            None,
            "NetworkManager knows no such device, so this is no Harvester node with its usual management network",
            "limit the run to Harvester nodes",
        )
    # "10 (unmanaged)", "100 (connected (externally))": the words count, not the numbers.
    if "externally" in state or "unmanaged" in state:
        return Problem(
            _where(facts),
            BRIDGE,
            facts.mgmt_state.strip(),
            "NetworkManager does not own the management network",
            "see which program does ('nmcli device show %s'), and give it back to NetworkManager" % BRIDGE,
        )
    return None


def _persistence(facts: HostFacts) -> Optional[Problem]:
    if facts.findmnt is None:
        return None
    lasts, why = persistent(facts.findmnt)
    if lasts:
        return None
    return Problem(
        _where(facts),
        PERSISTENT_PATH,
        None,
        why + "; changed profiles would be lost at the next boot" if lasts is False else why,
        "from Harvester 1.7 on it is a persistent path, which an upgrade from 1.6 may have missed: see "
        "PERSISTENT_STATE_PATHS in the node's boot configuration, reboot, and run again",
    )


def _where(facts: HostFacts) -> str:
    return "node '%s'" % facts.node if facts.node else "this node"


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() in ("yes", "true", "1", "active", "on")
