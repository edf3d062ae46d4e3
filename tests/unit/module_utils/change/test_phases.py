# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way through the phases: forward, again after an interruption, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from change_samples import BEGUN, ID, NOW, STAMP, UNDER_WAY, later

from ansible_collections.harvester.network.plugins.module_utils.change import _copy, _phases, _texts
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Record, check, read


def through(record: Record) -> Record:
    for phase in record.phases:
        record = _phases.started(record, phase.id, {"was": phase.id}, NOW)
        record = _phases.done(record, phase.id, later(10))
    return record


ALL_DONE = through(BEGUN)
CLOSED = _phases.closed(ALL_DONE, later(20))
BACK = _phases.turned_back(UNDER_WAY)


def states(record: Record) -> list[str]:
    return [phase.state for phase in record.phases]


def test_forward() -> None:
    first = _phases.started(BEGUN, "vms-stop", {"a": 1}, NOW)
    phase = first.phases[0]
    assert (phase.state, phase.before, phase.started) == ("started", {"a": 1}, "2026-11-25T23:13:51Z")
    assert states(_phases.done(first, "vms-stop", later(1))) == ["done", "planned", "planned"]
    assert states(ALL_DONE) == ["done"] * 3
    assert (CLOSED.state, CLOSED.closed) == ("done", "2026-11-25T23:14:11Z")
    check(CLOSED, "it")


def test_a_started_phase_keeps_its_first_before_image() -> None:
    assert _phases.started(UNDER_WAY, "hosts", {"node1": 9000}, later(99)) is UNDER_WAY


def test_a_started_phase_takes_what_has_come_since() -> None:
    record = _phases.started(UNDER_WAY, "hosts", {"node1": 1500, "node2": 1500}, later(99), extend=True)
    assert record == UNDER_WAY.with_phase(
        dataclasses.replace(UNDER_WAY.phases[1], before={"node1": 1500, "node2": 1500})
    )
    with pytest.raises(ChangeError) as caught:
        _phases.started(UNDER_WAY, "vms-stop", {}, NOW, extend=True)
    assert str(caught.value) == "change '%s': phase 'vms-stop' is done; only its proof is repeated" % ID


def test_notes_are_added() -> None:
    record = _phases.noted(_phases.noted(UNDER_WAY, {"etcd_snapshot": "a", "other": "b"}), {"etcd_snapshot": "c"})
    assert record.notes == {"etcd_snapshot": "c", "other": "b"}
    check(record, "it")
    with pytest.raises(ChangeError, match="is closed"):
        _phases.noted(CLOSED, {"etcd_snapshot": "a"})


def test_the_copy_on_the_runner_lasts_as_long_as_the_change(tmp_path: Path) -> None:
    folder = tmp_path / "deep/copies"
    assert _copy.keep(str(folder), UNDER_WAY) == ""
    (path,) = folder.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (f"{ID}.json", 0o600)
    assert read(json.loads(path.read_text()), "it") == UNDER_WAY
    assert _copy.keep(str(folder), CLOSED) == ""
    assert list(folder.iterdir()) == []
    (tmp_path / "file").touch()
    why = _copy.keep(str(tmp_path / "file"), UNDER_WAY)
    assert why.startswith("no copy of the record on this host: ")


def test_back() -> None:
    record = BACK
    assert [phase.id for phase in _phases.rollback_order(record)] == ["hosts", "vms-stop"]
    for phase in _phases.rollback_order(record):
        record = _phases.undone(record, phase.id, later(1))
    assert states(record) == ["undone", "undone", "planned"]
    closed = _phases.closed(record, later(2))
    assert closed.state == "rolled-back"
    check(closed, "it")


