# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HV pkg/webhook/resources/node: what nodes keep. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from .. import _keys
from ._registry import UPDATE, Finding, harvester
from ._request import Request

SOURCE = "HV pkg/webhook/resources/node: "
KIND = ("nodes",)


@harvester("node-last", "One node stays available", KIND, (UPDATE,), SOURCE + "cordon and maintenance of the last node")
def last(request: Request) -> Iterator[Finding]:
    old, new = request.old_node, request.new_node
    if old is None or new is None:
        return
    leaves = (new.cordoned and not old.cordoned) or (_asked(new.annotations) and not _asked(old.annotations))
    others = [node for node in request.snapshot.nodes.values() if node.name != new.name and node.available]
    if leaves and not others:
        yield Finding(
            "can't enable maintenance mode or cordon on the last available node", "make another node available first"
        )


@harvester("node-witness", "A witness stays a witness", KIND, (UPDATE,), SOURCE + "label and taint of witness nodes")
def witness(request: Request) -> Iterator[Finding]:
    old, new = request.old_node, request.new_node
    if old is None or new is None or not old.witness:
        return
    if not new.witness:
        yield Finding("the witness node label %s can't be removed" % _keys.WITNESS, "leave the label")
    tainted = {taint.get("key") for taint in old.taints} - {taint.get("key") for taint in new.taints}
    if _keys.ETCD in tainted or _keys.WITNESS in tainted:
        yield Finding("the taint of a witness node can't be removed", "leave the taint")


def _asked(annotations: object) -> bool:
    return isinstance(annotations, dict) and (
        _keys.MAINTAIN_STATUS in annotations or annotations.get(_keys.DRAIN_REQUESTED) == "true"
    )
