# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint from arming to its end. This module util is private to the collection.

Every operation sweeps what an interruption left: see _store.py for the states.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ...common._errors import NetworkError, Problem, ValidationError
from .. import _links
from .._host import Disk, Run, read_disk
from .._limits import CONFIRM_RULE, CONFIRM_WINDOW
from .._links_types import Snapshot
from . import _record, _units
from ._manifest import BOOT, NOW, Manifest, fits
from ._owner import owner as session_owner
from ._store import (
    ARMED,
    ARMING,
    CONFIRMED,
    PENDING,
    RESTORED,
    RESTORING,
    Report,
    Store,
    leftovers,
)

RESTORE_TIMEOUT = 600.0
"""Seconds that putting a node back may take before a caller gives up waiting for it."""
PAUSE = 0.5
RUNNING = {"ActiveState=activating", "ActiveState=deactivating"}
"""A service of type oneshot never gets beyond 'activating'; the timer is active or not."""


class Found(NamedTuple):
    """What there is on the node: state '' and no manifest when there is nothing."""

    state: str = ""
    manifest: Optional[Manifest] = None
    report: Report = Report()

    def to_dict(self) -> Dict[str, Any]:
        """As modules return it; empty when there is nothing."""
        if self.manifest is None:
            return {}
        return {
            "id": self.manifest.id,
            "state": self.state,
            "owner": self.manifest.owner,
            "since": stamp(self.manifest.since),
            "timeout": self.manifest.timeout,
            "window": self.manifest.window,
            "files": sorted([item.name for item in self.manifest.files] + list(self.manifest.absent)),
            "restored_at": stamp(self.report.at) if self.report.at else "",
            "done": list(self.report.done),
            "failed": list(self.report.failed),
        }


