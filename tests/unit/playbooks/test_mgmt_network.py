# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mechanics of playbook mgmt_network: order, batches, refusals, sessions that are cut, reboots, check mode.

Every run costs seconds, so one run proves what it can.
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.playbook

WANTED: dict[str, Any] = {}
DONE = {"wanted": False}
GO = {"change_without_cluster": "true"}


@pytest.mark.oldest
def test_live_changes_go_node_by_node_and_a_second_run_changes_nothing(playground: Any) -> None:
    nodes = {"n1": WANTED, "n2": DONE, "n3": {"reboot": True}}
    first = playground.run(nodes, **GO)
    assert first.status == 0, first.output
    assert sorted(first.calls[:3]) == ["n1 check", "n2 check", "n3 check"]
    assert first.calls[3:5] == ["n1 live", "n3 live"]
    assert sorted(first.calls[5:]) == ["n1 check", "n3 check"]
    assert [first.changed(name) for name in nodes] == [1, 0, 1]
    assert "n1: changed" in first.output
    assert "n2: nothing to do" in first.output
    # A live run names the reboot that is needed, and leaves it to the operator.
    assert "n3: changed, needs a reboot" in first.output
    # n3 still waits for its reboot, so nothing can be proved yet.
    assert first.of("paths", "probe", "unprobe") == []
    # Without changes nothing has to be guarded, nor proved.
    second = playground.run(nodes)
    assert second.status == 0, second.output
    assert sorted(second.log) == ["n1 check", "n2 check", "n3 check"]
    assert [second.changed(name) for name in nodes] == [0, 0, 0]


def test_check_mode_tells_of_every_node_and_touches_none(playground: Any) -> None:
    nodes = {"n1": WANTED, "n2": DONE, "n3": WANTED}
    found = playground.run(nodes, "--check", "--diff", change_apply="reboot")
    assert found.status == 0, found.output
    assert sorted(found.log) == ["n1 check", "n2 check", "n3 check"]
    assert [found.changed(name) for name in nodes] == [1, 0, 1]
    assert "+mtu=9000" in found.output
    assert "n1: would change" in found.output
    assert "Would be rebooted, in this order: n1, then n3" in found.output


def test_nothing_is_changed_without_a_guard_or_a_word(playground: Any) -> None:
    found = playground.run({"n1": WANTED, "n2": DONE, "n3": WANTED})
    assert found.status != 0
    assert "n1, n3 would be changed, and no access to the cluster's API is configured (harvester_api)" in found.text()
    assert sorted(found.calls) == ["n1 check", "n2 check", "n3 check"]


def test_a_node_that_fails_ends_the_run_for_all(playground: Any) -> None:
    # An inventory without vlan_id: only some options need it.
    found = playground.run({"n1": {"fails": True}, "n2": WANTED}, harvester_mgmt={"bond": {"miimon": 200}}, **GO)
    assert found.status != 0
    assert found.calls[2:] == ["n1 live"]
    assert "n1 could not be changed: bond-mgmt: the stub refuses. Nodes still to come were not touched." in found.output


def test_a_session_that_is_cut_or_falls_silent_is_taken_up_again(playground: Any) -> None:
    nodes = {"n1": {"cut": "once"}, "n2": {"hangs": True}, "n3": WANTED}
    found = playground.run(nodes, mgmt_network_timeout=8, change_prove=False, **GO)
    assert found.status == 0, found.output
    assert found.calls[3:8] == ["n1 live", "n1 live", "n2 live", "n2 live", "n3 live"]
    assert "n1: changed, the session was cut, the change went on" in found.output
    assert "n2: changed, the session was cut, the change went on" in found.output
    # change_prove=false
    assert found.of("paths", "probe", "unprobe") == []


def test_a_node_that_does_not_come_back_ends_the_run_for_all(playground: Any) -> None:
    quick = {"mgmt_network_reconnect_timeout": 1, "change_commit_confirm": False}
    found = playground.run({"n1": {"cut": "for good"}, "n2": WANTED}, **quick, **GO)
    assert found.status != 0
    assert found.calls[2:] == ["n1 live"]
    assert "timed out waiting for ping module test" in found.output


