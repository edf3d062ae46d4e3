# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``matched-nodes`` after a node came, went or got other labels (3.3 of the facts). Overlaps are let be (#7730)."""

from __future__ import annotations

import json

from ..kinds import NODE, VLAN_CONFIG
from ..objects import MATCHED_NODES, MGMT, PREFIX, is_deleting, is_witness, labels, matched_nodes, name, selected, spec

from ..objects import Obj, cluster_network_of  # isort: skip
from ..view import View
from ..writes import Delete, Write, patch


class NodeChanges:
    """Remembers the nodes' labels: upstream looks at a configuration for a node that changed, and for no other reason.

    So a selector changed to one that matches nothing keeps its old nodes until one of those changes (2.1).
    """

    def __init__(self) -> None:
        self._labels: dict[str, dict[str, str]] = {}
        self._pending: set[str] = set()

    def writes(self, view: View) -> list[Write]:
        """Changes of ``matched-nodes`` for the nodes that changed; asked again until they are written."""
        nodes = {name(node): node for node in view.list(NODE)}
        there = {key: _of_user(node) for key, node in nodes.items()}
        self._pending |= {key for key in there.keys() | self._labels.keys() if there.get(key) != self._labels.get(key)}
        self._labels = there
        found: list[Write] = []
        for config in view.list(VLAN_CONFIG):
            if is_deleting(config) or cluster_network_of(config) == MGMT:
                continue
            before = set(matched_nodes(config) or [])
            after = set(before)
            for key in self._pending:
                if key in nodes and _matches(config, nodes[key]):
                    after.add(key)
                else:
                    after.discard(key)
            if after != before:
                value = json.dumps(sorted(after), separators=(",", ":"))
                found.append(patch(VLAN_CONFIG, config, {"metadata": {"annotations": {MATCHED_NODES: value}}}))
        if not found:
            self._pending.clear()
        return found


def _of_user(node: Obj) -> dict[str, str]:
    """Labels without those that the agents write: a configuration's setup is no change of its node."""
    return {key: value for key, value in labels(node).items() if not key.startswith(f"{PREFIX}/")}


def _matches(config: Obj, node: Obj) -> bool:
    return selected(spec(config).get("nodeSelector"), labels(node)) and not is_witness(node)


def mgmt_configs(view: View) -> list[Write]:
    """``mgmt-vlanconfig-<node>`` goes with its node (1.10)."""
    nodes = {name(node) for node in view.list(NODE)}
    return [
        Delete(VLAN_CONFIG, name(config))
        for config in view.list(VLAN_CONFIG)
        if cluster_network_of(config) == MGMT
        and not is_deleting(config)
        and not nodes.intersection(matched_nodes(config) or [])
    ]


def mgmt_labels(view: View) -> list[Write]:
    """``network.harvesterhci.io/mgmt`` on every node that is no witness (1.9)."""
    key = f"{PREFIX}/{MGMT}"
    return [
        patch(NODE, node, {"metadata": {"labels": {key: "true"}}})
        for node in view.list(NODE)
        if not is_witness(node) and labels(node).get(key) != "true"
    ]
