# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a host network configuration and the HostNetworkConfig they mean. Since Harvester 1.8.

This module util is private to the collection.
"""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...common._errors import Problem, ValidationError
from ...common._names import suggest
from .. import _objects
from .._kinds import BY_KEY, title
from .._plan import Step, step
from .._snapshot import Snapshot
from ._metadata import deleting
from ._selection import SELECTION_ARGSPEC, selection

KINDS = (
    "nodes",
    "clusternetworks",
    "vlanconfigs",
    "vlanstatuses",
    "hostnetworkconfigs",
    "nads",
    "settings",
    "upgrades",
    "vms",
)
"""What the plan of a host network configuration and the rules for it look at."""

FIELDS = {
    "cluster_network": "clusterNetwork",
    "vlan_id": "vlanID",
    "mode": "mode",
    "addresses": "ips",
    "underlay": "underlay",
    "description": "description",
}
"""Option -> key of the spec."""
REQUIRED = ("cluster_network", "vlan_id", "mode")

HOST_CONFIG_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "cluster_network": {"type": "str"},
    "vlan_id": {"type": "int"},
    "mode": {"type": "str", "choices": ["static", "dhcp"]},
    "addresses": {"type": "dict"},
    "underlay": {"type": "bool"},
    "description": {"type": "str"},
    **SELECTION_ARGSPEC,
}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The step of module host_network_config. Raises ValidationError."""
    before = snapshot.get("hostnetworkconfigs", given["name"])
    return step("hostnetworkconfigs", before, None if given.get("state") == "absent" else wanted(snapshot, given))


def wanted(snapshot: Snapshot, given: Mapping[str, Any]) -> _objects.Object:
    """The object of a host network configuration as the options want it. Raises ValidationError.

    given: of HOST_CONFIG_ARGSPEC, only what the user gave.
    """
    name = given["name"]
    where = title("hostnetworkconfigs", "", name)
    before = snapshot.get("hostnetworkconfigs", name)
    selector, problems = selection(snapshot, given, where, required=before is None)
    problems = [*deleting(before, where), *_problems(snapshot, given, before, where), *problems]
    if problems:
        raise ValidationError(problems)
    spec: Dict[str, Any] = copy.deepcopy(dict((before or {}).get("spec") or {}))
    for option, key in FIELDS.items():
        if option in given and (given[option] or None) != (spec.get(key) or None):
            _put(spec, key, given[option])
    if selector is not None and not _same(spec.get("nodeSelector"), selector):
        _put(spec, "nodeSelector", {"matchLabels": selector} if selector else None)
    if before is not None:
        return {**before, "spec": spec}
    kind = BY_KEY["hostnetworkconfigs"]
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}, "spec": spec}


def _problems(
    snapshot: Snapshot, given: Mapping[str, Any], before: Optional[_objects.Object], where: str
) -> List[Problem]:
    found = []
    for option in REQUIRED:
        if before is None and option not in given:
            found.append(Problem(where, option, None, "it is new and needs this option", "give it"))
        elif option in given and given[option] is None:
            found.append(Problem(where, option, "null", "it cannot be unset", "give a value, or leave the option out"))
    addresses = given.get("addresses") or {}
    if addresses and (given.get("mode") or _objects.dig(before, "spec", "mode")) == "dhcp":
        rule = "mode dhcp takes its addresses from a server"
        found.append(Problem(where, "addresses", None, rule, "leave them out, or give mode=static"))
    for node in addresses:
        if node not in snapshot.nodes:
            remedy = suggest(node, snapshot.nodes) or "known are %s" % ", ".join(sorted(snapshot.nodes))
            found.append(Problem(where, "addresses", node, "the cluster has no such node", remedy))
    return found


def _same(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector asks for these labels and nothing else; none and an empty one are for all nodes."""
    given: Mapping[str, Any] = selector or {}
    return not given.get("matchExpressions") and (given.get("matchLabels") or {}) == labels


def _put(spec: Dict[str, Any], key: str, value: Any) -> None:
    if value is None or value == "":
        spec.pop(key, None)
    else:
        spec[key] = value
