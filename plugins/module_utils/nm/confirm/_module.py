# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module checkpoint, from its options to its result. This module util is private to the collection."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ...common._errors import NetworkError, Problem, ValidationError
from .. import _host
from .._host_support import refusals
from .._launch import forget, heard
from .._places import LIVE_FOLDER
from ._checkpoint import Checkpoint, Found, Wish, paths_of, problems, refusal, story, summary
from ._fresh import refuse_early
from ._store import ARMED, CONFIRMED, PENDING, RESTORED


def carry_out(
    run: _host.Run,
    options: Mapping[str, Any],
    check: bool = False,
    root: str = "/",
    missing: Callable[[Sequence[Mapping[str, Any]]], List[str]] = lambda _earlier: [],
) -> Tuple[bool, Dict[str, Any]]:
    """Whether anything changed (or would, in check mode), and the result. Raises NetworkError.

    missing: what of option ``earlier`` is not reached any more; asked only when there is something to confirm.
    """
    checkpoint = Checkpoint(run, root=root)
    state, name = options["state"], options["id"] or ""
    if state == "gathered":
        return False, _result(checkpoint.found(), checkpoint)
    there = checkpoint.found()
    if state == "extended":
        return _extend(checkpoint, there, options["timeout"], check)
    if state == ARMED:
        return _arm(checkpoint, there, options, check)
    if state == CONFIRMED and there.state == ARMED:
        refuse_early(root)
        lost = missing(options["earlier"])
        if lost:
            raise NetworkError("not reached any more: %s" % ", ".join(lost))
    if check:
        _refuse_other(there, name)
        if state == CONFIRMED and there.manifest is not None and there.state != ARMED:
            raise NetworkError("it is too late to confirm: %s" % story(there))
        return bool(there.state), _result(there, checkpoint)
    found = checkpoint.confirm(name) if state == CONFIRMED else checkpoint.restore(name, heard)
    if found.state:
        # It would be told as completed by the next change.
        forget(os.path.join(root, LIVE_FOLDER.lstrip("/")))
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


def _extend(checkpoint: Checkpoint, there: Found, seconds: int, check: bool) -> Tuple[bool, Dict[str, Any]]:
    """A window anew, never shorter than it was; nothing without one that is open."""
    if there.manifest is None or there.state != ARMED:
        return False, _result(there, checkpoint)
    wish = Wish(there.manifest.id, max(seconds, there.manifest.timeout))
    bad = problems(wish)
    if bad:
        raise ValidationError(bad)
    return True, _result(there if check else checkpoint.arm(wish, ()), checkpoint)


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
