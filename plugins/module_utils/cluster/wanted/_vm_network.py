# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a VM network and the NetworkAttachmentDefinition they mean. This module util is private to the collection.

Its CNI configuration is a JSON text: compared by meaning, and written only when the meaning changes. ``mtu`` in it is
Harvester's to write.
"""

from __future__ import annotations

import json
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple

from ...common import _vlans
from ...common._errors import Problem, ValidationError
from .. import _keys, _nad, _objects
from .._kinds import BY_KEY, title
from .._nad import Nad
from .._plan import Step, step
from .._snapshot import Snapshot
from ._metadata import annotated, deleting, described

KINDS = (
    "nodes",
    "clusternetworks",
    "vlanconfigs",
    "hostnetworkconfigs",
    "nads",
    "settings",
    "upgrades",
    "vms",
    "vmis",
)
"""What the plan of a VM network and the rules for it look at."""

VLAN, UNTAGGED, TRUNK = "vlan", "untagged", "trunk"
TYPES = {VLAN: _nad.VLAN, UNTAGGED: _nad.UNTAGGED, TRUNK: _nad.TRUNK}
"""Value of option ``type`` -> Harvester's word for it."""
OPTION_OF = {VLAN: "vlan_id", TRUNK: "vlan_ids"}
"""Type -> the option that it needs."""

ROUTE_KEYS = {"mode": "mode", "cidr": "cidr", "gateway": "gateway", "dhcp_server": "serverIPAddr"}
"""Option below ``route`` -> key of the annotation's JSON."""
VERDICTS = ("connectivity", "outdated")
"""Keys of the annotation that tell what became of the route before."""

