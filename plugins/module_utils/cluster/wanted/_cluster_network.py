# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a cluster network and the objects they mean: the ClusterNetwork and all of its VlanConfigs.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...common import _mtu
from ...common._errors import Problem, ValidationError
from .. import _keys, _network_mtu, _objects
from .._config import NetworkConfig
from .._kinds import BY_KEY, title
from .._plan import Step, step
from .._snapshot import Snapshot
from . import _network_config
from ._metadata import annotated, deleting, described
from ._network_config import CONFIG_ARGSPEC, siblings
from ._order import ordered
from ._uplink import UPLINK_ARGSPEC

KINDS = _network_config.KINDS
"""What the plan of a cluster network and the rules for it look at."""

CLUSTER_NETWORK_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "uplink": {"type": "dict", "options": UPLINK_ARGSPEC},
    "configs": {"type": "list", "elements": "dict", "options": CONFIG_ARGSPEC},
    # bytes
    "uplink_mtu": {"type": "int"},
}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The steps of module cluster_network, in the order in which they can be made. Raises ValidationError.

    The cluster network first, for its configurations need it; at a removal last.
    """
    name = given["name"]
    before = snapshot.get("clusternetworks", name)
    existing = siblings(snapshot, name)
    if given.get("state") == "absent":
        removals = [Step("vlanconfigs", config.raw, None) for config in existing]
        return (*removals, *step("clusternetworks", before, None))
    problems = _problems(snapshot, given, before, existing)
    if problems:
        raise ValidationError(problems)
    return (Step("clusternetworks", before, _network(given, before)), *_configs(snapshot, given, existing))


def _network(given: Mapping[str, Any], before: Optional[_objects.Object]) -> _objects.Object:
    kind = BY_KEY["clusternetworks"]
    new = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": given["name"]}}
    item = described(before if before is not None else new, given)
    if "uplink_mtu" not in given:
        return item
    wanted = _mtu.DEFAULT if given["uplink_mtu"] is None else given["uplink_mtu"]
    # 0 and absent mean 1500 to the webhook, but VM networks get what is written.
    if _explicit(item) == wanted:
        return item
    return annotated(item, _keys.UPLINK_MTU, str(wanted))


def _explicit(item: _objects.Object) -> Optional[int]:
    """The annotation's number; None when there is none."""
    try:
        text = _network_mtu.annotated(item)
        return None if text is None else _mtu.number(text)
    except _mtu.MtuError:
        return None


def _configs(snapshot: Snapshot, given: Mapping[str, Any], existing: List[NetworkConfig]) -> List[Step]:
    """The steps of the configurations: of those in ``configs``, which are all then, else of those that are there."""
    uplink = {"uplink": given["uplink"]} if given.get("uplink") else {}
    items = given.get("configs")
    if items is None:
        items = [{"name": config.name} for config in existing]
    named = {item["name"] for item in items}
    steps = [Step("vlanconfigs", config.raw, None) for config in existing if config.name not in named]
    problems: List[Problem] = []
    for item in items:
        options = {**item, "cluster_network": given["name"], **uplink}
        try:
            after = _network_config.wanted(snapshot, options)
        except ValidationError as error:
            problems += error.problems
        else:
            steps.append(Step("vlanconfigs", snapshot.get("vlanconfigs", item["name"]), after))
    if problems:
        raise ValidationError(problems)
    return ordered(snapshot, steps)


def _problems(
    snapshot: Snapshot,
    given: Mapping[str, Any],
    before: Optional[_objects.Object],
    existing: List[NetworkConfig],
) -> List[Problem]:
    where = title("clusternetworks", "", given["name"])
    found = deleting(before, where)
    for option in ("uplink", "configs"):
        if option in given and given[option] is None:
            remedy = "give state=absent, or an empty list" if option == "configs" else "leave the option out"
            found.append(Problem(where, option, "null", "it cannot be unset", remedy))
        elif option in given and given["name"] == _keys.MGMT:
            rule = "the uplink of the management network is made on the hosts"
            found.append(Problem(where, option, None, rule, "use playbook mgmt_network, and leave this out"))
    if "uplink_mtu" in given and given["name"] != _keys.MGMT:
        rule = "it follows the network configurations"
        found.append(Problem(where, "uplink_mtu", given["uplink_mtu"], rule, "give uplink.mtu"))
    if given.get("uplink") and given.get("configs") is None and not existing and given["name"] != _keys.MGMT:
        rule = "it has no network configuration that could have these options"
        found.append(Problem(where, "uplink", None, rule, "give configs as well"))
    if given["name"] == _keys.MGMT and before is None:
        found.append(Problem(where, "", None, "the cluster has none", "see that this is a cluster of Harvester"))
    return [*found, *_foreign(snapshot, given, where), *_mtu_change(given, existing, where)]


def _foreign(snapshot: Snapshot, given: Mapping[str, Any], where: str) -> List[Problem]:
    """Names given twice, and those of another cluster network's configurations, which would lose them."""
    found = []
    names = [item["name"] for item in given.get("configs") or ()]
    for name in dict.fromkeys(names):
        other = snapshot.configs.get(name)
        if names.count(name) > 1:
            found.append(Problem(where, "configs", name, "the configuration is given twice", "merge the two entries"))
        if other is not None and other.cluster_network != given["name"]:
            rule = "a network configuration of this name belongs to cluster network '%s'" % other.cluster_network
            found.append(Problem(where, "configs", name, rule, "choose another name, or remove that one first"))
    return found


def _mtu_change(given: Mapping[str, Any], existing: List[NetworkConfig], where: str) -> List[Problem]:
    """Harvester demands equal MTUs at any time, so that several configurations cannot change theirs one by one."""
    uplink = given.get("uplink") or {}
    if "mtu" not in uplink:
        return []
    items = given.get("configs")
    named = None if items is None else {item["name"] for item in items}
    staying = [config for config in existing if named is None or config.name in named]
    others = sorted({config.effective_mtu for config in staying if not _mtu.equal(config.mtu, uplink["mtu"])})
    if len(staying) < 2 or not others:
        return []
    rule = "its %d network configurations have MTU %s, and Harvester lets none differ from the others" % (
        len(staying),
        _objects.listed(others),
    )
    remedy = "change the MTU with playbook cluster_network_mtu, then run this again"
    return [Problem(where, "uplink.mtu", _mtu.effective(uplink["mtu"]), rule, remedy)]
