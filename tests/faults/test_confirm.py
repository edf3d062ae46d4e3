# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cut a node off, each with the runner alive and dead, and worse: every node comes back by itself.

A change is armed, made, and never confirmed, since what answered before does not answer any more. Then, within the
window, something else happens too.
"""

from __future__ import annotations

import pathlib
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from leftovers import ON_NODE
from recovery import BY_HAND, Recovery, at_rest, kill_runner, reachable, recording, state, wait_for
from runs import Ansible, Run
from state import FOLDER, bonding, files, mtu_items, mtus, vids

from lab import Lab, Node
from lab.bystanders import capture, compare
from lab.layout import GATEWAY

pytestmark = pytest.mark.nodes

WINDOW = 75
"""Seconds; long enough for an emulated node to be disturbed in it."""
RECOVERY = 600
"""Seconds: a boot, NetworkManager's wait for a network that is not there (60), the window, and the way back."""
ALL = ["bond-mgmt", "bridge-mgmt", "vlan-mgmt"]
KEYFILE = f"{FOLDER}/bond-mgmt.nmconnection"
MADE = "/run/by-hand-is-done"

# What no validation lets through: made by hand under a checkpoint of module checkpoint. Brought to the disk, so that a
# power cut does not undo it instead.
BROKEN = {
    "VLAN list without the primary VLAN": (
        f"sed -i 's/^vlans=.*/vlans=1 pvid untagged,2018/' {KEYFILE}; sync {KEYFILE} {FOLDER};"
        f" nmcli connection load {KEYFILE}; bridge vlan del vid 2017 dev mgmt-bo"
    ),
    "bond mode that the switch does not speak": (
        f"sed -i 's/^mode=.*/mode=802.3ad\\nmin_links=2/' {KEYFILE}; sync {KEYFILE} {FOLDER};"
        f" nmcli connection load {KEYFILE}; nmcli --wait 10 connection up bond-mgmt"
    ),
    # The profiles go at once, their devices a moment later.
    "profiles deleted": (
        f"nmcli --wait 10 connection delete vlan-mgmt bond-mgmt; sync {FOLDER};"
        " while [ -e /sys/class/net/mgmt-bo ] || [ -e /sys/class/net/mgmt-br.2017 ]; do sleep 0.2; done"
    ),
}
MTU = "MTU above that of the switch"
ADDRESS = "another address"
BY_PROFILES: dict[str, list[dict[str, Any]]] = {
    MTU: mtu_items(9000),
    ADDRESS: [{"id": "vlan-mgmt", "ipv4": {"addresses": ["10.217.0.99/24"]}}],
}
CASES = [*BROKEN, *BY_PROFILES]
JUMBO = {"name": "jumbo frames to the gateway", "address": GATEWAY, "size": 9000, "required": True}


def restart_manager(node: Node) -> None:
    node.run("systemctl restart NetworkManager")


def reboot(node: Node) -> None:
    before = node.boot_id()
    node.run("systemctl reboot", check=False, timeout=30)
    node.close()
    node.wait(RECOVERY, not_boot_id=before)


def power_cut(node: Node) -> None:
    node.power_off()
    node.power_on()
    node.wait(RECOVERY)


ALIVE = "runner alive"
KILLED = "runner killed"
REBOOTS: dict[str, Callable[[Node], None]] = {"node rebooted": reboot, "power cut": power_cut}
AFTERWARDS: dict[str, Callable[[Node], None]] = {"NetworkManager restarted": restart_manager, **REBOOTS}
DISTURBANCES = [ALIVE, KILLED, *AFTERWARDS]
# Each case and each disturbance at least once, on both images; the rest runs with `make faults ARGS=--all`.
QUICK = set(zip(CASES, [ALIVE, KILLED, "NetworkManager restarted", "node rebooted", "power cut"], strict=True))
MATRIX = [
    pytest.param(case, disturbance, marks=pytest.mark.debian12 if (case, disturbance) in QUICK else pytest.mark.long)
    for case in CASES
    for disturbance in DISTURBANCES
]


def playbook(case: str, folder: pathlib.Path) -> str:
    """What an operator would write: ask, arm and change, come back, confirm."""
    role = "harvester.network.commit_confirm"
    given = {
        "commit_confirm_targets": [JUMBO] if case == MTU else [],
        "commit_confirm_timeout": WINDOW,
        "commit_confirm_reconnect_timeout": 15,
    }
    before = {"name": "Before", "ansible.builtin.include_role": {"name": role, "tasks_from": "before.yml"}}
    after = {"name": "After", "ansible.builtin.include_role": {"name": role}}
    if case in BROKEN:
        # In a unit of its own, since it cuts the session over which it comes; later, so that the answer comes through.
        script = f"sleep 4; {BROKEN[case]}; touch {MADE}"
        command = ["systemd-run", "--collect", f"--unit={BY_HAND}", "sh", "-c", script]
        change: list[dict[str, Any]] = [
            {
                "name": "Arm",
                "harvester.network.checkpoint": {"state": "armed", "id": "test", "profiles": ALL, "timeout": WINDOW},
            },
            {"name": "Break it", "ansible.builtin.command": {"argv": command}},
            {"name": "Let it happen", "ansible.builtin.pause": {"seconds": 15}},
        ]
    else:
        options = {"profiles": BY_PROFILES[case], "commit_confirm": True, "confirm_timeout": WINDOW}
        cut = {"ignore_unreachable": True, "ignore_errors": True, "timeout": 90}
        change = [{"name": "Change it", "harvester.network.profiles": options, **cut}]
    play = {"name": "Test", "hosts": "node1", "gather_facts": False, "become": True, "vars": given}
    path = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "play.yml"
    path.write_text(yaml.safe_dump([{**play, "tasks": [before, *change, after]}]))
    return str(path)


