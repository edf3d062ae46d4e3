# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record: what is read back, what is refused, and how it lies in ConfigMaps."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest
from change_samples import BEGUN, ID, NOW, STAMP, UNDER_WAY
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap, _record, _time
from ansible_collections.harvester.network.plugins.module_utils.change._record import (
    PHASE_STATES,
    ChangeError,
    Phase,
    Record,
    check,
    new_id,
    read,
    written,
)
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

WHERE = "ConfigMap 'ns/x'"


def stored(record: Record, split: int = _configmap.SPLIT) -> tuple[dict[str, Any], dict[str, Any]]:
    """The main ConfigMap and the parts by name, as the API gives them back: without nulls."""
    main, parts = _configmap.objects(record, "ns", split)
    kept = {key: value for key, value in main["data"].items() if value is not None}
    return {**main, "data": kept}, {part["metadata"]["name"]: part for part in parts}


words = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
names = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)


@st.composite
def records(draw: st.DrawFn) -> Record:
    phases = []
    for name in draw(st.lists(names, unique=True, max_size=4)):
        state = draw(st.sampled_from(PHASE_STATES))
        started = "" if state == "planned" else STAMP
        ended = STAMP if state in ("done", "undone") else ""
        bound = draw(st.integers(1, 10**6))
        took, waited = draw(st.floats(0, 10**6)), draw(st.floats(0, 10**6))
        phases.append(
            Phase(name, "ns.col.role", bound, draw(values), draw(values), state, started, ended, took, waited)
        )
    state = draw(st.sampled_from(_record.STATES))
    texts = st.dictionaries(words, words, max_size=3)
    return Record(
        id=ID,
        runbook=draw(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)),
        opened=STAMP,
        inputs=draw(st.dictionaries(words, values, max_size=3)),
        nodes=draw(texts),
        phases=tuple(phases),
        notes=draw(texts),
        state=state,
        direction=draw(st.sampled_from(("forward", "back"))),
        closed="" if state == "open" else STAMP,
    )


@given(records(), st.integers(20, 400))
def test_what_is_written_is_read_back_split_or_not(record: Record, split: int) -> None:
    for size in (split, _configmap.SPLIT):
        main, parts = stored(record, size)
        assert _configmap.record(main, parts) == record
        assert all(len(part["data"]["part"]) <= size for part in parts.values())
        assert bool(parts) == (len(json.dumps(written(record), separators=(",", ":"))) > size)


@given(records())
def test_the_same_record_gives_the_same_objects(record: Record) -> None:
    again = read(json.loads(json.dumps(written(record))), WHERE)
    assert _configmap.objects(again, "ns") == _configmap.objects(record, "ns")


def test_the_schema_in_the_documentation_is_the_one_that_is_read() -> None:
    lines = (_record.__doc__ or "").splitlines()
    documented = {
        indent: [line.split()[0] for line in lines if len(line) - len(line.lstrip()) == indent and line.strip()]
        for indent in (2, 4)
    }
    assert sorted(documented[2]) == sorted(["schema", *_record.RECORD_FIELDS])
    assert sorted(documented[4]) == sorted(_record.PHASE_FIELDS)
    assert {field.name for field in dataclasses.fields(Record)} == set(_record.RECORD_FIELDS)
    assert {field.name for field in dataclasses.fields(Phase)} == set(_record.PHASE_FIELDS)


def test_ids_are_names_of_objects() -> None:
    assert new_id("mgmt_mtu", NOW) == ID
    assert _configmap.name(ID) == "harvester-network-change-20261125t231351z-mgmt-mtu"


def changed(**values: Any) -> dict[str, Any]:
    return {**written(UNDER_WAY), **values}


def phase(**values: Any) -> dict[str, Any]:
    data = copy.deepcopy(written(UNDER_WAY))
    data["phases"][0].update(values)
    return data


