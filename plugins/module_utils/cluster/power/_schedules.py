# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that would touch stopped VMs or their volumes: they are suspended for the window. This module util is private to
the collection.

A ScheduleVMBackup has a field for it. A Longhorn RecurringJob has none; Longhorn makes a CronJob of its name
(longhorn-manager controller/recurring_job_controller.go) and leaves that alone as long as the RecurringJob is the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Tuple

from ...common._errors import Problem, ValidationError
from .. import _objects
from .._kinds import title
from .._snapshot import Snapshot
from . import _cron
from ._turn import Write, patch

KINDS = ("vm_schedules", "cron_jobs")
NAMES = {"ScheduleVMBackup": "vm_schedules", "CronJob": "cron_jobs"}
RECURRING_JOB = "RecurringJob"


class Job(NamedTuple):
    """One job that this collection has suspended. kind: of the object, "ScheduleVMBackup" or "CronJob"."""

    kind: str
    namespace: str
    name: str
    uid: str

    def as_result(self) -> Dict[str, str]:
        """As the module returns it and takes it again."""
        return dict(self._asdict())


def due(snapshot: Snapshot, references: Iterable[str], start: datetime, window: float) -> Tuple[Job, ...]:
    """The jobs that are due in the window and not suspended.

    Backup schedules of these VMs, and all recurring jobs of Longhorn, which work on volumes by labels and groups.
    start: in UTC. window: seconds.
    """
    wanted = frozenset(references)
    found: List[Job] = []
    for kind, key in NAMES.items():
        for item in sorted(snapshot.all(key), key=_objects.key):
            if _objects.dig(item, "spec", "suspend") or not _concerns(kind, item, wanted):
                continue
            field = "cron" if kind == "ScheduleVMBackup" else "schedule"
            if _cron.due(str(_objects.dig(item, "spec", field) or ""), start, window):
                uid = str(_objects.dig(item, "metadata", "uid") or "")
                found.append(Job(kind, _objects.namespace(item), _objects.name(item), uid))
    return tuple(found)


def suspending(snapshot: Snapshot, jobs: Iterable[Job]) -> Tuple[Write, ...]:
    """What suspends these jobs; nothing for those that are."""
    return tuple(
        _write(snapshot, job, True, "it is due while VMs are stopped")
        for job in jobs
        if _there(snapshot, job) and not _suspended(snapshot, job)
    )


def resuming(snapshot: Snapshot, jobs: Iterable[Job]) -> Tuple[Tuple[Write, ...], Tuple[str, ...]]:
    """What resumes these jobs, and what can no more be resumed, a line each."""
    writes, failures = [], []
    for job in jobs:
        if not _there(snapshot, job):
            thing = title(NAMES[job.kind], job.namespace, job.name)
            failures.append("%s is gone; it was suspended and cannot be resumed" % thing)
        elif _suspended(snapshot, job):
            writes.append(_write(snapshot, job, False, "VMs are started again"))
    return tuple(writes), tuple(failures)


def suspended(snapshot: Snapshot, jobs: Iterable[Job]) -> Tuple[str, ...]:
    """Those of these jobs that are suspended, as messages name them."""
    return tuple(
        title(NAMES[job.kind], job.namespace, job.name)
        for job in jobs
        if _there(snapshot, job) and _suspended(snapshot, job)
    )


def read(given: Iterable[Mapping[str, Any]]) -> Tuple[Job, ...]:
    """Jobs from module options. Raises ValidationError."""
    found = tuple(Job(*(str(item.get(field) or "") for field in Job._fields)) for item in given)
    problems = [
        Problem("vm_power", "schedules[%d].kind" % place, job.kind, "is no job", "use %s" % " or ".join(NAMES))
        for place, job in enumerate(found)
        if job.kind not in NAMES
    ]
    if problems:
        raise ValidationError(problems)
    return found


def merged(one: Iterable[Job], other: Iterable[Job]) -> Tuple[Job, ...]:
    """Both lists, each job once."""
    return tuple(dict.fromkeys([*one, *other]))


def _concerns(kind: str, item: _objects.Object, wanted: FrozenSet[str]) -> bool:
    if kind == "ScheduleVMBackup":
        name = _objects.dig(item, "spec", "vmbackup", "source", "name")
        return "%s/%s" % (_objects.namespace(item), name) in wanted
    owners = _objects.dig(item, "metadata", "ownerReferences") or ()
    return any(owner.get("kind") == RECURRING_JOB for owner in owners)


def _there(snapshot: Snapshot, job: Job) -> bool:
    item = snapshot.get(NAMES[job.kind], job.name, job.namespace)
    return item is not None and str(_objects.dig(item, "metadata", "uid") or "") == job.uid


def _suspended(snapshot: Snapshot, job: Job) -> bool:
    return bool(_objects.dig(snapshot.get(NAMES[job.kind], job.name, job.namespace), "spec", "suspend"))


def _write(snapshot: Snapshot, job: Job, suspend: bool, reason: str) -> Write:
    return patch(snapshot, NAMES[job.kind], job.namespace, job.name, {"spec": {"suspend": suspend}}, reason)
