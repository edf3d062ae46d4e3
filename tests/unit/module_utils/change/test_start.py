# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a change may begin or go on: Lease, resume, window, live values."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from change_samples import BEGUN, ID, INPUTS, NODES, NOW, PLANNED, UNDER_WAY, later

from ansible_collections.harvester.network.plugins.module_utils.change import _lease, _live, _phases, _resume, _window
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

MINE, OTHER = _lease.holder(ID, "aa"), _lease.holder("20261125t220000z-x", "bb")
WANTED = _resume.Wanted("mgmt_mtu", INPUTS, NODES, PLANNED)


def lease(holder: str, bound: int = 600, moment: datetime = NOW) -> dict[str, Any]:
    return _lease.taken(None, holder, bound, moment)


# --- Lease


def test_a_new_lease_lasts_the_bound_and_two_minutes() -> None:
    assert lease(MINE) == {
        "spec": {
            "holderIdentity": "%s/aa" % ID,
            "leaseDurationSeconds": 720,
            "renewTime": "2026-11-25T23:13:51.000000Z",
            "acquireTime": "2026-11-25T23:13:51.000000Z",
            "leaseTransitions": 0,
        }
    }
    seen = _lease.read(lease(MINE))
    assert (seen.change, seen.runner, seen.expires) == (ID, "aa", later(720))


@pytest.mark.parametrize(
    ("item", "moment", "takeover", "transitions"),
    [
        (lease(MINE), later(5), False, None),
        (lease(MINE), later(5000), False, None),
        (lease(OTHER), later(720), False, 1),
        (lease(OTHER), later(5), True, 1),
        ({"spec": {}}, NOW, False, 1),
        ({"spec": {"holderIdentity": OTHER}}, NOW, False, 1),
        ({"spec": {"holderIdentity": OTHER, "renewTime": "x", "leaseDurationSeconds": 9}}, NOW, False, 1),
    ],
    ids=["ours", "ours, run out", "run out", "takeover", "free", "no time", "bad time"],
)
def test_who_may_have_it(item: dict[str, Any], moment: datetime, takeover: bool, transitions: int | None) -> None:
    spec = _lease.taken(item, MINE, 60, moment, takeover)["spec"]
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec.get("leaseTransitions")) == (
        MINE,
        180,
        transitions,
    )


@pytest.mark.parametrize("other", [OTHER, _lease.holder(ID, "bb")], ids=["another change", "another run"])
def test_who_may_not(other: str) -> None:
    with pytest.raises(_lease.Held) as caught:
        _lease.taken(lease(other), MINE, 60, later(719))
    assert str(caught.value) == (
        "the network is being changed by '%s', whose time lasts until 2026-11-25T23:25:51Z (now it is"
        " 2026-11-25T23:25:50Z). Wait until then. If you know that this run is dead, take over with"
        " change_takeover=true" % other
    )


@pytest.mark.parametrize(("item", "who"), [(lease(OTHER), OTHER), (None, "nobody, the Lease is free")])
def test_a_runner_that_was_overtaken_stops(item: dict[str, Any] | None, who: str) -> None:
    _lease.still_mine(lease(MINE), MINE)
    with pytest.raises(_lease.Held) as caught:
        _lease.still_mine(item, MINE)
    assert str(caught.value) == (
        "this run ('%s/aa') was overtaken by '%s'; it stops here, and nothing is changed by it any more" % (ID, who)
    )


def test_only_the_holder_gives_it_back() -> None:
    assert _lease.released(lease(OTHER), MINE) is None
    assert _lease.released(None, MINE) is None
    patch = _lease.released(lease(MINE), MINE)
    assert patch is not None and patch["spec"]["holderIdentity"] is None


# --- begin or go on


def test_a_new_change() -> None:
    assert _resume.opened([], WANTED, NOW) == (BEGUN, False)


def test_an_open_change_goes_on_as_it_was_recorded() -> None:
    phases = [dataclasses.replace(phase, bound=7, input="new") for phase in PLANNED]
    record, resumed = _resume.opened([UNDER_WAY], WANTED._replace(phases=tuple(phases)), later(9))
    assert resumed is True
    assert [phase.bound for phase in record.phases] == [600, 7, 7]
    assert [phase.input for phase in record.phases] == [phase.input for phase in UNDER_WAY.phases]
    assert record.phases[1].before == {"node1": 1500}


OTHERWISE = (
    "change '%s' is open and was begun with something else:\n  %%s\nRun again with what is recorded, or roll back with"
    " harvester.network.rollback" % ID
)
OUTLINE = "vms-stop (harvester.network.vms), hosts (harvester.network.mgmt_network), vms-start (harvester.network.vms)"