def without(name: str) -> dict[str, Any]:
    data = written(UNDER_WAY)
    del data[name]
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "record=[]: has to be a JSON object"),
        (changed(schema=0), "schema=0: has to be 1"),
        (changed(schema=True), "schema=True: has to be 1"),
        (changed(id="x"), "id=x: has to be '<UTC time>-<runbook>' in lower case"),
        (
            changed(runbook="Mgmt"),
            "runbook=Mgmt: has to be the name of a playbook: lower case letters, digits, '_'",
        ),
        (changed(state="finished"), "state=finished: has to be one of open, done, rolled-back"),
        (changed(direction=None), "direction=null: has to be one of forward, back"),
        (changed(opened="yesterday"), "opened=yesterday: has to be a time in UTC like 2026-11-25T23:13:51Z"),
        (changed(closed="now"), "closed=now: has to be a time in UTC like 2026-11-25T23:13:51Z, or empty"),
        (changed(closed=STAMP), "closed=2026-11-25T23:20:00Z: does not go with state=open"),
        (changed(state="done"), "closed='': does not go with state=done"),
        (changed(inputs=[]), "inputs=[]: has to be a mapping"),
        (changed(nodes={"node1": 7}), "nodes={'node1': 7}: has to be a mapping of texts to texts"),
        (changed(phases={}), "phases={}: has to be a list"),
        (changed(extra=1), "extra: is no field of schema 1"),
        (without("inputs"), "inputs: is missing"),
        (phase(id="A b"), "phases[0].id=A b: has to be lower case letters, digits, '-' and '_'"),
        (phase(id="hosts"), "phases[1].id=hosts: is used twice"),
        (phase(role="x/y"), "phases[0].role=x/y: has to be the name of a role, as harvester.network.vms"),
        (phase(bound=0), "phases[0].bound=0: has to be a number of seconds above 0"),
        (phase(bound="60"), "phases[0].bound=60: has to be a number of seconds above 0"),
        (phase(state="open"), "phases[0].state=open: has to be one of planned, started, done, undone"),
        (phase(started=""), "phases[0].started='': does not go with state=done"),
        (phase(state="started"), "phases[0].ended=2026-11-25T23:20:00Z: does not go with state=started"),
        (phase(took=-1), "phases[0].took=-1: has to be a number of seconds, 0 or above"),
        (phase(waited=True), "phases[0].waited=True: has to be a number of seconds, 0 or above"),
        (changed(notes="x" * 70), "notes=%s...: has to be a mapping of texts to texts" % ("x" * 57)),
    ],
)
def test_a_record_that_is_not_one_is_refused(data: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(data, WHERE)
    assert str(caught.value) == "%s: %s" % (WHERE, message)


def test_every_problem_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        read(changed(id=1, state=2), WHERE)
    assert [problem.option for problem in caught.value.problems] == ["id", "state"]


def test_a_record_of_a_later_version_is_left_alone() -> None:
    with pytest.raises(ChangeError) as caught:
        read({"schema": 2, "anything": 1}, WHERE)
    assert str(caught.value) == (
        "ConfigMap 'ns/x': schema=2: this version of the collection knows schema 1; go on with the version that made"
        " the record"
    )


def test_what_cannot_be_read_back_is_not_written() -> None:
    with pytest.raises(ValidationError, match="bound=-1"):
        check(dataclasses.replace(BEGUN, phases=(Phase("a", "r", -1),)), WHERE)


def test_labels_tell_manager_change_and_state() -> None:
    main, _parts = stored(UNDER_WAY)
    assert main["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "harvester.network",
        "harvester.network/change": ID,
        "harvester.network/change-state": "open",
    }


BY_HAND = "; it was changed by hand; put it back from a backup, or delete it once the cluster is as it has to be"
MAIN = "ConfigMap 'ns/harvester-network-change-%s'" % ID


def broken(split: int = _configmap.SPLIT, **data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    main, parts = stored(UNDER_WAY, split)
    kept = {key: value for key, value in {**main["data"], **data}.items() if value is not None}
    return {**main, "data": kept}, parts


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"record.json": None}, "record.json: is missing" + BY_HAND),
        ({"record.json": "{"}, None),
        ({"parts.json": "{}"}, "parts.json={}: has to be a list of names"),
        ({"parts.json": '["gone"]'}, "parts.json=gone: this part is missing" + BY_HAND),
    ],
)
def test_a_config_map_that_is_no_record_is_refused(data: dict[str, Any], message: str | None) -> None:
    main, parts = broken(**data)
    with pytest.raises(ValidationError) as caught:
        _configmap.record(main, parts)
    text = str(caught.value)
    if message is None:
        assert text.startswith("%s: record.json: is no JSON: Expecting" % MAIN) and text.endswith(BY_HAND)
    else:
        assert text == "%s: %s" % (MAIN, message)


def test_a_part_that_was_changed_is_refused() -> None:
    main, parts = stored(UNDER_WAY, 300)
    name = sorted(parts)[0]
    parts[name] = {**parts[name], "data": {"part": "x" + parts[name]["data"]["part"][1:]}}
    with pytest.raises(ValidationError) as caught:
        _configmap.record(main, parts)
    assert str(caught.value) == "%s: parts.json=%s: this part does not hold what its name says%s" % (
        MAIN,
        name,
        BY_HAND,
    )


def test_labels_that_do_not_go_with_the_record_are_refused() -> None:
    main, parts = stored(UNDER_WAY)
    labels = {**main["metadata"]["labels"], "harvester.network/change-state": "done"}
    with pytest.raises(ValidationError) as caught:
        _configmap.record({**main, "metadata": {**main["metadata"], "labels": labels}}, parts)
    assert str(caught.value) == (
        "%s: label harvester.network/change-state=done does not go with the record's 'open'%s" % (MAIN, BY_HAND)
    )


def test_a_record_above_800_kib_is_split_at_its_default() -> None:
    large = dataclasses.replace(BEGUN, inputs={"x": "é" * 400_000})
    main, parts = stored(large)
    assert set(main["data"]) == {"parts.json"}
    assert [len(part["data"]["part"]) <= 800 * 1024 for part in parts.values()] == [True] * 3
    assert _configmap.record(main, parts) == large


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25T23:13:51Z", "2026-11-25T23:13:51Z"),
        ("2026-11-26T00:13:51+01:00", "2026-11-25T23:13:51Z"),
        ("2026-11-25T23:13:51.123456Z", "2026-11-25T23:13:51Z"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert _time.stamp(_time.parsed(text)) == expected


@pytest.mark.parametrize("text", ["", "soon", "2026-11-25T23:13:51"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        _time.parsed(text)