def test_a_change_that_did_not_last_is_a_failure(playground: Any) -> None:
    found = playground.run({"n1": {"breaks": True}}, **GO)
    assert found.status != 0
    assert "n1 is not in its desired state after the change: MTU 1500 to 9000" in found.output


def test_reboots_go_in_the_given_order_and_only_where_needed(playground: Any) -> None:
    nodes = {"n1": WANTED, "n2": DONE, "n3": WANTED}
    found = playground.run(nodes, change_apply="reboot", change_reboot_order=["n3", "n2", "n1"], **GO)
    assert found.status == 0, found.output
    assert sorted(found.calls[3:5]) == ["n1 reboot", "n3 reboot"]
    assert found.calls[5:7] == ["n3 boot", "n1 boot"]
    # Each is seen by the others before the next one goes, and the whole is proved at the end.
    network, proof = "the management network", "management network"
    looks = found.of("boot", "paths", "unprobe")
    assert looks[0] == "n3 boot"
    assert sorted(looks[1:3]) == [f"n1 paths {network}|n3", f"n2 paths {network}|n3"]
    assert looks[3] == "n1 boot"
    assert sorted(looks[4:6]) == [f"n2 paths {network}|n1", f"n3 paths {network}|n1"]
    assert sorted(looks[6:9]) == [
        f"n1 paths {proof}|n2, {proof}|n3",
        f"n2 paths {proof}|n1, {proof}|n3",
        f"n3 paths {proof}|n1, {proof}|n2",
    ]
    assert sorted(looks[9:]) == ["n1 unprobe", "n2 unprobe", "n3 unprobe"]
    assert "n1: changed, rebooted" in found.output


def test_an_order_that_misses_a_node_is_refused_before_the_first_boot(playground: Any) -> None:
    found = playground.run({"n1": WANTED, "n2": WANTED}, change_apply="reboot", change_reboot_order=["n1"], **GO)
    assert found.status != 0
    expected = (
        "ordered_reboot_order: n2 has to be rebooted and is not in it (n1); add it at its place. No node was rebooted"
    )
    assert expected in found.text()
    # Before the first change too.
    assert sorted(found.log) == ["n1 check", "n2 check"]


def test_a_node_whose_network_does_not_come_back_stops_the_others(playground: Any) -> None:
    quick = {"ordered_reboot_network_timeout": 1, "ordered_reboot_delay": 1}
    found = playground.run({"n1": {"lost": True}, "n2": WANTED}, change_apply="reboot", **quick, **GO)
    assert found.status != 0
    assert [call for call in found.calls if call.endswith(" boot")] == ["n1 boot"]
    assert "n1 is not back 1 s after its boot; waited for: address 192.0.2.11/24 on mgmt-br.2017." in found.output
    assert "Nodes still to come: n2" in found.output


def test_limit_says_which_nodes_are_left_out(playground: Any) -> None:
    found = playground.run({"n1": WANTED, "n2": WANTED}, "--limit", "n2", **GO)
    assert found.status == 0, found.output
    assert found.calls == ["n2 check", "n2 live", "n2 check"]
    assert "Limited to n2; not looked at: n1." in found.output
    assert "n2 is the only node of this run: nothing was proved on the wire." in found.output


def test_single_tasks_are_refused(playground: Any) -> None:
    for option in ("--tags", "--skip-tags"):
        found = playground.run({"n1": WANTED}, option, "x")
        assert found.status != 0
        assert "this playbook runs as a whole" in found.output


def test_another_management_vlan_is_refused(playground: Any) -> None:
    found = playground.run({"n1": WANTED}, harvester_mgmt={"vlan_id": 2018, "mtu": 9000}, **GO)
    assert found.status != 0
    assert "vlan_id=2018: n1 was installed with VLAN 2017" in found.output
    assert found.calls == []


def test_a_misspelt_variable_is_refused_before_any_module_runs(playground: Any) -> None:
    found = playground.run({"n1": WANTED}, harvester_mgmt={"bond": {"mimon": 100}}, **GO)
    assert found.status != 0
    assert "bond.mimon: unknown option; did you mean 'miimon'?" in found.output
    assert found.calls == []
