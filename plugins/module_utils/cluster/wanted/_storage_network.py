# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the storage network and the settings they mean. This module util is private to the collection.

Values of network settings are JSON texts. They are compared by meaning and written only when the meaning changes, since
Harvester takes another text for another network. What is put back is the text that was recorded, unchanged.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...common._errors import Problem, ValidationError
from .. import _objects, _storage
from .._kinds import title
from .._plan import Step
from .._snapshot import Snapshot
from .._storage import MIGRATION, RWX, STORAGE, NetworkValue, text_of
from .._versions import has
from ..storage import _wait

KINDS = (
    *_wait.KINDS,
    "clusternetworks",
    "vlanconfigs",
    "vlanstatuses",
    "hostnetworkconfigs",
    "nads",
    "upgrades",
    "vms",
    "vmis",
    "migrations",
    "volumes",
    "longhorn_nodes",
    "ippools",
    "images",
    "crds",
)
"""What the plan of the storage network and the rules for it look at."""

DISABLED, ENABLED, RECORDED = "disabled", "enabled", "recorded"
RELEASED = {RWX: '{"share-storage-network":false}', MIGRATION: "", STORAGE: ""}
"""The values by which settings let go of their network."""
VALUE_OPTIONS = ("cluster_network", "vlan_id", "range", "exclude", "exclusive_vlan")

STORAGE_NETWORK_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "state": {"type": "str", "choices": [DISABLED, ENABLED, RECORDED], "required": True},
    "cluster_network": {"type": "str"},
    "vlan_id": {"type": "int"},
    "range": {"type": "str"},
    "exclude": {"type": "list", "elements": "str"},
    "exclusive_vlan": {"type": "bool"},
    "settings": {"type": "list", "elements": "str", "choices": list(_storage.SETTINGS)},
    "recorded": {
        "type": "list",
        "elements": "dict",
        "options": {"setting": {"type": "str", "required": True}, "value": {"type": "str", "required": True}},
    },
    "before_vms_stop": {"type": "bool", "default": False},
    "permanent": {"type": "bool", "default": False},
    "allow_v2_volumes": {"type": "bool", "default": False},
    "allow_in_progress": {"type": "bool", "default": False},
    "gone_nodes": {"type": "list", "elements": "str"},
    # seconds
    "wait_timeout": {"type": "int", "default": 1200},
}


class Recorded(NamedTuple):
    """The value of a setting before it was released, unchanged to the byte."""

    setting: str
    value: str


class StoragePlan(NamedTuple):
    """steps: each is waited for before the next. recorded: what a later call puts back, in the order of the release;
    with what an earlier call had recorded already."""

    steps: Tuple[Step, ...]
    recorded: Tuple[Recorded, ...]


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> StoragePlan:
    """The steps of module storage_network. given: of STORAGE_NETWORK_ARGSPEC, only what the user gave. Raises
    ValidationError."""
    problems = _problems(snapshot, given)
    if problems:
        raise ValidationError(problems)
    earlier = tuple(Recorded(entry["setting"], entry["value"]) for entry in given.get("recorded") or ())
    if given["state"] == DISABLED:
        return _disabled(snapshot, earlier, _to_release(snapshot, given.get("settings")))
    if given["state"] == RECORDED:
        return StoragePlan(restored(snapshot, earlier), earlier)
    before = _setting(snapshot, STORAGE)
    text = wanted_text(snapshot, given)
    found = (Recorded(STORAGE, str(before.get("value") or "")),) if text_of(before) else ()
    return StoragePlan((_step(snapshot, STORAGE, text),), found)


def restored(snapshot: Snapshot, recorded: Sequence[Recorded]) -> Tuple[Step, ...]:
    """The steps that put recorded values back, in reverse order."""
    return tuple(_step(snapshot, entry.setting, entry.value) for entry in reversed(recorded))


def sharing(snapshot: Snapshot) -> Tuple[str, ...]:
    """The settings that have to let go before the storage network can, or before its cluster network can change.

    rwx-network when it shares the storage network; from 1.9 on every setting with a network of its own on the same
    cluster network, which then blocks a change of it (NC pkg/utils/nad.go).
    """
    storage = _storage.network_of(snapshot, STORAGE)
    if storage is None:
        return ()
    found = [RWX] if _storage.shares_storage(snapshot) else []
    if has(snapshot.version, "system_networks"):
        for name in (RWX, MIGRATION):
            value = _storage.network_of(snapshot, name)
            if value is not None and value.cluster_network == storage.cluster_network:
                found.append(name)
    return tuple(found)


def wanted_text(snapshot: Snapshot, given: Mapping[str, Any]) -> str:
    """The value that the options mean: what is not given stays as it is."""
    current = _storage.network_of(snapshot, STORAGE) or NetworkValue("", 0, "", ())
    value = NetworkValue(
        _or(given.get("cluster_network"), current.cluster_network),
        _or(given.get("vlan_id"), current.vlan),
        _or(given.get("range"), current.range),
        tuple(given["exclude"] or ()) if "exclude" in given else current.exclude,
        bool(given["exclusive_vlan"]) if "exclusive_vlan" in given else current.exclusive_vlan,
    )
    return text_for(value)


