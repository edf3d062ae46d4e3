# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node was before a change, kept on the node itself. This module util is private to the collection.

The record of a change lies in the cluster, which a change of the network may cut off. So each node keeps its part until
the record is closed, below FOLDER in a folder named by the change:

  live.json     what ip and bridge said of links, addresses, routes and VLANs before the change
  profiles/     the keyfiles of NetworkManager before the change, as they were
  phases.json   what is recorded of the node by each phase that changes it: a list of place, id, role, input, before

All of it is root's alone. The first two are written once, so that a run that goes on does not replace them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError
from . import _durable
from ._places import PERSISTENT

Run = Callable[[Sequence[str]], Tuple[int, str, str]]

FOLDER = "/etc/NetworkManager/harvester-network-change"
"""Beside the profiles, since Harvester keeps this path over boots and upgrades."""
LIVE = {
    "links": ["ip", "-j", "-d", "address", "show"],
    "routes": ["ip", "-j", "route", "show", "table", "all"],
    "vlans": ["bridge", "-j", "-compressvlans", "vlan", "show"],
}
FIELDS = ("place", "id", "role", "input", "before")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_PHASES, _LIVE, _PROFILES = "phases.json", "live.json", "profiles"


class Kept(NamedTuple):
    """One change as a node has it. phases: by their place in the change."""

    id: str
    phases: Tuple[Mapping[str, Any], ...]


def kept(folder: str = FOLDER) -> List[Kept]:
    """The changes that this node keeps, by id. Raises NetworkError for one that cannot be read."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [Kept(name, tuple(_phases(folder, name))) for name in names if not name.endswith(".new")]


def keep(change: str, phase: Optional[Mapping[str, Any]], run: Run, folder: str = FOLDER, root: str = "/") -> bool:
    """Keep what is there before a change, and a phase's part of it; whether anything was new.

    change: its id. phase: FIELDS; None for none. What other changes have left goes: one at a time is open. Raises
    NetworkError when the node has no place for it.
    """
    _check(change)
    try:
        changed = _forget_others(change, folder)
        if not os.path.isdir(os.path.join(folder, change)):
            _create(change, run, folder, root)
            changed = True
        return (_add(change, phase, folder) if phase else False) or changed
    except OSError as error:
        raise NetworkError("what was there before the change cannot be kept in %s: %s" % (folder, error)) from error


def forget(change: str, folder: str = FOLDER) -> bool:
    """Remove what is kept of a change; whether there was anything. Raises NetworkError."""
    _check(change)
    path = os.path.join(folder, change)
    there = os.path.isdir(path)
    shutil.rmtree(path, ignore_errors=True)
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)
    return there


def _check(change: str) -> None:
    if not _ID.fullmatch(change):
        raise NetworkError("id=%s: is no id of a change: lower case letters, digits and '-'" % change)


def _forget_others(change: str, folder: str) -> bool:
    try:
        others = [name for name in os.listdir(folder) if name != change]
    except OSError:
        return False
    for name in others:
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    return bool(others)


def _create(change: str, run: Run, folder: str, root: str) -> None:
    """Whole or not at all."""
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
    made = os.path.join(folder, change + ".new")
    os.mkdir(made, 0o700)
    os.mkdir(os.path.join(made, _PROFILES), 0o700)
    profiles = os.path.join(root, PERSISTENT.lstrip("/"))
    for name in sorted(os.listdir(profiles) if os.path.isdir(profiles) else ()):
        if os.path.isfile(os.path.join(profiles, name)):
            _durable.sync(shutil.copy2(os.path.join(profiles, name), os.path.join(made, _PROFILES, name)))
    live: Dict[str, Any] = {}
    for name, argv in LIVE.items():
        status, output, errors = run(argv)
        live[name] = _parsed(output) if status == 0 else "%s: %s" % (" ".join(argv), errors.strip())
    _durable.write(os.path.join(made, _LIVE), _text(live))
    _durable.write(os.path.join(made, _PHASES), _text([]))
    for path in (os.path.join(made, _PROFILES), made):
        _durable.sync(path)
    os.rename(made, os.path.join(folder, change))
    for path in (folder, os.path.dirname(folder)):
        _durable.sync(path)


def _add(change: str, phase: Mapping[str, Any], folder: str) -> bool:
    """A phase that is kept already stays: what is there now may be its own half-done work."""
    known = _phases(folder, change)
    if any(one["id"] == phase["id"] for one in known):
        return False
    entries = sorted([*known, {name: phase[name] for name in FIELDS}], key=lambda one: int(one["place"]))
    path = os.path.join(folder, change, _PHASES)
    _durable.replace(path, _text(entries))
    return True


def _phases(folder: str, change: str) -> List[Dict[str, Any]]:
    path = os.path.join(folder, change, _PHASES)
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
        if isinstance(found, list) and all(isinstance(one, dict) and {*FIELDS} <= {*one} for one in found):
            return found
        wrong = "it is no list of phases"
    except (OSError, ValueError) as error:
        wrong = str(error)
    raise NetworkError(
        "%s: %s; put the node back by hand from %s beside it" % (path, wrong, " and ".join((_PROFILES, _LIVE)))
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text or "[]")
    except ValueError:
        return text


def _text(data: Any) -> str:
    return json.dumps(data, indent=1, sort_keys=True) + "\n"
