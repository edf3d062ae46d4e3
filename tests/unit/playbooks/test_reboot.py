# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of reboots, what stops them, and playbook reboot. Every run costs seconds, so one run proves what it can."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.playbook

GO = {"change_without_cluster": "true"}
WAITS: dict[str, Any] = {"pending": [{"name": "mgmt-bo", "how": "reboot", "why": "MTU 1500 to 9000"}]}
QUICK = {"ordered_reboot_delay": 1, "ordered_reboot_peers_timeout": 1, "ordered_reboot_network_timeout": 1}
GROUPS = {
    "harvester_workers": ["w1", "w2", "w3", "w4", "w5", "w6"],
    "harvester_control_plane": ["c1", "c2", "c3"],
    "harvester_witness": ["c2"],
}


def _boots(found: Any) -> list[str]:
    return [line.split()[0] for line in found.of("boot")]


def test_groups_decide_the_order(playground: Any) -> None:
    idle: dict[str, Any] = {}
    nodes = {
        "c1": WAITS,
        "w1": WAITS,
        "c2": WAITS,
        "w2": WAITS | {"vms": ["default_vm1"]},
        "w3": {"vms": ["default_vm2"]},
    }
    nodes |= {"w4": WAITS, "w5": idle, "w6": idle}
    given = {"change_reboot_last": "c1", "change_max_unavailable": 2}
    found = playground.run(nodes | {"c3": WAITS}, "--check", playbook="reboot", groups=GROUPS, **given)
    assert found.status == 0, found.output
    expected = "Would be rebooted, in this order: w1 and w2, then w4, then c2, then c3, then c1"
    assert expected in found.output
    # What would stand in the way, on nodes that would be rebooted.
    assert "VMs run on w2: default_vm1. Its reboot is refused while they do;" in found.text()
    assert "default_vm2" not in found.output
    assert found.log == []


@pytest.mark.oldest
def test_only_nodes_that_wait_are_rebooted_and_the_others_look_on(playground: Any) -> None:
    workers: dict[str, Any] = {f"w{number}": {} for number in range(3, 7)}
    nodes = {"c1": WAITS, "w1": WAITS | {"vms": ["default_vm1"]}, "w2": WAITS} | workers
    given = {"change_max_unavailable": 2, "change_allow_running_vms": True, "change_reboot_timeout": 30}
    found = playground.run(nodes, playbook="reboot", groups=GROUPS, **given, **GO)
    assert found.status == 0, found.output
    assert sorted(_boots(found)[:2]) == ["w1", "w2"]
    assert _boots(found)[2:] == ["c1"]
    assert "c1: MTU 1500 to 9000" in found.output
    network = "the management network"
    looks = found.of("boot", "paths")
    assert sorted(looks[2:7]) == [f"{name} paths {network}|w1, {network}|w2" for name in ("c1", "w3", "w4", "w5", "w6")]
    assert sorted(looks[8:]) == [f"w{number} paths {network}|c1" for number in range(1, 7)]


def test_nothing_waits(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {}}, playbook="reboot")
    assert found.status == 0, found.output
    assert "Profiles and kernel agree on every node; change_reboot_all=true reboots them all the same." in found.output
    assert found.log == []


def test_nothing_is_rebooted_without_a_guard_or_a_word(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": WAITS}, playbook="reboot", change_reboot_all=True)
    assert found.status != 0
    assert "n1, n2 would be rebooted, and no access to the cluster's API is configured (harvester_api)" in found.text()
    assert found.log == []


def test_running_vms_are_named_before_the_reboot_that_would_end_them(playground: Any) -> None:
    nodes = {"n1": WAITS, "n2": WAITS | {"vms": ["default_vm1", "team-a_db"]}, "n3": WAITS}
    found = playground.run(nodes, playbook="reboot", **GO)
    assert found.status != 0
    expected = (
        "n2 has to be rebooted, and VMs run on it: default_vm1, team-a_db. Migrate or stop them and run again; with"
        " ordered_reboot_allow_running_vms=true (change_allow_running_vms) they end with the node. It was not rebooted,"
        " nor was any node after it."
    )
    assert expected in found.text()
    assert _boots(found) == ["n1"]


def test_a_node_that_the_others_do_not_reach_stops_the_rest(playground: Any) -> None:
    nodes = {"n1": WAITS, "n2": {"unproved": {"the management network|n1": "no_path"}}, "n3": WAITS}
    found = playground.run(nodes, playbook="reboot", **QUICK, **GO)
    assert found.status != 0
    expected = (
        "n1 is back, but n2 does not reach it after 1 s: 192.0.2.11: no_path. See the cables and switch ports of n1. No"
        " other node was rebooted. Nodes still to come: n3."
    )
    assert expected in found.text()
    assert _boots(found) == ["n1"]


def test_a_node_that_gets_no_new_boot_id_stops_the_rest(playground: Any) -> None:
    nodes = {"n1": WAITS | {"stuck": True}, "n2": WAITS}
    found = playground.run(nodes, playbook="reboot", change_reboot_timeout=2, **GO)
    assert found.status != 0
    assert "n1 did not answer with a new boot id within 2 s (" in found.text()
    assert "No other node was rebooted after it. Nodes still to come: n2;" in found.text()
    assert _boots(found) == ["n1"]