def text_for(value: NetworkValue) -> str:
    """A value as Harvester's UI writes it."""
    fields: Dict[str, Any] = {
        "vlan": value.vlan,
        "clusterNetwork": value.cluster_network,
        "range": value.range,
        "exclude": list(value.exclude),
    }
    if value.exclusive_vlan:
        fields["exclusiveVlan"] = True
    return json.dumps(fields, separators=(",", ":"))


def _or(value: Any, current: Any) -> Any:
    return current if value is None else value


def _to_release(snapshot: Snapshot, settings: Optional[Sequence[str]]) -> Tuple[str, ...]:
    """The settings that are to let go, the storage network last: what shares it has to go before it."""
    if settings is None:
        return (*sharing(snapshot), STORAGE)
    names = [*settings, *(sharing(snapshot) if STORAGE in settings else ())]
    return tuple(sorted(dict.fromkeys(names), key=_last))


def _disabled(snapshot: Snapshot, earlier: Tuple[Recorded, ...], names: Sequence[str]) -> StoragePlan:
    known = [entry.setting for entry in earlier]
    found = [
        Recorded(name, str(_setting(snapshot, name).get("value") or ""))
        for name in names
        if name not in known and not _same(name, _setting(snapshot, name), RELEASED[name])
    ]
    # What an interrupted call has released is waited for again.
    recorded = sorted((*earlier, *found), key=lambda entry: _last(entry.setting))
    order = sorted(dict.fromkeys([*(entry.setting for entry in recorded), *names]), key=_last)
    return StoragePlan(tuple(_step(snapshot, name, RELEASED[name]) for name in order), tuple(recorded))


def _last(name: str) -> bool:
    return name == STORAGE


def _setting(snapshot: Snapshot, name: str) -> _objects.Object:
    return snapshot.get("settings", name) or {}


def _step(snapshot: Snapshot, name: str, text: str) -> Step:
    """A value is written unless it means what is there."""
    before = _setting(snapshot, name)
    return Step("settings", before, before if _same(name, before, text) else {**before, "value": text})


def _same(name: str, before: _objects.Object, text: str) -> bool:
    try:
        return _storage.same(name, text_of(before), text or str(before.get("default") or ""))
    except _storage.SettingError:
        return text_of(before) == text


def _problems(snapshot: Snapshot, given: Mapping[str, Any]) -> List[Problem]:
    where = title("settings", "", STORAGE)
    if snapshot.get("settings", STORAGE) is None:
        return [Problem(where, "", None, "the cluster has no such setting", "see whether this is a Harvester cluster")]
    state = given["state"]
    found = []
    for option in VALUE_OPTIONS:
        if option in given and state != ENABLED:
            rule = "it does not go with state=%s" % state
            found.append(Problem(where, option, _shown(given[option]), rule, "leave it out, or give state=enabled"))
        elif option in given and given[option] is None and option not in ("exclude", "exclusive_vlan"):
            found.append(Problem(where, option, "null", "it cannot be unset", "give a value, or leave the option out"))
    if state == ENABLED and _storage.network_of(snapshot, STORAGE) is None:
        for option in ("cluster_network", "vlan_id", "range"):
            if option not in given:
                rule = "the storage network is off, and enabling it needs this option"
                found.append(Problem(where, option, None, rule, "give it"))
    if given.get("settings") is not None and state != DISABLED:
        rule, remedy = "it does not go with state=%s" % state, "leave it out, or give state=disabled"
        found.append(Problem(where, "settings", _shown(given["settings"]), rule, remedy))
    for name in given.get("settings") or ():
        if snapshot.get("settings", name) is None:
            found.append(Problem(where, "settings", name, "the cluster has no such setting", "leave it out"))
    if given.get("exclusive_vlan") and not has(snapshot.version, "exclusive_vlan"):
        rule = "Harvester %s does not have it" % snapshot.version
        found.append(Problem(where, "exclusive_vlan", "true", rule, "leave it out"))
    return found + _of_record(snapshot, given, where)


def _of_record(snapshot: Snapshot, given: Mapping[str, Any], where: str) -> List[Problem]:
    state, recorded = given["state"], given.get("recorded")
    if state == RECORDED and recorded is None:
        remedy = "give what a call with state=disabled returned as recorded"
        return [Problem(where, "recorded", None, "state=recorded needs this option", remedy)]
    if state == ENABLED and recorded is not None:
        rule = "it does not go with state=enabled"
        return [Problem(where, "recorded", None, rule, "give state=recorded to put it back")]
    found = []
    seen = set()
    for entry in recorded or ():
        name = entry["setting"]
        if name not in _storage.SETTINGS:
            remedy = "known are %s" % _objects.listed(_storage.SETTINGS)
            found.append(Problem(where, "recorded.setting", name, "it is no network setting", remedy))
            continue
        if name in seen:
            found.append(Problem(where, "recorded.setting", name, "it is there twice", "keep the first"))
        seen.add(name)
        if snapshot.get("settings", name) is None:
            remedy = "see whether Harvester's version has changed since it was recorded"
            found.append(Problem(where, "recorded.setting", name, "the cluster has no such setting", remedy))
        try:
            _storage.parsed(name, entry["value"])
        except _storage.SettingError as error:
            found.append(Problem(where, "recorded.value", _shown(entry["value"]), str(error), "give it unchanged"))
    return found


def _shown(value: Any) -> Optional[str]:
    return "null" if value is None else ",".join(map(str, value)) if isinstance(value, list) else str(value)