def stamp(seconds: int) -> str:
    """Seconds since the epoch as UTC ("2026-11-25T22:57:00Z")."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Wish(NamedTuple):
    """What a caller arms. timeout in seconds. owner: '' for that of the session; one in parentheses is added to it."""

    id: str
    timeout: int
    window: str = NOW
    owner: str = ""


def problems(wish: Wish) -> List[Problem]:
    """What is wrong with a wish; empty when nothing is."""
    found = []
    if not CONFIRM_WINDOW[0] <= wish.timeout <= CONFIRM_WINDOW[1]:
        found.append(Problem("checkpoint", "timeout", wish.timeout, CONFIRM_RULE))
    if not fits("id", wish.id):
        rule = "1 to 64 letters, digits, '.', '_' and '-', a letter or digit first"
        found.append(Problem("checkpoint", "id", wish.id, rule))
    return found


class Checkpoint:
    """The one checkpoint that a node can have. clock: seconds since the epoch. sleep: seconds."""

    def __init__(
        self,
        run: Run,
        root: str = "/",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store = Store(root)
        self._run = run
        self._clock = clock
        self._sleep = sleep

    def found(self) -> Found:
        """What there is, without touching it; a checkpoint that never came to be armed, or is confirmed, is nothing."""
        state = self.store.state()
        if state in ("", ARMING, CONFIRMED):
            return Found()
        return Found(state, self.store.manifest(), self.store.report())

    def leftovers(self) -> List[str]:
        """Paths of what an interruption left though there is no checkpoint."""
        return [] if self.found().state else leftovers(self.store)

    # -- arming ---------------------------------------------------------------------------------------------------

    def arm(
        self,
        wish: Wish,
        paths: Sequence[str],
        disk: Optional[Disk] = None,
        now: Optional[Snapshot] = None,
        coming: Sequence[str] = (),
        added: Optional[Mapping[str, Sequence[int]]] = None,
    ) -> Found:
        """Record the files and the kernel, start the window, and only then return. Nothing else is changed.

        paths: of the profile files that the caller is about to write or remove. The same id again on a pending
        checkpoint starts the window anew, with the new length, and records nothing.
        Raises ValidationError for a bad wish, NetworkError when another one is pending or cannot be armed.
        """
        bad = problems(wish)
        if bad:
            raise ValidationError(bad)
        with self.store.locked():
            there = self._sweep()
            if there.manifest is not None:
                if there.state == ARMED and there.manifest.id == wish.id:
                    return self._extend(there.manifest, wish)
                raise NetworkError(refusal(there))
            stored = read_disk(self.store.root) if disk is None else disk
            snapshot = _links.read(self._run, self.store.root) if now is None else now
            files, copies, absent = _record.files(paths, self.store.root)
            manifest = Manifest(
                wish.id,
                self._owner(wish),
                int(self._clock()),
                wish.timeout,
                wish.window,
                snapshot.boot_id,
                files,
                absent,
                tuple(_record.kernel(stored, snapshot, coming, added)),
            )
            manifest.to_text()  # refuses before anything is made
            try:
                self.store.create(manifest, copies)
                if self._tell_systemd():
                    raise NetworkError("the node is being put back from an earlier change; wait for it, then run again")
                if wish.window == NOW:
                    self._systemctl("restart", _units.TIMER)
                self.store.put_state(ARMED)
            except Exception:
                self._clear()
                raise
            return Found(ARMED, manifest)

    def _owner(self, wish: Wish) -> str:
        given = _plain(wish.owner)
        own = "" if given and not given.startswith("(") else session_owner(self.store.root)
        return " ".join(filter(None, (own, given)))

    def _extend(self, manifest: Manifest, wish: Wish) -> Found:
        longer = replace(manifest, timeout=wish.timeout, window=wish.window)
        if longer != manifest:
            self.store.write_timer(wish.timeout)
            self._systemctl("daemon-reload")
            self.store.write_manifest(longer)
        self._systemctl("restart" if wish.window == NOW else "stop", _units.TIMER)
        if self._program_waits():
            # It was started when the last window ended, and goes on once this call has given the lock back.
            raise NetworkError("it is too late for a longer window; the node is being put back")
        return Found(ARMED, longer)

    # -- the two ends ---------------------------------------------------------------------------------------------

    def confirm(self, name: str = "") -> Found:
        """Keep the change and remove the checkpoint; what was confirmed, empty when there was none.

        name: id of the checkpoint that is meant, '' for any. Raises NetworkError when the node was put back already,
        or when another one is there.
        """
        with self.store.locked():
            there = self._sweep()
            if there.manifest is None:
                return there
            if name and there.manifest.id != name:
                raise NetworkError(refusal(there))
            if there.state != ARMED:
                raise NetworkError("it is too late to confirm: %s" % story(there))
            # What is confirmed has to be on the disk, whoever wrote it.
            self.store.sync_connections(there.manifest)
            self.store.put_state(CONFIRMED)
            self._clear()
            return Found(CONFIRMED, there.manifest)

    def cancel(self) -> None:
        """Remove the checkpoint of a change that undid itself. Raises NetworkError when a file is not as before."""
        with self.store.locked():
            there = self._sweep()
            if there.manifest is None or there.state != ARMED:
                return
            if not self.store.unchanged(there.manifest):
                raise NetworkError("profile files are not as they were; they are put back when the window ends")
            self.store.put_state(CONFIRMED)
            self._clear()

    def restore(self, name: str = "", heard: Callable[[], bool] = lambda: True) -> Found:
        """Put the node back now unless that was done, then remove the checkpoint; empty when there was none.

        heard: whether anybody still waits for the answer; else the report stays for the next call.
        Raises NetworkError when the program does not come to its end.
        """
        with self.store.locked():
            there = self._sweep()
            if name and there.manifest is not None and there.manifest.id != name:
                raise NetworkError(refusal(there))
            if there.state in PENDING:
                self._tell_systemd()
        if there.state in PENDING:
            self._systemctl("start", "--no-block", _units.SERVICE)
            there = self._wait()
        if there.manifest is None:
            return there
        if not heard():
            raise NetworkError("the session was cut; what was put back is kept on the node for the next call")
        with self.store.locked():
            self._clear()
        return there

    def _wait(self) -> Found:
        end = time.monotonic() + RESTORE_TIMEOUT
        looks = 0
        while True:
            looks += 1
            if looks % 20 == 0:
                # The program lets a change that is under way come to its end, and ends itself.
                self._systemctl("start", "--no-block", _units.SERVICE)
            there = self.found()
            if there.state == RESTORED or not there.state:
                return there
            if time.monotonic() > end:
                raise NetworkError(
                    "the node is not put back after %d s; see 'journalctl -u %s'" % (RESTORE_TIMEOUT, _units.NAME)
                )
            self._sleep(PAUSE)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _sweep(self) -> Found:
        """What is there; what an interruption left of another one is removed first. Call it under the lock."""
        there = self.found()
        if there.manifest is None and leftovers(self.store):
            self._clear()
        return there

    def _clear(self) -> None:
        """Units first: the state on the disk says what the folder is worth until it is gone."""
        self._run(["systemctl", "stop", _units.TIMER])
        if self.store.remove_units() and self._known() - RUNNING != {"LoadState=not-found", "NeedDaemonReload=no"}:
            self._run(["systemctl", "daemon-reload"])
        self.store.remove()

    def _tell_systemd(self) -> bool:
        """Whether the program runs, or waits for the lock.

        A reload only where it is needed: on a busy node it takes seconds, and systemd finds new units by itself.
        """
        known = self._known()
        if known - RUNNING != {"LoadState=loaded", "NeedDaemonReload=no"}:
            self._systemctl("daemon-reload")
        return not known.isdisjoint(RUNNING)

    def _program_waits(self) -> bool:
        return not self._known().isdisjoint(RUNNING)

    def _known(self) -> Set[str]:
        """What systemd says of both units: how they are loaded, and whether the service is under way."""
        argv = ["systemctl", "show", "--property=LoadState,NeedDaemonReload,ActiveState", _units.TIMER, _units.SERVICE]
        status, output, _errors = self._run(argv)
        lines = {line.strip() for line in output.splitlines()} if status == 0 else set()
        return {line for line in lines if line and (not line.startswith("ActiveState=") or line in RUNNING)}

    def _systemctl(self, *words: str) -> None:
        status, _output, errors = self._run(["systemctl", *words])
        if status != 0:
            raise NetworkError(
                "systemctl %s: exit status %d (%s)" % (" ".join(words), status, errors.strip() or "no message")
            )


def refusal(there: Found) -> str:
    """Why a new change has to wait."""
    manifest = there.manifest
    if manifest is None:
        return ""
    if there.state == RESTORED:
        return "%s; that was not read yet: run again" % story(there)
    waits = "%d s after the next boot" % manifest.timeout if manifest.window == BOOT else "%d s" % manifest.timeout
    doing = "is being undone" if there.state == RESTORING else "waits to be confirmed (for %s)" % waits
    return (
        "an earlier change '%s' of this node's profiles, by %s at %s, %s; confirm or undo it with module checkpoint or"
        " playbook rollback_pending" % (manifest.id, manifest.owner, stamp(manifest.since), doing)
    )


def story(there: Found) -> str:
    """What happened to a change that was put back."""
    manifest = there.manifest
    if manifest is None:
        return "there is no change to tell of"
    text = "change '%s' of this node's profiles, by %s at %s, " % (manifest.id, manifest.owner, stamp(manifest.since))
    if there.state != RESTORED:
        return text + "is being undone"
    text += "was undone at %s" % stamp(there.report.at)
    text += ": %s" % "; ".join(there.report.done) if there.report.done else ": nothing differed"
    if there.report.failed:
        text += "; and not everything could be put back: %s" % "; ".join(there.report.failed)
    return text


def summary(there: Found) -> str:
    """The same for any state, for people; '' when there is nothing."""
    if there.manifest is None or there.state == RESTORED:
        return story(there) if there.manifest is not None else ""
    if there.state == CONFIRMED:
        return "change '%s' of this node's profiles is confirmed" % there.manifest.id
    return refusal(there)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def paths_of(ids: Sequence[str], disk: Disk, new_path: Callable[[str], str]) -> Tuple[str, ...]:
    """The files of profiles by id, of those that are there and of those that a caller is about to make."""
    return tuple(disk.stored[name].path if name in disk.stored else new_path(name) for name in ids)
