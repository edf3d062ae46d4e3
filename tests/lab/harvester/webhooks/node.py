# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester's webhook for Nodes (2.7 of the facts): the last available node stays, a witness stays a witness."""

from __future__ import annotations

from ..kinds import NODE
from ..objects import WITNESS, Obj, annotations_of, is_witness, name, spec
from ..versions import Version
from ..view import View
from .admission import Refusal, Request, Webhook

MAINTAIN_STATUS = "harvesterhci.io/maintain-status"
DRAIN_REQUESTED = "harvesterhci.io/drain-requested"


def is_out(node: Obj) -> bool:
    """Cordoned, or in or on its way to maintenance."""
    return bool(spec(node).get("unschedulable")) or bool(
        {MAINTAIN_STATUS, DRAIN_REQUESTED} & annotations_of(node).keys()
    )


def validate(request: Request, view: View, version: Version) -> None:
    """Rules of one update."""
    old, new = request.before, request.object
    if is_out(new) and not is_out(old):
        others = [node for node in view.list(NODE) if name(node) != name(new)]
        if not any(not is_out(node) and not is_witness(node) for node in others):
            raise _bad("can't enable maintenance mode or cordon on the last available node")
    if is_witness(old) and not (is_witness(new) and _taints(old) <= _taints(new)):
        raise _bad(f"witness label or taint of node {name(new)} can't be removed")


def _taints(node: Obj) -> set[str]:
    return {WITNESS for taint in spec(node).get("taints") or [] if taint.get("key") == WITNESS}


def _bad(message: str) -> Refusal:
    return Refusal(message, 400, "BadRequest")


WEBHOOKS = (Webhook(NODE, "harvester", validate, ("UPDATE",)),)
