# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in the transient systemd unit: carry a job out, read the kernel back, undo what cannot be proved.

This module util is private to the collection. It outlives the ssh session that started it, so it has everything in its
job file and leaves everything in its result file. See _launch.py for the other side.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import traceback
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..common._errors import NetworkError
from . import _steps
from ._bond_value import bond_value
from ._job_files import COMMAND_TIMEOUT, FilesJob, StepFailed, run
from ._links import read
from ._links_compare import compare
from ._links_expected import Expected
from ._links_restore import restore_actions
from ._links_types import Snapshot
from ._steps import Step

# Seconds that devices may take after the last step until the kernel looks as planned.
SETTLE = 20.0
# Between two looks, seconds.
PAUSE = 0.25
# NetworkManager activates a profile that it autoconnects as soon as it was loaded; seconds to begin with it.
GRACE = 3.0

CONFIRM_TIMER = "harvester-network-confirm.timer"
CONFIRM_STATE = "etc/NetworkManager/harvester-network-confirm/state"
CONFIRM_ENDED = "etc/NetworkManager/harvester-network-confirm/live"
"""Below the root; see confirm/_store.py, which is not loaded here. The second is written here: boot id, and seconds
since the boot when the change had become live."""

BUS = "org.freedesktop.NetworkManager"
PRESERVE_EXTERNAL_IP = "1"
NM_DISCONNECTED = 30
NM_ACTIVATED = 100
_MANAGER = (BUS, "/org/freedesktop/NetworkManager", BUS)


