# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's side of a checkpoint: a change of profiles that waits to be confirmed.

This module util is private to the collection. Imported only by a call that changes something, or finds a checkpoint.
"""

from __future__ import annotations

import time
from typing import Any, Dict, List, Sequence, Set, Tuple

from ...common._errors import NetworkError
from .. import _engine
from .._host import Disk, Run
from .._launch import heard
from .._links_types import Snapshot
from .._liveness_vlans import OPTIONS, ids
from .._profile import ETHERNET
from .._request import Change
from . import _checkpoint
from ._checkpoint import Checkpoint, Wish
from ._manifest import BOOT, NOW
from ._store import RESTORED


def earlier(run: Run, check: bool) -> Tuple[Dict[str, Any], List[str]]:
    """What waits to be confirmed, and warnings. Raises NetworkError, once, for what was undone meanwhile."""
    checkpoint = Checkpoint(run)
    there = checkpoint.found()
    if there.state != RESTORED:
        return there.to_dict(), []
    text = _checkpoint.story(there)
    if check:
        return {}, ["an earlier %s; the next run that is no check clears that" % text]
    checkpoint.restore(heard=heard)
    raise NetworkError("an earlier %s; run again to retry" % text)


def refusal(run: Run) -> str:
    return _checkpoint.refusal(Checkpoint(run).found())


def arm(
    run: Run, confirm: _engine.Confirm, writes: Sequence[Change], disk: Disk, now: Snapshot, boot: bool
) -> Dict[str, Any]:
    """Arm a checkpoint for these changes. boot: they become live at the next boot, so the window begins there.

    Raises NetworkError when it cannot be armed: nothing was changed then.
    """
    wish = Wish("profiles-%d" % int(time.time()), confirm.timeout, BOOT if boot else NOW, confirm.owner)
    paths = [change.path for change in writes]
    there = Checkpoint(run).arm(wish, paths, disk, now, _coming(writes), _added(writes, disk, now))
    return there.to_dict()


def failed(run: Run, undone: bool) -> List[str]:
    """What to say of the checkpoint of a change that failed."""
    checkpoint = Checkpoint(run)
    if undone:
        try:
            checkpoint.cancel()
            return []
        except NetworkError as error:
            return [str(error)]
    there = checkpoint.found()
    if there.manifest is None:
        return []
    return ["the checkpoint '%s' puts the rest back within %d s" % (there.manifest.id, there.manifest.timeout)]


def _coming(writes: Sequence[Change]) -> List[str]:
    """Devices that the change makes, if they are not there."""
    found = [change.after for change in writes if change.after is not None and change.after.type != ETHERNET]
    return [profile.device for profile in found if profile.device]


def _added(writes: Sequence[Change], disk: Disk, now: Snapshot) -> Dict[str, List[int]]:
    """VLAN ids that the profiles get, by device; what the kernel has already is left out by the record."""
    added: Dict[str, Set[int]] = {}
    for change in writes:
        if change.after is None or not change.after.device:
            continue
        for option in OPTIONS:
            new = ids(change.after, option) - ids(change.before, option)
            added.setdefault(change.after.device, set()).update(new)
    return {device: sorted(vids) for device, vids in added.items() if vids}
