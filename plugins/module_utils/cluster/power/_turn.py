# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at the cluster leads to. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple

from .. import _objects
from .._change import Change
from .._plan import Step
from .._snapshot import Snapshot


class Write(NamedTuple):
    """One object that is written. reason: why, a sentence part without a full stop."""

    step: Step
    reason: str


class Call(NamedTuple):
    """One call of a subresource of KubeVirt's.

    kind: "vms" or "vmis". verb: "stop" or "unpause". body: as KubeVirt wants it.
    """

    kind: str
    namespace: str
    name: str
    verb: str
    body: Dict[str, Any]
    reason: str


class Turn(NamedTuple):
    """What to do now, and what is to be waited for.

    writes, calls: all of them at once. missing: what is not as it is to be, a line each; the work is done when there
    is none. failures: what will not come right by waiting, a line each. bound: seconds that what was written in this
    turn may take beyond the usual. late: of the missing ones, those that come with time though nothing is written.
    """

    writes: Tuple[Write, ...] = ()
    calls: Tuple[Call, ...] = ()
    missing: Tuple[str, ...] = ()
    failures: Tuple[str, ...] = ()
    bound: float = 0
    late: Tuple[str, ...] = ()


def patch(snapshot: Snapshot, kind: str, namespace: str, name: str, values: Dict[str, Any], reason: str) -> Write:
    """A merge patch on an object of the snapshot. Raises KeyError when it is not there."""
    before = snapshot.get(kind, name, namespace)
    if before is None:
        raise KeyError(name)
    after: Optional[_objects.Object] = Change.patch(kind, before, values).object
    return Write(Step(kind, before, after), reason)


def removal(snapshot: Snapshot, kind: str, namespace: str, name: str, reason: str) -> Write:
    """The deletion of an object of the snapshot. Raises KeyError when it is not there."""
    before = snapshot.get(kind, name, namespace)
    if before is None:
        raise KeyError(name)
    return Write(Step(kind, before, None), reason)