class Job(FilesJob):
    """One change of a node: files, then live steps, then the proof; undone backwards when something fails.

    data: as of FilesJob, and ``steps``, ``expected``, ``bond_options`` (what the kernel must show afterwards).
    ``confirm``: the change waits to be confirmed.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        runner: Callable[..., Tuple[int, str, str]] = run,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        root: str = "/",
    ) -> None:
        super().__init__(data, runner, root)
        self.steps = [Step.from_dict(item) for item in data.get("steps", ())]
        self.bond_options: Dict[str, Dict[str, str]] = dict(data.get("bond_options", {}))
        self.expected = Expected.from_dict(data.get("expected", {}))
        self.confirm = bool(data.get("confirm", False))
        self.settle = float(data.get("settle", SETTLE))
        self.restored: List[str] = []
        self._clock = clock
        self._sleep = sleep

    def execute(self) -> Dict[str, Any]:
        """Do it. The result says ``ok``, and when not: ``error``, ``undone`` and what undoing itself could not do."""
        if self.confirm and not self._armed():
            text = "the window to confirm has ended before the change began; nothing was changed"
            return {"ok": False, "error": text, "undone": True, "undo_failed": [], "restored": []}
        before = read(self._run) if self.steps else None
        done: List[Step] = []
        try:
            self._write(forward=True)
            for step in self.steps:
                done.append(step)
                self._step(step)
            if before is not None:
                self._prove(before)
        except Exception as error:
            # Whatever went wrong, an answer that does not parse included: the node is put back.
            return self._undo(done, before, str(error) or type(error).__name__)
        if self.confirm and self.load:
            self._note_end()
            # The window counts from the last write. A timer that cannot be started again runs all the same.
            self._run(["systemctl", "restart", CONFIRM_TIMER], COMMAND_TIMEOUT)
        return {"ok": True, "restored": self.restored}

    def _armed(self) -> bool:
        """Whether the checkpoint still waits: on a very slow node its window may end before the change begins."""
        try:
            with open(os.path.join(self._root, CONFIRM_STATE), encoding="ascii") as stream:
                return stream.read().strip() == "armed"
        except OSError:
            return False

    def _note_end(self) -> None:
        """For the confirm, which must have begun later. The folder is gone where somebody has undone the change."""
        with contextlib.suppress(OSError):
            with open(os.path.join(self._root, "proc/sys/kernel/random/boot_id"), encoding="ascii") as stream:
                boot = stream.read().strip()
            with open(os.path.join(self._root, CONFIRM_ENDED), "w", encoding="ascii") as stream:
                stream.write("%s %.2f" % (boot, time.clock_gettime(time.CLOCK_BOOTTIME)))

    # -- steps ----------------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        if step.how == _steps.UP and self._comes_up(step):
            return
        self._act(step.kind, step.do, step.timeout)

    def _comes_up(self, step: Step) -> bool:
        """Whether NetworkManager brings the device up by itself; a second activation would take a bond's ports away."""
        now = self._clock()
        end, last = now + GRACE, now + step.timeout
        while now < min(end, last):
            state = self._state(step.device)
            if state == NM_ACTIVATED and self._attached(step):
                return True
            if NM_DISCONNECTED < state < NM_ACTIVATED:
                end = last
            self._sleep(PAUSE)
            now = self._clock()
        return False

    def _state(self, device: str) -> int:
        """NetworkManager's state of a device; 0 when it knows none."""
        call = ["busctl", "--json=short"]
        status, output, _errors = self._run(
            [*call, "call", *_MANAGER, "GetDeviceByIpIface", "s", device], COMMAND_TIMEOUT
        )
        if status != 0:
            return 0
        path = json.loads(output)["data"][0]
        status, output, _errors = self._run(
            [*call, "get-property", BUS, path, BUS + ".Device", "State"], COMMAND_TIMEOUT
        )
        return int(json.loads(output)["data"]) if status == 0 else 0

    def _attached(self, step: Step) -> bool:
        if not step.controller:
            return True
        try:
            link = os.readlink(os.path.join(self._root, "sys/class/net", step.device, "master"))
        except OSError:
            return False
        return os.path.basename(link) == step.controller

    def _act(self, kind: str, action: Sequence[str], timeout: float) -> None:
        if kind == _steps.WRITE:
            path, value = action
            try:
                with open(os.path.join(self._root, path.lstrip("/")), "w", encoding="ascii") as stream:
                    stream.write(value)
            except OSError as error:
                raise StepFailed("%s: the kernel refuses %s (%s)" % (path, value, error.strerror)) from error
        elif kind == _steps.REAPPLY_DEVICE:
            self._reapply(action[0], timeout)
        else:
            self._command(action, timeout)

    def _reapply(self, device: str, timeout: float) -> None:
        """D-Bus Reapply with preserve-external-ip: nmcli's own reapply drops VIPs and foreign routes."""
        call = ["busctl", "--json=short", "call"]
        found = self._command([*call, *_MANAGER, "GetDeviceByIpIface", "s", device], timeout)
        path = json.loads(found)["data"][0]
        arguments = ["Reapply", "a{sa{sv}}tu", "0", "0", PRESERVE_EXTERNAL_IP]
        self._command([*call, BUS, path, BUS + ".Device", *arguments], timeout)

    # -- proof ----------------------------------------------------------------------------------------------------

    def _prove(self, before: Snapshot) -> None:
        """Put back what an activation or a reapply took from bystanders, then compare the kernel with the plan."""
        end = self._clock() + self.settle
        gentle = all(step.how == _steps.KERNEL for step in self.steps)
        while True:
            now = read(self._run)
            if not gentle:
                now = self._put_back(before, now, self.expected)
            differences = list(compare(before, now, self.expected)) + self._bond_differences(now)
            if not differences:
                return
            if self._clock() >= end:
                raise StepFailed("the kernel differs from the plan afterwards: %s" % "; ".join(differences))
            self._sleep(PAUSE)

    def _bond_differences(self, now: Snapshot) -> List[str]:
        """The kernel rounds delays and takes a primary that is no port: such a change would be pending for ever."""
        found = []
        for bond, options in self.bond_options.items():
            link = now.links.get(bond)
            have = link.bond.options if link is not None and link.bond is not None else {}
            for name, wanted in options.items():
                value = bond_value(have.get(name, ""))
                if value != wanted:
                    found.append("%s: bond option %s is %s, asked for %s" % (bond, name, value or "none", wanted))
        return found

    def _put_back(self, before: Snapshot, now: Snapshot, expected: Expected) -> Snapshot:
        actions = restore_actions(before, now, expected)
        for argv in actions:
            status, _output, _errors = self._run(argv, COMMAND_TIMEOUT)
            if status == 0 and " ".join(argv) not in self.restored:
                self.restored.append(" ".join(argv))
        return read(self._run) if actions else now

    # -- undo -----------------------------------------------------------------------------------------------------

    def _undo(self, done: Sequence[Step], before: Optional[Snapshot], error: str) -> Dict[str, Any]:
        """Files first, since undo steps activate profiles; then the steps backwards; then the bystanders."""
        failed: List[str] = []
        lost = self._files_back()
        for step in reversed(done):
            for action in step.undo:
                try:
                    self._act(step.kind, action, step.timeout)
                except (NetworkError, OSError) as problem:
                    failed.append(str(problem))
        if before is not None:
            # What counts is the kernel: an undo step that failed for a device that is as before did no harm.
            differences = self._settle_back(before)
            lost += failed + differences if differences else []
        return {"ok": False, "error": error, "undone": not lost, "undo_failed": lost, "restored": self.restored}

    def _settle_back(self, before: Snapshot) -> List[str]:
        """What still differs from before, after waiting and putting back."""
        # A device that was removed comes back with another ifindex; it has to be there, no more.
        unchanged = Expected(
            reactivated=self.expected.reactivated, created=self.expected.removed, followers=self.expected.followers
        )
        end = self._clock() + self.settle
        while True:
            now = self._put_back(before, read(self._run), unchanged)
            differences = list(compare(before, now, unchanged))
            if not differences or self._clock() >= end:
                return differences
            self._sleep(PAUSE)


def main(folder: str) -> None:
    """Entry of the unit: read job.json in ``folder``, leave result.json there."""
    try:
        with open(os.path.join(folder, "job.json"), encoding="utf-8") as stream:
            job = json.load(stream)
        result = Job(job).execute()
    except Exception:  # the module must always find a result
        result = {"ok": False, "error": traceback.format_exc(), "undone": False, "undo_failed": [], "restored": []}
    path = os.path.join(folder, "result.json")
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(path + ".new", path)


if __name__ == "__main__":
    main(sys.argv[1])
