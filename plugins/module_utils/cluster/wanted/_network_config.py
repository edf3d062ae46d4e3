# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a network configuration and the VlanConfig they mean. This module util is private to the collection."""

from __future__ import annotations

import copy
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ...common import _mtu
from ...common._errors import Problem, ValidationError
from .. import _objects
from .._config import NetworkConfig
from .._kinds import BY_KEY, title
from .._plan import Step, step
from .._snapshot import Snapshot
from .._versions import has
from . import _uplink
from ._metadata import deleting
from ._selection import SELECTION_ARGSPEC, selection

KINDS = (
    "nodes",
    "clusternetworks",
    "vlanconfigs",
    "vlanstatuses",
    "linkmonitors",
    "hostnetworkconfigs",
    "nads",
    "settings",
    "upgrades",
    "vms",
    "vmis",
    "sriov_devices",
    "agents",
)
"""What the plan of configurations and the rules for them look at."""

CONFIG_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "nics": {"type": "list", "elements": "str"},
    **SELECTION_ARGSPEC,
}
"""Options that a configuration has of its own."""

NETWORK_CONFIG_ARGSPEC: Dict[str, Dict[str, Any]] = {
    **CONFIG_ARGSPEC,
    "cluster_network": {"type": "str"},
    "uplink": {"type": "dict", "options": _uplink.UPLINK_ARGSPEC},
}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The step of module network_config. Raises ValidationError."""
    before = snapshot.get("vlanconfigs", given["name"])
    after = None if given.get("state") == "absent" else wanted(snapshot, given)
    return step("vlanconfigs", before, after)


def wanted(snapshot: Snapshot, given: Mapping[str, Any]) -> _objects.Object:
    """The object of a configuration as the options want it. Raises ValidationError.

    given: of NETWORK_CONFIG_ARGSPEC, only what the user gave. A new one takes from another configuration of its cluster
    network what has to be equal in all and is not given; else MTU 1500.
    """
    name = given["name"]
    where = title("vlanconfigs", "", name)
    before = snapshot.get("vlanconfigs", name)
    selector, problems = selection(snapshot, given, where, required=before is None)
    problems = [*_problems(given, before, where), *problems, *_uplink.problems_of(given.get("uplink") or {}, where)]
    if problems:
        raise ValidationError(problems)
    spec: Dict[str, Any] = copy.deepcopy(dict((before or {}).get("spec") or {}))
    if "cluster_network" in given:
        spec["clusterNetwork"] = given["cluster_network"]
    _put_description(spec, given)
    if selector is not None:
        _put_selector(spec, selector)
    spec["uplink"] = _uplink_of(snapshot, given, spec, new=before is None)
    if before is not None:
        return {**before, "spec": spec}
    kind = BY_KEY["vlanconfigs"]
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}, "spec": spec}


def _problems(given: Mapping[str, Any], before: Optional[_objects.Object], where: str) -> List[Problem]:
    found = deleting(before, where)
    for option in ("cluster_network", "nics"):
        if before is None and option not in given:
            found.append(Problem(where, option, None, "it is new and needs this option", "give it"))
    for option in ("cluster_network", "nics", "uplink"):
        if option in given and given[option] is None:
            found.append(Problem(where, option, "null", "it cannot be unset", "give a value, or leave the option out"))
    return found


def _put_description(spec: Dict[str, Any], given: Mapping[str, Any]) -> None:
    if "description" not in given or (given["description"] or "") == (spec.get("description") or ""):
        return
    if given["description"]:
        spec["description"] = given["description"]
    else:
        spec.pop("description", None)


def _put_selector(spec: Dict[str, Any], selector: Mapping[str, str]) -> None:
    if selector == (spec.get("nodeSelector") or {}):
        return
    if selector:
        spec["nodeSelector"] = dict(selector)
    else:
        spec.pop("nodeSelector", None)


def _uplink_of(snapshot: Snapshot, given: Mapping[str, Any], spec: Mapping[str, Any], new: bool) -> Dict[str, Any]:
    uplink: Mapping[str, Any] = spec.get("uplink") or {}
    options: Mapping[str, Any] = given.get("uplink") or {}
    if new:
        options = {**_inherited(snapshot, given["name"], str(spec.get("clusterNetwork"))), **options}
    found = _uplink.with_options(uplink, options, has(snapshot.version, "miimon_default_100"))
    if "nics" in given and sorted(given["nics"]) != sorted(uplink.get("nics") or ()):
        found["nics"] = list(given["nics"])
    return found


def _inherited(snapshot: Snapshot, name: str, cluster_network: str) -> Dict[str, Any]:
    for sibling in siblings(snapshot, cluster_network, but=[name]):
        return _uplink.of_sibling(_objects.dig(sibling.raw, "spec", "uplink") or {})
    return {"mtu": _mtu.DEFAULT}


def siblings(snapshot: Snapshot, cluster_network: str, but: Iterable[str] = ()) -> List[NetworkConfig]:
    """The users' configurations of a cluster network that stay, by name. but: names to leave out."""
    left_out = set(but)
    return [
        config
        for name, config in sorted(snapshot.user_configs.items())
        if config.cluster_network == cluster_network and name not in left_out and not config.deleting
    ]
