# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of a cluster, before anything is touched. This module util is private to the collection.

Pure: a snapshot and a change in, objections out. A file per webhook of Harvester's, a file per object in ours/ for what
Harvester lets pass and should not. NC in a source is network-controller-harvester, HV is harvester.
"""

from __future__ import annotations

from typing import Iterable, List, Optional, Union

from .._change import Change
from .._snapshot import Snapshot
from .._versions import Version
from . import (
    _clusternetwork,
    _hostnetworkconfig,
    _nad,
    _node,
    _schema,
    _setting,
    _setting_state,
    _virtualmachine,
    _vlanconfig,
    ours,
)
from ._registry import HARVESTER, OURS, REGISTRY, Objection, Rule
from ._request import Request

__all__ = ["HARVESTER", "OURS", "REGISTRY", "Objection", "Rule", "objections", "refused"]

FILES = (
    _schema,
    _clusternetwork,
    _vlanconfig,
    _nad,
    _hostnetworkconfig,
    _setting,
    _setting_state,
    _node,
    _virtualmachine,
    ours,
)
"""Importing them fills the registry."""


def objections(
    snapshot: Snapshot,
    change: Change,
    version: Union[Version, str, None] = None,
    after: Optional[Snapshot] = None,
) -> List[Objection]:
    """Everything that speaks against a change, Harvester's own objections first, each in the order of the registry.

    version: Harvester's, "v1.8.2" or a Version; that of the snapshot when None. Harvester itself stops at its first
    objection; here all are listed. What changes nothing meets none of ours. after: the snapshot that the change leads
    to, where it is one of several; None to compute it. Raises VersionError.
    """
    request = Request(snapshot, change, snapshot.version_or(version), after)
    found: List[Objection] = []
    for by in (HARVESTER, OURS):
        if request.being_deleted or (request.unchanged and (by == OURS or change.object is None)):
            continue
        for rule in REGISTRY:
            if rule.by == by and rule.applies(change.kind, request.operation, request.version):
                found += [
                    Objection(rule.id, change.title, finding.message, rule.source, finding.next_step, rule.by)
                    for finding in rule.judge(request)
                ]
    return found


def refused(found: Iterable[Objection]) -> bool:
    """Whether Harvester itself would refuse the change."""
    return any(objection.by == HARVESTER for objection in found)