def is_live(case: str, node: Node) -> bool:
    """Whether the change is live and nothing of it under way, seen over the out-of-band NIC."""
    if case in BROKEN:
        return node.run(["test", "-e", MADE], check=False).returncode == 0
    if case == MTU:
        return mtus(node)["mgmt-bo"] == 9000 and at_rest(node)
    return "10.217.0.99/" in node.output("ip -4 addr show dev mgmt-br.2017") and at_rest(node)


def really_breaks(case: str, node: Node) -> bool:
    """Whether what was made by hand has the effect that the case is about."""
    if case == "profiles deleted":
        return not {"mgmt-bo", "mgmt-br.2017"} & set(mtus(node))
    if case == "bond mode that the switch does not speak":
        return bonding(node, "mode").startswith("802.3ad")
    return case not in BROKEN or 2017 not in vids(node, "mgmt-bo")


def wait_back(row: Recovery, start: float, lab: Lab, node: Node, states: set[str]) -> None:
    """Wait until the node put itself back and is reached, and note when."""
    wait_for(f"the node put itself back ({states})", lambda: state(node) in states, RECOVERY)
    wait_for("the node answers over the management network", lambda: reachable(lab, node), 120)
    row.seconds = time.monotonic() - start


def with_runner(case: str, row: Recovery, lab: Lab, node: Node, ansible: Ansible) -> Run:
    """The runner goes on: it comes back, sees what is missing, and has the change undone."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(ansible.play, playbook(case, ansible.folder), timeout=1200)

        def holds() -> bool:
            if is_live(case, node):
                return True
            assert not future.done(), future.result().output
            return False

        wait_for("the change is live", holds, 300)
        start = time.monotonic()
        wait_for("the change breaks what it is to break", lambda: really_breaks(case, node), 30)
        # The runner fetches the report, and nothing is left then.
        wait_back(row, start, lab, node, {"restored", "none"})
        return future.result()


def without_runner(case: str, disturbance: str, row: Recovery, lab: Lab, node: Node, ansible: Ansible) -> None:
    """The runner is killed once the change is live, and then the rest happens."""
    runner = ansible.start(playbook(case, ansible.folder))

    def holds() -> bool:
        if is_live(case, node):
            return True
        assert runner.poll() is None, "the runner has ended before the change was live"
        return False

    try:
        wait_for("the change is live", holds, 300)
    finally:
        start = time.monotonic()
        if runner.poll() is None:
            kill_runner(runner.pid)
            runner.wait()
    # NetworkManager takes devices away after it has answered.
    wait_for("the change breaks what it is to break", lambda: really_breaks(case, node), 30)
    assert state(node) == "armed"
    AFTERWARDS.get(disturbance, lambda _node: None)(node)
    wait_back(row, start, lab, node, {"restored"})


def message(run: Run, task: str) -> str:
    """What the last result of a task says; a role's tasks have its name before theirs."""
    found = [result.msg for result in run.tasks if result.name.endswith(task) and result.msg]
    assert found, f"no task '{task}':\n{run.output}"
    return found[-1]


def assert_told(run: Run, case: str) -> None:
    """The run that was there says exactly what happened."""
    assert run.status != 0, run.output
    said = message(run, "Say what happened")
    assert said.startswith("node1: the change was not confirmed: "), said
    assert " was undone at " in said
    assert "and not everything could be put back" not in said or case == "profiles deleted", said
    reached = "It reaches everything that it reached before."
    assert (f"It still does not reach {JUMBO['name']}" if case == MTU else reached) in said


@pytest.mark.parametrize(("case", "disturbance"), MATRIX)
def test_the_node_comes_back_by_itself(case: str, disturbance: str, lab: Lab, node: Node, ansible: Ansible) -> None:
    text, others, links = files(node), capture(node), mtus(node)
    if case == MTU:
        lab.switch.set_ports([f"{node.name}/u1", f"{node.name}/u2"], mtu=1500)
    with recording(case, disturbance, node) as row:
        run = None
        if disturbance == ALIVE:
            run = with_runner(case, row, lab, node, ansible)
        else:
            without_runner(case, disturbance, row, lab, node, ansible)
        row.equal = files(node) == text
        assert files(node) == text
        own = ("mgmt-bo", "mgmt-br", "mgmt-br.2017")
        after = mtus(node)
        assert {name: after.get(name) for name in own} == {name: links[name] for name in own}
        assert {1, 2017} <= vids(node, "mgmt-bo")
        if disturbance not in REBOOTS and case in ("VLAN list without the primary VLAN", MTU):
            # The gentle way touched nobody.
            assert compare(others, capture(node)) == []
        if run is not None:
            assert_told(run, case)
        else:
            # The next run says what happened, once.
            told = ansible.play("harvester.network.rollback_pending", "--limit", node.name)
            assert told.status == 0, told.output
            said = message(told, "Say what was done")
            assert " was undone at " in said
            assert "profile file " in said
            again = ansible.play("harvester.network.rollback_pending", "--limit", node.name)
            assert "No change waits to be confirmed on any node." in again.output
        assert node.run(ON_NODE).stdout.strip() == ""