VM_NETWORK_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "namespace": {"type": "str", "default": "default"},
    "name": {"type": "str", "required": True},
    "cluster_network": {"type": "str"},
    "type": {"type": "str", "choices": list(TYPES)},
    "vlan_id": {"type": "int"},
    "vlan_ids": {"type": "list", "elements": "str"},
    "description": {"type": "str"},
    "route": {
        "type": "dict",
        "options": {
            "mode": {"type": "str", "choices": ["auto", "manual"]},
            "cidr": {"type": "str"},
            "gateway": {"type": "str"},
            "dhcp_server": {"type": "str"},
        },
    },
}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The step of module vm_network. Raises ValidationError."""
    before = snapshot.get("nads", given["name"], _namespace(given))
    return step("nads", before, None if given.get("state") == "absent" else wanted(snapshot, given))


def wanted(snapshot: Snapshot, given: Mapping[str, Any]) -> _objects.Object:
    """The object of a VM network as the options want it. Raises ValidationError.

    given: of VM_NETWORK_ARGSPEC, only what the user gave.
    """
    namespace, name = _namespace(given), given["name"]
    where = title("nads", namespace, name)
    before = snapshot.get("nads", name, namespace)
    nad = Nad.read(before) if before is not None else None
    vlans, problems = _vlans_of(given, nad, where)
    problems = [*deleting(before, where), *_problems(given, nad, where), *problems]
    if problems:
        raise ValidationError(problems)
    item = before if before is not None else _empty(namespace, name)
    item = _with_config(item, given, vlans)
    return described(_with_route(item, given), given)


def _namespace(given: Mapping[str, Any]) -> str:
    return str(given.get("namespace") or VM_NETWORK_ARGSPEC["namespace"]["default"])


def _empty(namespace: str, name: str) -> _objects.Object:
    kind = BY_KEY["nads"]
    config = {"cniVersion": "0.3.1", "name": name, "type": _nad.BRIDGE, "promiscMode": True, "vlan": 0, "ipam": {}}
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"config": json.dumps(config, separators=(",", ":"))},
    }


def _problems(given: Mapping[str, Any], nad: Optional[Nad], where: str) -> List[Problem]:
    found = []
    if nad is not None and nad.config is None:
        rule = "its spec.config is no JSON object, so that nothing in it can be kept"
        found.append(Problem(where, "", None, rule, "correct or delete the object"))
    elif nad is not None and nad.type != _nad.BRIDGE:
        rule = "its type is %s, and this module manages networks of type bridge" % (nad.type or "missing")
        found.append(Problem(where, "", None, rule, "choose another name"))
    if nad is None and "cluster_network" not in given:
        found.append(Problem(where, "cluster_network", None, "it is new and needs this option", "give it"))
    for option in ("cluster_network", "vlan_id", "vlan_ids"):
        if option in given and given[option] is None:
            found.append(Problem(where, option, "null", "it cannot be unset", "give a value, or leave the option out"))
    route = given.get("route")
    if route is not None and route.get("mode") is None and not _route(nad.raw if nad else {}).get("mode"):
        found.append(Problem(where, "route.mode", None, "a new route needs a mode", "give auto or manual"))
    return found


def _vlans_of(
    given: Mapping[str, Any], nad: Optional[Nad], where: str
) -> Tuple[Optional[Tuple[int, FrozenSet[int]]], List[Problem]]:
    """(VLAN id, ids of a trunk) as they are to be; None when no option speaks of them. And what is wrong with them."""
    named = [word for word, option in OPTION_OF.items() if given.get(option) is not None]
    if len(named) > 1:
        rule = "vlan_id and vlan_ids exclude one another"
        return None, [Problem(where, "", None, rule, "give vlan_id for one VLAN, vlan_ids for a trunk")]
    kind = given.get("type") or (named[0] if named else None)
    if kind is None:
        if nad is not None:
            return None, []
        rule = "it is new and needs a type"
        return None, [Problem(where, "type", None, rule, "give vlan_id, or vlan_ids for a trunk, or type=untagged")]
    if named and named[0] != kind:
        option = OPTION_OF[named[0]]
        remedy = "leave %s out, or give type=%s" % (option, named[0])
        return None, [Problem(where, option, _shown(given[option]), "it does not go with type=%s" % kind, remedy)]
    if kind != UNTAGGED and not named:
        if nad is not None and nad.network_type == TYPES[kind]:
            return None, []
        return None, [Problem(where, OPTION_OF[kind], None, "type=%s needs this option" % kind, "give it")]
    if kind == TRUNK:
        return _trunk(given["vlan_ids"], where)
    vid = given["vlan_id"] if kind == VLAN else 0
    if kind == VLAN and not _vlans.FIRST <= vid <= _vlans.LAST:
        rule = "a VLAN id is within %d..%d" % (_vlans.FIRST, _vlans.LAST)
        return None, [Problem(where, "vlan_id", vid, rule, "give type=untagged for frames without a tag")]
    return (vid, frozenset()), []


def _trunk(words: List[str], where: str) -> Tuple[Optional[Tuple[int, FrozenSet[int]]], List[Problem]]:
    try:
        found = _vlans.VlanList.parse(words)
    except _vlans.VlanError as error:
        return None, [Problem(where, "vlan_ids", _shown(words), str(error))]
    if not found:
        return None, [Problem(where, "vlan_ids", "[]", "a trunk needs VLAN ids", "give ids and ranges")]
    if found.untagged() or found.pvid is not None:
        rule = "a trunk has no words such as pvid and untagged"
        return None, [Problem(where, "vlan_ids", _shown(words), rule, "give ids and ranges only")]
    return (0, found.ids()), []


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _with_config(
    item: _objects.Object, given: Mapping[str, Any], vlans: Optional[Tuple[int, FrozenSet[int]]]
) -> _objects.Object:
    """With the bridge and the VLANs; the text stays as it is written when it means the same."""
    nad = Nad.read(item)
    changes: Dict[str, Any] = {}
    if "cluster_network" in given:
        bridge = given["cluster_network"] + _nad.BRIDGE_SUFFIX
        if nad.bridge != bridge:
            changes["bridge"] = bridge
            # The webhooks find VM networks by it, and a new one's MTU.
            item = _objects.with_labels(item, {_keys.CLUSTER_NETWORK: given["cluster_network"]})
    if vlans is not None and vlans != (nad.vlan, nad.trunk):
        vid, trunk = vlans
        changes["vlan"] = vid
        if trunk or nad.has_trunk:
            changes["vlanTrunk"] = _entries(trunk)
    return _nad.with_config(item, changes) if changes else item


def _entries(ids: FrozenSet[int]) -> List[Dict[str, int]]:
    """Ids as the CNI plugin bridge reads ``vlanTrunk``: single ids and ranges."""
    entries = _vlans.VlanList().with_ids(ids).entries
    return [
        {"id": entry.first} if entry.first == entry.last else {"minID": entry.first, "maxID": entry.last}
        for entry in entries
    ]


def _route(item: _objects.Object) -> Dict[str, Any]:
    try:
        found = json.loads(_objects.annotations_of(item).get(_keys.ROUTE) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _with_route(item: _objects.Object, given: Mapping[str, Any]) -> _objects.Object:
    """With the annotation that tells the network's gateway; null takes it away.

    Another mode empties what is not given: in mode auto Harvester finds the values itself. What it said of the old
    route goes with it.
    """
    if "route" not in given:
        return item
    if given["route"] is None:
        return annotated(item, _keys.ROUTE, None)
    before = _route(item)
    after = dict(before)
    for option, key in ROUTE_KEYS.items():
        if option in given["route"]:
            after[key] = given["route"][option] or ""
        elif after.get("mode") != before.get("mode"):
            after[key] = ""
    if all((after.get(key) or "") == (before.get(key) or "") for key in ROUTE_KEYS.values()):
        return item
    after = {key: value for key, value in after.items() if key not in VERDICTS}
    return annotated(item, _keys.ROUTE, json.dumps(after, separators=(",", ":")))
