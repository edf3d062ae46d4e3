# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side of a live change: start the transient unit, wait, fetch the result.

This module util is private to the collection. A job lies in a folder of its own below /run until its result was
fetched, so that a change whose ssh session was cut is found by the next call; there is never more than one.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..common import _pause
from ..common._errors import NetworkError
from ._places import LIVE_FOLDER

Run = Callable[[Sequence[str]], Tuple[int, str, str]]

FOLDER = LIVE_FOLDER
UNIT = "harvester-network-live"
# Seconds beyond the steps' own bounds that a unit may run (files, reads, settling, undoing).
MARGIN = 120
PAUSE = 0.05

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from ansible_collections.harvester.network.plugins.module_utils.nm import _live; _live.main(sys.argv[2])"
)
# Nothing but the standard library is needed, and nothing of the environment.
_BARE = ("-I", "-S", "-B")


def library() -> str:
    """What has to be on sys.path for this library: Ansible's zip, or the folder above ansible_collections."""
    archive = getattr(globals().get("__loader__"), "archive", None)
    if archive:
        return str(archive)
    marker = os.sep + os.path.join("ansible_collections", "harvester", "network") + os.sep
    path = os.path.abspath(__file__)
    if marker not in path:
        raise NetworkError("cannot find the collection's root above %s" % path)
    return path.split(marker)[0]


def bound(job: Mapping[str, Any]) -> int:
    """Seconds that a job may take at most, undoing included."""
    return MARGIN + 2 * sum(int(step["timeout"]) for step in job.get("steps", ()))


def start(run: Run, job: Mapping[str, Any], folder: str = FOLDER) -> None:
    """Start the unit for a job. Raises NetworkError when one is there already or systemd refuses."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        raise NetworkError(
            "another change of this node's profiles is under way (%s); wait for it, then run again" % folder
        ) from None
    try:
        with open(os.path.join(folder, "job.json"), "w", encoding="utf-8") as stream:
            json.dump(job, stream)
        source = library()
        if os.path.isfile(source):
            source = shutil.copy(source, os.path.join(folder, "library.zip"))
        argv = ["systemd-run", "--quiet", "--collect", "--unit=" + UNIT]
        argv += ["--property=RuntimeMaxSec=%d" % bound(job), "--property=UMask=0077", "--setenv=LC_ALL=C"]
        argv += ["--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        status, _output, errors = run(argv + [sys.executable, *_BARE, "-c", _PROGRAM, source, folder])
        if status != 0:
            raise NetworkError("systemd-run: exit status %d (%s); nothing was changed" % (status, errors.strip()))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def pending(folder: str = FOLDER) -> Optional[Dict[str, Any]]:
    """The job that lies there unfetched, or None."""
    try:
        with open(os.path.join(folder, "job.json"), encoding="utf-8") as stream:
            found: Dict[str, Any] = json.load(stream)
            return found
    except (FileNotFoundError, ValueError):
        return None


def running(run: Run) -> bool:
    status, output, _errors = run(["systemctl", "is-active", UNIT + ".service"])
    return status == 0 or output.strip() in ("activating", "deactivating", "reloading")


def fetch(run: Run, job: Mapping[str, Any], folder: str = FOLDER) -> Dict[str, Any]:
    """Wait for the job's result and clear its folder away. Raises NetworkError when the unit ended without one.

    A module whose session was cut lives on: what it fetched would be lost, so it leaves the result to the next call.
    """
    path = os.path.join(folder, "result.json")
    end = time.monotonic() + bound(job) + 10
    looks = 0
    while not os.path.exists(path):
        looks += 1
        # systemctl is a process each time: asked every two seconds only.
        ended = looks % 40 == 0 and not running(run)
        if (ended and not os.path.exists(path)) or time.monotonic() > end:
            kept = _keep(folder)
            raise NetworkError(
                "the live change ended without a result; what was there before is recorded in %s, its log in"
                " 'journalctl -u %s'" % (kept, UNIT)
            )
        _pause.sleep(PAUSE)
    if not heard():
        raise NetworkError("the session was cut; the result of the change is kept on the node for the next call")
    with open(path, encoding="utf-8") as stream:
        result: Dict[str, Any] = json.load(stream)
    shutil.rmtree(folder)
    return result


def forget(folder: str = FOLDER) -> None:
    """Remove the result of a change that waited to be confirmed, went well, and was fetched by nobody."""
    job = pending(folder)
    try:
        with open(os.path.join(folder, "result.json"), encoding="utf-8") as stream:
            result = json.load(stream)
    except (OSError, ValueError):
        return
    if job is not None and job.get("confirm") and result.get("ok"):
        shutil.rmtree(folder, ignore_errors=True)


def heard(descriptor: int = 1) -> bool:
    """Whether anybody still reads what this process prints."""
    poll = select.poll()
    poll.register(descriptor, 0)  # errors and hang-ups are always told
    return not poll.poll(0)


def _keep(folder: str) -> str:
    """Set a job without result aside, so that its record stays and the node is not blocked."""
    kept = "%s-%d" % (folder, int(time.time()))
    os.replace(folder, kept)
    return kept


def outcome(result: Mapping[str, Any]) -> List[str]:
    """The lines of a failure for the operator; empty when the job succeeded."""
    if result.get("ok"):
        return []
    lines = ["going live failed: %s" % result.get("error")]
    if result.get("undone"):
        lines.append("profiles and kernel were put back as they were")
    else:
        lines.append(
            "and not everything could be put back: %s" % ("; ".join(result.get("undo_failed") or ()) or "see above")
        )
    return lines