@pytest.mark.parametrize(
    "again",
    [
        lambda: (_phases.done(UNDER_WAY, "vms-stop", NOW), UNDER_WAY),
        lambda: (_phases.turned_back(BACK), BACK),
        lambda: (
            _phases.undone(_phases.undone(BACK, "hosts", NOW), "hosts", later(9)),
            _phases.undone(BACK, "hosts", NOW),
        ),
        lambda: (_phases.closed(CLOSED, later(99)), CLOSED),
    ],
)
def test_what_has_happened_already_changes_nothing(again: Callable[[], tuple[Record, Record]]) -> None:
    one, other = again()
    assert one == other


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            lambda: _phases.started(BEGUN, "hosts", None, NOW),
            "phase 'hosts' cannot begin before 'vms-stop' is done (it is planned)",
        ),
        (
            lambda: _phases.started(UNDER_WAY, "vms-start", None, NOW),
            "phase 'vms-start' cannot begin before 'hosts' is done (it is started)",
        ),
        (
            lambda: _phases.started(UNDER_WAY, "vms-stop", None, NOW),
            "phase 'vms-stop' is done; only its proof is repeated",
        ),
        (lambda: _phases.done(UNDER_WAY, "vms-start", NOW), "phase 'vms-start' has not started, so it cannot be done"),
        (lambda: _phases.undone(UNDER_WAY, "hosts", NOW), "its rollback has not begun; phase 'hosts' stays"),
        (lambda: _phases.undone(BACK, "vms-start", NOW), "phase 'vms-start' has not started; there is nothing to undo"),
        (lambda: _phases.undone(BACK, "vms-stop", NOW), "phase 'hosts' has to be undone before 'vms-stop'"),
    ],
)
def test_what_cannot_happen_now(event: Callable[[], Any], message: str) -> None:
    with pytest.raises(ChangeError) as caught:
        event()
    assert str(caught.value) == "change '%s': %s" % (ID, message)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            lambda: _phases.started(BEGUN, "x", None, NOW),
            "change '%s' has no phase 'x'; its phases: vms-stop, hosts, vms-start" % ID,
        ),
        (
            lambda: _phases.started(BACK, "hosts", None, NOW),
            "change '%s' is being rolled back, which has to come to its end first; run playbook rollback" % ID,
        ),
        (
            lambda: _phases.done(CLOSED, "hosts", NOW),
            "change '%s' is closed (done since 2026-11-25T23:14:11Z)" % ID,
        ),
        (
            lambda: _phases.turned_back(CLOSED),
            "change '%s' is closed (done since 2026-11-25T23:14:11Z)" % ID,
        ),
        (
            lambda: _phases.closed(UNDER_WAY, NOW),
            "change '%s' cannot be closed as done; still to come: hosts, vms-start" % ID,
        ),
        (
            lambda: _phases.closed(BACK, NOW),
            "change '%s' cannot be closed as rolled-back; still to come: hosts, vms-stop" % ID,
        ),
    ],
)
def test_what_cannot_happen_at_all(event: Callable[[], Any], message: str) -> None:
    with pytest.raises(ChangeError) as caught:
        event()
    assert str(caught.value) == message


def test_what_is_printed_when_a_run_stops() -> None:
    assert _texts.failure(UNDER_WAY, "node2 does not answer", "ns").splitlines() == [
        "change '%s' has stopped: node2 does not answer" % ID,
        "done: vms-stop",
        "begun: hosts",
        "not begun: vms-start",
        "record: ConfigMap 'ns/harvester-network-change-%s'" % ID,
        "go on: ansible-playbook harvester.network.mgmt_mtu -i INVENTORY, with the same variables",
        "go back: ansible-playbook harvester.network.rollback -i INVENTORY",
    ]


def test_what_fails_after_the_end_leaves_no_open_change() -> None:
    record = dataclasses.replace(UNDER_WAY, state="rolled-back", closed=STAMP)
    told = "change '%s' is closed (rolled-back); what came after that has failed: node2 does not answer" % ID
    assert _texts.failure(record, "node2 does not answer", "ns") == told


def test_a_rollback_that_stops_can_only_go_on() -> None:
    record = _phases.undone(BACK, "hosts", NOW)
    assert _texts.failure(record, "", "ns").splitlines() == [
        "change '%s' has stopped: see above" % ID,
        "done: vms-stop",
        "undone: hosts",
        "not begun: vms-start",
        "still to undo: vms-stop",
        "record: ConfigMap 'ns/harvester-network-change-%s'" % ID,
        "go on with the rollback: ansible-playbook harvester.network.rollback -i INVENTORY",
    ]


def test_how_long_its_phases_took() -> None:
    """And how much of that they waited, which no run can make shorter. A change that goes back has none."""
    record = BEGUN
    for phase, took, waited in zip(record.phases, (60.4, 30.0, 0.0), (50.0, 12.4, 0.0), strict=True):
        record = _phases.started(record, phase.id, None, NOW)
        record = _phases.done(record, phase.id, later(10), took, waited)
    assert _texts.pace(record) == (
        "its phases took 90 s; 62 s of that they waited for the cluster, the nodes or people, beyond that 28 s (31 %)"
    )
    assert _texts.pace(_phases.turned_back(record)) == ""
    assert _texts.pace(BEGUN) == ""


def test_a_phase_cannot_have_waited_longer_than_it_took() -> None:
    """Clocks differ by parts of a second."""
    record = _phases.started(BEGUN, "vms-stop", None, NOW)
    assert _texts.pace(_phases.done(record, "vms-stop", NOW, 10.0, 10.2)) == (
        "its phases took 10 s; 10 s of that they waited for the cluster, the nodes or people, beyond that 0 s (0 %)"
    )


def test_images_and_inputs_of_phases_are_left_out_of_results() -> None:
    shown = _texts.compact(UNDER_WAY)
    assert shown["phases"][1] == {
        "id": "hosts",
        "role": "harvester.network.mgmt_network",
        "bound": 900,
        "state": "started",
        "started": "2026-11-25T23:20:00Z",
        "ended": "",
        "took": 0.0,
        "waited": 0.0,
    }
    assert shown["nodes"] == ["node1", "node2"]
    assert _texts.commands(dataclasses.replace(CLOSED)) == []
