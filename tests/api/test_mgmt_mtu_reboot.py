# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with change_apply=reboot: each node has the new MTU from its boot on, up and down, killed, put back.

Nodes are folders whose boots show in a real API. node1 has the virtual address; VM shell, on the pod network, stops.
"""

from __future__ import annotations

import json

import pytest
from played_boots import BOOTS, FASTER, TURNS, Boots, booting, cordons, run, running
from played_nodes import DOWN, NODES, UP, Nodes, everywhere
from stage import good

pytestmark = [pytest.mark.api, pytest.mark.long]

ANSWERS = "harvester.network.mgmt_mtu : Read the links#2"
"""Of the second turn, whose node is node3."""

SENDS = "harvester.network.path_proof : Send packets of the exact size, and of one byte more#1"
"""The first proof: of the second turn, whose node is node3, with node2."""

boots = pytest.fixture(booting)


def test_the_plan_and_up_and_down_again(nodes: Nodes, boots: Boots) -> None:
    before, vms = running(nodes), nodes.vms()
    check = good(run(nodes, "--check", **UP))
    for line in (
        "Every node reboots, one after the other, and has the MTU from its boot on.",
        "Would be rebooted, in this order: node2, then node3, then node1",
        "2. hosts-profiles: at most",
        "3. reboot-1: at most",
        "reboots nodes: node2",
        "6. hosts-proof: at most",
        "proves: links and paths of the management network between all nodes",
        "At most",
    ):
        assert line in check.text, check.output
    assert "default/shell moves" not in check.text, "it is stopped by then"
    assert (boots.seen, nodes.states(), nodes.changes()) == ([], [], [])

    good(run(nodes, **UP))
    assert boots.seen == [(name, []) for name in TURNS]
    assert boots.uncordoned == []
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (running(nodes), nodes.vms(), cordons(nodes), nodes.states()) == (before, vms, [], ["done"])
    profiles = [line for line in nodes.lines("calls") if line.endswith("vlan-mgmt=9000")]
    assert sorted(profiles) == [f"{name} bond-mgmt=9000 bridge-mgmt=9000 vlan-mgmt=9000" for name in NODES]
    # The second node is proved at the new size before the third one goes.
    own = [line for line in nodes.lines("paths") if line[len("node1 ") :].startswith("management network|")]
    assert sorted(own[:2]) == ["node2 management network|node3 9000", "node3 management network|node2 9000"]

    boots.seen.clear()
    good(run(nodes, **DOWN))
    assert [name for name, _ in boots.seen] == [*TURNS]
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(1500), "1500", 1500)
    assert (running(nodes), nodes.vms(), cordons(nodes), nodes.states()) == (before, vms, [], ["done", "done"])
    # The overlay shrinks everywhere before the first node that is smaller boots.
    calls = [line for line in nodes.lines("calls") if "flannel.1" in line or line.endswith(" boot")]
    assert [*sorted(calls[:3]), *calls[3:]] == [
        *(f"{name} flannel.1=1450" for name in NODES),
        *(f"{name} boot" for name in TURNS),
    ]


@pytest.mark.fault("mgmt_mtu", "a switch port left at 1500, by reboots", "stops, then goes back")
def test_a_small_switch_port_puts_all_nodes_back_without_another_reboot(nodes: Nodes, boots: Boots) -> None:
    before = (nodes.profiles(), nodes.vms())
    up = running(nodes)
    nodes.write("node3", {**nodes.node("node3"), "port": 1500})
    failed = run(nodes, **UP)
    assert failed.status != 0
    for line in (
        "Not proved at 9000 bytes after the reboot of node3, so all nodes have their MTU back, without a reboot.",
        "management network: node3",
        "done: vms-stop, hosts-profiles, reboot-1",
    ):
        assert line in failed.text.replace("\\n", " "), failed.output
    assert [name for name, _ in boots.seen] == ["node2", "node3"]
    assert (nodes.links(), nodes.profiles()) == (everywhere(1500), before[0])
    assert nodes.vms()["shell"] == "Halted", "VMs are not started on a network that is not proved"
    assert not [name for name in NODES if (nodes.folder / name / "armed").exists()]

    again = run(nodes, **UP)
    assert again.status != 0
    assert "bond-mgmt, bridge-mgmt, vlan-mgmt without MTU 9000. It was there, in an earlier run" in again.text
    good(nodes.run(*FASTER, playbook="rollback"))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert [name for name, _ in boots.seen] == ["node2", "node3"]
    assert (nodes.annotation(), nodes.states(), cordons(nodes), running(nodes)) == (None, ["rolled-back"], [], up)


@pytest.mark.fault("mgmt_mtu", "a node that does not answer after its boot", "stops, then goes back")
@pytest.mark.parametrize("how", ["cut", "in the proof", "refuses the proof", "stuck"])
def test_a_node_that_is_not_back_has_the_others_put_back(nodes: Nodes, boots: Boots, how: str) -> None:
    before, up = (nodes.profiles(), nodes.vms()), running(nodes)
    away, mute = nodes.folder / "node3/away", nodes.folder / "node3/mute"
    left = everywhere(1500)
    if how == "refuses the proof":
        failed = nodes.disturbed(SENDS, mute.touch, *FASTER, apply="reboot", **UP)
        told = "node3: ping is not to be had"
    elif how != "stuck":
        failed = nodes.disturbed(ANSWERS if how == "cut" else SENDS, away.touch, *FASTER, apply="reboot", **UP)
        told = "node3: does not answer any more. Its change is not confirmed"
        left = everywhere(1500) | {"node3": everywhere(9000)["node3"]}
    else:
        case = nodes.folder / "node3/case.json"
        case.write_text(json.dumps({**json.loads(case.read_text()), "stuck": True}))
        failed = run(nodes, reboot_timeout=5, **UP)
        told = "node3 did not answer with a new boot id within 5 s"
    assert failed.status != 0
    said = failed.text.replace("\\n", " ")
    for line in (
        "Not proved at 9000 bytes after the reboot of node3",
        told,
        "done: vms-stop, hosts-profiles, reboot-1",
    ):
        assert line in said, failed.output
    assert ("so the nodes that answer have their MTU back" in said) == (how in ("cut", "in the proof"))
    assert ("so all nodes have their MTU back" in said) == (how in ("refuses the proof", "stuck"))
    assert ("node3: did not answer while the paths were proved" in said) == (how == "in the proof")
    assert nodes.links() == left
    back = ("node1", "node2") if away.exists() else NODES
    assert [nodes.profiles()[name] for name in back] == [before[0][name] for name in back]
    assert nodes.vms()["shell"] == "Halted", "VMs are not started on a network that is not proved"

    for mark in (away, mute):
        mark.unlink(missing_ok=True)
    good(nodes.run(*FASTER, playbook="rollback"))
    assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
    assert (nodes.annotation(), nodes.states(), cordons(nodes), running(nodes)) == (None, ["rolled-back"], [], up)


@pytest.mark.fault("mgmt_mtu", "runner killed after the first boot", "goes on; goes back")
@pytest.mark.parametrize("back", [False, True], ids=["on", "back"])
@pytest.mark.parametrize("turn", [1, 2])
def test_killed_after_a_boot(nodes: Nodes, boots: Boots, turn: int, back: bool) -> None:
    before = (nodes.profiles(), nodes.vms())
    up = running(nodes)
    killed = run(nodes, kill_at=f"{BOOTS}#{turn}", **UP)
    assert (killed.status, nodes.states()) == (-9, ["open"]), killed.output
    assert [name for name, links in nodes.links().items() if links["mgmt-bo"] == 9000] == sorted(TURNS[:turn])
    if back:
        good(nodes.run(*FASTER, playbook="rollback", takeover=True))
        assert (nodes.links(), nodes.profiles(), nodes.vms()) == (everywhere(1500), *before)
        assert ([name for name, _ in boots.seen], nodes.states()) == ([*TURNS[:turn]], ["rolled-back"])
    else:
        on = good(run(nodes, takeover=True, **UP))
        assert "goes on; phases that are done: vms-stop, hosts-profiles" in on.text
        assert [name for name, _ in boots.seen] == [*TURNS]
        assert (nodes.links(), nodes.annotation(), nodes.states()) == (everywhere(9000), "9000", ["done"])
    assert (cordons(nodes), running(nodes), nodes.vms()) == ([], up, before[1])
