# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side of a change that is planned: carry it out. This module util is private to the collection.

Nothing of the planning is needed here: every import is compiled anew on the node.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple

from ..common._errors import NetworkError
from ._places import CONFIRM_FOLDER, LIVE_FOLDER

Run = Callable[[Sequence[str]], Tuple[int, str, str]]


def still_planned(job: Mapping[str, Any], root: str = "/") -> bool:
    """Whether nothing has come between a plan that was made elsewhere and this node.

    That is: its files are as they were, and no other change is under way or waits to be confirmed. The kernel is
    compared by the change itself.
    """
    from ._job_files import FilesJob

    folders = (LIVE_FOLDER, CONFIRM_FOLDER)
    busy = any(os.path.isdir(os.path.join(root, folder.lstrip("/"))) for folder in folders)
    return not busy and FilesJob(job, root=root).as_found()


def out(run: Run, job: Mapping[str, Any]) -> Dict[str, Any]:
    """Files alone are written here; live steps go to the transient unit, which outlives this session."""
    if job["steps"]:
        from . import _launch

        _start(run, job)
        outcome = _launch.fetch(run, job)
    elif job.get("confirm"):
        from . import _live

        outcome = _live.Job(job).execute()
    else:
        from ._job_files import FilesJob

        outcome = FilesJob(job).execute()
    raise_failure(run, job, outcome, "%s")
    return outcome


def _start(run: Run, job: Mapping[str, Any]) -> None:
    """Start the unit; where it does not start nothing was changed, so nothing waits to be confirmed."""
    from . import _launch

    try:
        _launch.start(run, job)
    except NetworkError:
        if job.get("confirm"):
            from .confirm import _change

            _change.failed(run, undone=True)
        raise


def raise_failure(run: Run, job: Mapping[str, Any], outcome: Mapping[str, Any], text: str) -> None:
    """Raise NetworkError for a change that failed; one that undid itself leaves nothing to be confirmed."""
    if outcome.get("ok"):
        return
    from . import _launch

    lines = _launch.outcome(outcome)
    if job.get("confirm"):
        from .confirm import _change

        lines += _change.failed(run, bool(outcome.get("undone")))
    raise NetworkError(text % "; ".join(lines))
