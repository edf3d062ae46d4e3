# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HV pkg/webhook/resources/node: what nodes keep. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from .. import _keys
from .._nodes import Node
from ._registry import UPDATE, Finding, harvester
from ._request import Request

SOURCE = "HV pkg/webhook/resources/node: "
KIND = ("nodes",)


@harvester("node-last", "One node stays available", KIND, (UPDATE,), SOURCE + "cordon and maintenance of the last node")
def last(request: Request) -> Iterator[Finding]:
    old, new = request.old_node, request.new_node
    if old is None or new is None or _out(old) or not _out(new):
        return
    # as Harvester counts: one that is not Ready is available, and so is a witness
    if all(_out(node) for node in request.snapshot.nodes.values() if node.name != new.name):
        yield Finding(
            "can't enable maintenance mode or cordon on the last available node", "make another node available first"
        )


@harvester("node-witness", "A witness stays a witness", KIND, (UPDATE,), SOURCE + "label and taint of witness nodes")
def witness(request: Request) -> Iterator[Finding]:
    old, new = request.old_node, request.new_node
    if old is None or new is None or not (old.witness or _tainted(old)):
        return
    if not (new.witness and _tainted(new)):
        yield Finding(
            "Cannot remove witness node taint or label from the witness node",
            "keep label %s and taint %s=true:NoExecute" % (_keys.WITNESS, _keys.ETCD),
        )


def _out(node: Node) -> bool:
    """Cordoned, or in maintenance mode."""
    return node.cordoned or _keys.MAINTAIN_STATUS in node.annotations


def _tainted(node: Node) -> bool:
    wanted = (_keys.ETCD, "true", "NoExecute")
    return any((taint.get("key"), taint.get("value"), taint.get("effect")) == wanted for taint in node.taints)
