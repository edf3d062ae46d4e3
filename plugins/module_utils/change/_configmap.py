# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record as ConfigMaps, and back. Pure; this module util is private to the collection.

A ConfigMap holds at most 1 MiB (Kubernetes, MaxSecretSize of its validation). A record above SPLIT lies in parts. Parts
are never changed: their names carry a digest of what they hold, and the main ConfigMap lists them. So new parts are
written first, then one write to the main ConfigMap makes them count, then the old ones go; a runner that is killed in
between leaves a whole record. Labels of the main ConfigMap: who made it, the change's id and its state. Its data is
either "record.json", the record as _record documents it, or "parts.json", the names of the parts in their order.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..common._errors import Problem, ValidationError
from ._record import Record, read, written

PREFIX = "harvester-network-change-"
MANAGER_LABEL, MANAGER = "app.kubernetes.io/managed-by", "harvester.network"
CHANGE_LABEL = "harvester.network/change"
STATE_LABEL = "harvester.network/change-state"
PART_LABEL = "harvester.network/change-part"
RECORD_KEY, PARTS_KEY, PART_KEY = "record.json", "parts.json", "part"
SPLIT = 800 * 1024
"""Bytes of one ConfigMap's text, well below the limit."""


class Objects(NamedTuple):
    """A record as it is stored. main: its data names every key, with null for the one that is not used."""

    main: Dict[str, Any]
    parts: List[Dict[str, Any]]


def name(change_id: str) -> str:
    """The name of a change's ConfigMap."""
    return PREFIX + change_id


def objects(record: Record, namespace: str, split: int = SPLIT) -> Objects:
    """The ConfigMaps of a record, without kind. split: bytes of a text above which it is split."""
    # ASCII only, so that a character is a byte.
    text = json.dumps(written(record), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    labels = {MANAGER_LABEL: MANAGER, CHANGE_LABEL: record.id, STATE_LABEL: record.state}
    parts: List[Dict[str, Any]] = []
    data: Dict[str, Optional[str]] = {RECORD_KEY: text, PARTS_KEY: None}
    if len(text) > split:
        texts = [text[start : start + split] for start in range(0, len(text), split)]
        parts = [_part(record.id, place, text, namespace) for place, text in enumerate(texts)]
        data = {RECORD_KEY: None, PARTS_KEY: json.dumps([part["metadata"]["name"] for part in parts])}
    main = {"metadata": {"name": name(record.id), "namespace": namespace, "labels": labels}, "data": data}
    return Objects(main, parts)


def part_names(main: Mapping[str, Any]) -> Tuple[str, ...]:
    """The parts that a main ConfigMap lists, in their order; none when the record is not split.

    Raises ValidationError.
    """
    text = _data(main).get(PARTS_KEY)
    if text is None:
        return ()
    names = _json(text, _where(main), PARTS_KEY)
    if not isinstance(names, list) or not names or not all(isinstance(entry, str) for entry in names):
        raise ValidationError([Problem(_where(main), PARTS_KEY, text[:60], "has to be a list of names")])
    return tuple(names)


def record(main: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> Record:
    """The record of a main ConfigMap. parts: by name; others than those it lists do not count.

    Raises ValidationError and ChangeError.
    """
    where = _where(main)
    names = part_names(main)
    if names:
        text = "".join(_part_text(where, entry, parts.get(entry)) for entry in names)
    else:
        text = _data(main).get(RECORD_KEY) or ""
        if not text:
            raise ValidationError([Problem(where, RECORD_KEY, None, "is missing", _BY_HAND)])
    found = read(_json(text, where, RECORD_KEY), where)
    problems = []
    for label, value in ((CHANGE_LABEL, found.id), (STATE_LABEL, found.state)):
        shown = (main["metadata"].get("labels") or {}).get(label)
        if shown != value:
            rule = "label %s=%s does not go with the record's '%s'" % (label, shown, value)
            problems.append(Problem(where, "", None, rule, _BY_HAND))
    if main["metadata"]["name"] != name(found.id):
        problems.append(Problem(where, "id", found.id, "is the id of another change", _BY_HAND))
    if problems:
        raise ValidationError(problems)
    return found


_BY_HAND = "it was changed by hand; put it back from a backup, or delete it once the cluster is as it has to be"


def _part(change_id: str, place: int, text: str, namespace: str) -> Dict[str, Any]:
    labels = {MANAGER_LABEL: MANAGER, PART_LABEL: change_id}
    full = "%s-%d-%s" % (name(change_id), place, _digest(text))
    return {"metadata": {"name": full, "namespace": namespace, "labels": labels}, "data": {PART_KEY: text}}


def _part_text(where: str, entry: str, part: Optional[Mapping[str, Any]]) -> str:
    if part is None:
        raise ValidationError([Problem(where, PARTS_KEY, entry, "this part is missing", _BY_HAND)])
    text = str(_data(part).get(PART_KEY) or "")
    if not entry.endswith("-" + _digest(text)):
        raise ValidationError(
            [Problem(where, PARTS_KEY, entry, "this part does not hold what its name says", _BY_HAND)]
        )
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()[:16]


def _data(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return item.get("data") or {}


def _where(main: Mapping[str, Any]) -> str:
    return "ConfigMap '%s/%s'" % (main["metadata"].get("namespace", ""), main["metadata"]["name"])


def _json(text: str, where: str, key: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValidationError([Problem(where, key, None, "is no JSON: %s" % error, _BY_HAND)]) from error
