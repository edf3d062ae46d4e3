# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes that a configuration is for: the options ``all_nodes``, ``node`` and ``node_selector``.

One of the three. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...common._errors import Problem
from ...common._names import suggest
from .. import _keys, _objects
from .._snapshot import Snapshot

OPTIONS = ("all_nodes", "node", "node_selector")

SELECTION_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "all_nodes": {"type": "bool"},
    "node": {"type": "str"},
    "node_selector": {"type": "dict"},
}


def selection(
    snapshot: Snapshot, given: Mapping[str, Any], where: str, required: bool
) -> Tuple[Optional[Dict[str, str]], List[Problem]]:
    """The labels that a node must have, {} for all nodes; None when no selection is given. And what is wrong with it.

    where: the object in messages. required: whether there has to be one, as for a new object.
    """
    named = [option for option in OPTIONS if option in given]
    if len(named) > 1:
        rule = "%s exclude one another" % _objects.listed(named)
        return None, [Problem(where, "", None, rule, "give exactly one of them")]
    if not named:
        if not required:
            return None, []
        rule = "it is new and needs a selection of nodes"
        return None, [Problem(where, "", None, rule, "give exactly one of %s" % ", ".join(OPTIONS))]
    option, value = named[0], given[named[0]]
    if value is None:
        return None, [
            Problem(where, option, "null", "a selection cannot be unset", "give all_nodes=true for all nodes")
        ]
    if option == "all_nodes":
        if value:
            return {}, []
        rule = "it says which nodes are not meant, not which are"
        return None, [Problem(where, option, "false", rule, "leave it out, and give node or node_selector")]
    return _one(snapshot, value, where) if option == "node" else _labels(value, where)


def _one(snapshot: Snapshot, name: str, where: str) -> Tuple[Optional[Dict[str, str]], List[Problem]]:
    """A node by its label hostname, as Harvester's UI pins a configuration to a host."""
    node = snapshot.nodes.get(name)
    if node is None:
        remedy = suggest(name, snapshot.nodes) or "known are %s" % (", ".join(sorted(snapshot.nodes)) or "none")
        return None, [Problem(where, "node", name, "the cluster has no such node", remedy)]
    return {_keys.HOSTNAME: node.labels.get(_keys.HOSTNAME, name)}, []


def _labels(value: Mapping[str, Any], where: str) -> Tuple[Optional[Dict[str, str]], List[Problem]]:
    if not value:
        rule = "an empty selector means all nodes"
        return None, [Problem(where, "node_selector", "{}", rule, "give all_nodes=true if that is meant")]
    found: Dict[str, str] = {}
    problems = []
    for key, item in value.items():
        if isinstance(item, bool):
            found[str(key)] = "true" if item else "false"  # a label in YAML without quotes
        elif isinstance(item, (str, int)):
            found[str(key)] = str(item)
        else:
            option = "node_selector.%s" % key
            problems.append(Problem(where, option, item, "the value of a label is a text", "give one text per label"))
    return found, problems
