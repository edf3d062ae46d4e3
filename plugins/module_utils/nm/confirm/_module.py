# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module checkpoint, from its options to its result. This module util is private to the collection."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Mapping, Tuple

from ...common._errors import NetworkError, Problem, ValidationError
from .. import _host
from .._host_support import refusals
from .._launch import heard
from ._checkpoint import Checkpoint, Found, Wish, paths_of, problems, refusal, story, summary
from ._store import ARMED, CONFIRMED, PENDING, RESTORED

REACH_TIMEOUT = 1.0
"""Seconds in which an answer must come; each target is tried three times."""
LOOKS, PAUSE = 3, 2.0
"""How often what does not answer is asked again, and how long to wait before, in seconds."""


def carry_out(
    run: _host.Run, options: Mapping[str, Any], check: bool = False, root: str = "/"
) -> Tuple[bool, Dict[str, Any]]:
    """Whether anything changed (or would, in check mode), and the result. Raises NetworkError."""
    checkpoint = Checkpoint(run, root=root)
    state, name = options["state"], options["id"] or ""
    if state == "gathered":
        return False, _result(checkpoint.found(), checkpoint)
    there = checkpoint.found()
    if state == ARMED:
        return _arm(checkpoint, there, options, check)
    if state == CONFIRMED and there.state == ARMED and options.get("earlier"):
        _refuse_unreached(options)
    if check:
        _refuse_other(there, name)
        if state == CONFIRMED and there.manifest is not None and there.state != ARMED:
            raise NetworkError("it is too late to confirm: %s" % story(there))
        return bool(there.state), _result(there, checkpoint)
    found = checkpoint.confirm(name) if state == CONFIRMED else checkpoint.restore(name, heard)
    return bool(found.state), _result(found, checkpoint)


def _arm(checkpoint: Checkpoint, there: Found, options: Mapping[str, Any], check: bool) -> Tuple[bool, Dict[str, Any]]:
    wish = Wish(options["id"], options["timeout"], options["window"], options["owner"])
    again = there.manifest is not None and there.manifest.id == wish.id and there.state == ARMED
    found = problems(wish)
    if not again and not options["profiles"]:
        rule = "a new checkpoint needs the ids of the profiles that are about to be changed"
        found.append(Problem("checkpoint", "profiles", None, rule))
    root = checkpoint.store.root
    found += refusals(_host.read_support(root))
    if found:
        raise ValidationError(found)
    if there.manifest is not None and not again:
        raise NetworkError(refusal(there))
    disk = _host.read_disk(root)
    paths = paths_of(options["profiles"], disk, _host.new_path)
    if check:
        return True, _result(there, checkpoint)
    return True, _result(checkpoint.arm(wish, paths, disk), checkpoint)


def _refuse_unreached(options: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep) -> None:
    """Raise NetworkError unless what was reached before the change is reached now."""
    from ...probe import _reach

    targets = _reach.chosen({"earlier": options["earlier"]})
    for look in range(LOOKS):
        if look:
            sleep(PAUSE)
        missing = [
            "%s (%s)" % (item["name"], item["why"]) for item in _reach.reach(targets, REACH_TIMEOUT) if item["why"]
        ]
        if not missing:
            return
    raise NetworkError("not reached any more: %s" % ", ".join(missing))


def _refuse_other(there: Found, name: str) -> None:
    if name and there.manifest is not None and there.manifest.id != name:
        raise NetworkError(refusal(there))


def _result(found: Found, checkpoint: Checkpoint) -> Dict[str, Any]:
    return {
        "checkpoint": found.to_dict(),
        "story": story(found) if found.state in (*PENDING, RESTORED) and found.state != ARMED else "",
        "summary": summary(found),
        "leftovers": checkpoint.leftovers(),
    }