@pytest.mark.parametrize(
    ("wanted", "found", "message"),
    [
        (
            WANTED._replace(runbook="mgmt_vlans"),
            [UNDER_WAY],
            "change '%s' of playbook mgmt_mtu is open, so mgmt_vlans cannot begin; go on with it"
            " (harvester.network.mgmt_mtu) or roll it back (harvester.network.rollback)" % ID,
        ),
        (
            WANTED,
            [dataclasses.replace(UNDER_WAY, runbook="reboot")],
            "change '%s' of playbook reboot is open, so mgmt_mtu cannot begin; go on with it"
            " (harvester.network.reboot) or roll it back (harvester.network.rollback)" % ID,
        ),
        (
            WANTED._replace(runbook="mgmt_vlans"),
            [_phases.turned_back(UNDER_WAY)],
            "change '%s' of playbook mgmt_mtu is open, so mgmt_vlans cannot begin; roll it back"
            " (harvester.network.rollback)" % ID,
        ),
        (
            WANTED,
            [_phases.turned_back(UNDER_WAY)],
            "change '%s' is being rolled back, which has to come to its end first; run playbook"
            " harvester.network.rollback" % ID,
        ),
        (
            WANTED,
            [UNDER_WAY, dataclasses.replace(UNDER_WAY, id="20261125t231352z-x")],
            "several changes are open: %s, 20261125t231352z-x; at most one may be. Look at them with"
            " harvester.network.change_info" % ID,
        ),
        (
            WANTED._replace(inputs={"change_mtu_from": "1500", "change_keep": True}),
            [UNDER_WAY],
            OTHERWISE % 'change_keep: recorded not given, now true\n  change_mtu_from: recorded 1500, now "1500"\n'
            '  change_mtu_to: recorded "9000", now not given',
        ),
        (
            WANTED._replace(nodes={"node1": "uid-9", "node3": "uid-3"}),
            [UNDER_WAY],
            OTHERWISE % "node node1 is another one by the same name: uid uid-1, now uid-9\n"
            "  node node2 took part and is not there\n  node node3 is new",
        ),
        (
            WANTED._replace(phases=PLANNED[:1]),
            [UNDER_WAY],
            OTHERWISE % ("phases: recorded %s; now vms-stop (harvester.network.vms)" % OUTLINE),
        ),
    ],
)
def test_what_may_not_begin(wanted: _resume.Wanted, found: list[Record], message: str) -> None:
    with pytest.raises(ChangeError) as caught:
        _resume.opened(found, wanted, later(9))
    assert str(caught.value) == message


def test_what_is_no_record_is_not_begun() -> None:
    with pytest.raises(ValidationError) as caught:
        _resume.opened([], WANTED._replace(phases=(Phase("a", "r", 1), Phase("a", "r", 1))), NOW)
    assert str(caught.value) == "change '%s': phases[1].id=a: is used twice" % ID


# --- window


@pytest.mark.parametrize("bound", [1, 600])
def test_a_phase_that_fits(bound: int) -> None:
    _window.fits("phase 'x'", bound, NOW, _window.end("2026-11-26T00:23:51+01:00"))
    _window.fits("phase 'x'", bound, NOW, _window.end(""))


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (
            "2026-11-25T23:23:50Z",
            (
                "phase 'x' does not begin: it may take 600 s, and the window has 599 s left (until"
                " 2026-11-25T23:23:50Z). Run again in another window"
            ),
        ),
        (
            "2026-11-25T23:00:00Z",
            "phase 'x' does not begin: the window is over since 2026-11-25T23:00:00Z. Run again in another window",
        ),
    ],
)
def test_a_phase_that_does_not_fit(end: str, message: str) -> None:
    with pytest.raises(_window.WindowClosed) as caught:
        _window.fits("phase 'x'", 600, NOW, _window.end(end))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["02:00", "2026-11-26 02:00", "2026-11-26T02:00:00"])
def test_a_window_without_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _window.end(text)
    assert str(caught.value) == (
        "window: window_end=%s: has to be a time in ISO 8601 with an offset, like 2026-11-26T02:00:00+01:00" % text
    )


# --- what is there


def test_from_equals_live() -> None:
    _live.require("change_mtu_from", "1500", {"node1": 1500, "node2": "1500"})
    assert _live.table([]) == ""


def test_from_differs_from_live() -> None:
    live = {"node1, mgmt-bo": 1500, "node2, mgmt-bo": 9000, "cluster network 'mgmt'": None}
    with pytest.raises(ChangeError) as caught:
        _live.require("change_mtu_from", "1500", live)
    assert str(caught.value) == (
        "change_mtu_from=1500 is not what is there in 2 of 3 places:\n"
        "where                   expected  live\n"
        "node2, mgmt-bo          1500      9000\n"
        "cluster network 'mgmt'  1500      not set\n"
        "Bring them to one value, or correct change_mtu_from"
    )


PHASES = [("vms-stop", 900), ("hosts", 2700), ("vms-start", 3600)]
BEYOND = (
    "If every phase takes all the time that it may, these do not begin in it: %s. The run then ends before the first of"
    " them, and goes on in another window."
)


@pytest.mark.parametrize(
    ("window_end", "expected"),
    [
        ("", []),
        ("2026-11-26T00:13:51Z", ["The window has 3600 s left (until 2026-11-26T00:13:51Z)."]),
        (
            "2026-11-26T00:13:50Z",
            ["The window has 3599 s left (until 2026-11-26T00:13:50Z).", BEYOND % "vms-start"],
        ),
        (
            "2026-11-25T23:00:00Z",
            ["The window has 0 s left (until 2026-11-25T23:00:00Z).", BEYOND % "vms-stop, hosts, vms-start"],
        ),
    ],
    ids=["no window", "it fits", "a second too short", "over"],
)
def test_what_the_plan_says_of_the_window(window_end: str, expected: list[str]) -> None:
    assert _window.outlook(PHASES, NOW, _window.end(window_end)) == expected
