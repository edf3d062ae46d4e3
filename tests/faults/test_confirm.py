# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that cut a node off, each with the runner alive and dead, and worse: every node comes back by itself.

A change is armed, made, and never confirmed, since what answered before does not answer any more. Then, within the
window, something else happens too.
"""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from recovery import LEFTOVERS, Recoveries, reachable, state, wait_for
from runs import Ansible, Run
from state import FOLDER, bonding, files, mtu_items, mtus, vids

from lab import Lab, Node
from lab.bystanders import capture, compare
from lab.layout import GATEWAY

pytestmark = [pytest.mark.nodes, pytest.mark.long]

WINDOW = 45
"""Seconds; long enough for an emulated node to be disturbed in it."""
RECOVERY = 420
ALL = ["bond-mgmt", "bridge-mgmt", "vlan-mgmt"]
KEYFILE = f"{FOLDER}/bond-mgmt.nmconnection"

# What no validation lets through: made by hand under a checkpoint of module checkpoint.
BY_HAND = {
    "VLAN list without the primary VLAN": (
        f"sed -i 's/^vlans=.*/vlans=1 pvid untagged,2018/' {KEYFILE}; nmcli connection load {KEYFILE};"
        " bridge vlan del vid 2017 dev mgmt-bo"
    ),
    "bond mode that the switch does not speak": (
        f"sed -i 's/^mode=.*/mode=802.3ad\\nmin_links=2/' {KEYFILE}; nmcli connection load {KEYFILE};"
        " nmcli connection up bond-mgmt"
    ),
    "profiles deleted": "nmcli connection delete vlan-mgmt bond-mgmt",
}
MTU = "MTU above that of the switch"
ADDRESS = "another address"
BY_PROFILES: dict[str, list[dict[str, Any]]] = {
    MTU: mtu_items(9000),
    ADDRESS: [{"id": "vlan-mgmt", "ipv4": {"addresses": ["10.217.0.99/24"]}}],
}
CASES = [*BY_HAND, *BY_PROFILES]
JUMBO = {"name": "jumbo frames to the gateway", "address": GATEWAY, "size": 9000, "required": True}


def restart_manager(node: Node) -> None:
    node.run("systemctl restart NetworkManager")


def reboot(node: Node) -> None:
    before = node.boot_id()
    node.run("systemctl reboot", check=False, timeout=30)
    node.close()
    node.wait(300, not_boot_id=before)


def power_cut(node: Node) -> None:
    node.power_off()
    node.power_on()
    node.wait(300)


ALIVE = "runner alive"
KILLED = "runner killed"
AFTERWARDS: dict[str, Callable[[Node], None]] = {
    "NetworkManager restarted": restart_manager,
    "node rebooted": reboot,
    "power cut": power_cut,
}
DISTURBANCES = [ALIVE, KILLED, *AFTERWARDS]
# Each case and each disturbance at least once; the rest runs with `make test-all`.
QUICK = set(zip(CASES, [ALIVE, KILLED, "NetworkManager restarted", "node rebooted", "power cut"], strict=True))
MATRIX = [
    pytest.param(case, disturbance, marks=[] if (case, disturbance) in QUICK else [pytest.mark.long])
    for case in CASES
    for disturbance in DISTURBANCES
]


def playbook(case: str) -> pathlib.Path:
    """What an operator would write: ask, arm and change, come back, confirm."""
    role = "harvester.network.commit_confirm"
    targets = [JUMBO] if case == MTU else []
    given = {
        "commit_confirm_targets": targets,
        "commit_confirm_timeout": WINDOW,
        "commit_confirm_reconnect_timeout": 15,
        # A session that falls silent has to end.
        "ansible_ssh_extra_args": "-o ServerAliveInterval=3 -o ServerAliveCountMax=3",
    }
    before = {"name": "Before", "ansible.builtin.include_role": {"name": role, "tasks_from": "before.yml"}}
    after = {"name": "After", "ansible.builtin.include_role": {"name": role}}
    if case in BY_HAND:
        # In a unit of its own, since it cuts the session over which it comes.
        command = ["systemd-run", "--collect", "--unit=by-hand", "sh", "-c", "sleep 1; " + BY_HAND[case]]
        change: list[dict[str, Any]] = [
            {"harvester.network.checkpoint": {"state": "armed", "id": "test", "profiles": ALL, "timeout": WINDOW}},
            {"ansible.builtin.command": {"argv": command}},
            {"ansible.builtin.pause": {"seconds": 5}},
        ]
    else:
        options = {"profiles": BY_PROFILES[case], "commit_confirm": True, "confirm_timeout": WINDOW}
        cut = {"ignore_unreachable": True, "ignore_errors": True, "timeout": 90}
        change = [{"harvester.network.profiles": options, **cut}]
    play = {"name": "Test", "hosts": "node1", "gather_facts": False, "become": True, "vars": given}
    path = pathlib.Path(tempfile.mkdtemp()) / "play.yml"
    path.write_text(yaml.safe_dump([{**play, "tasks": [before, *change, after]}]))
    return path


def is_made(case: str, node: Node) -> bool:
    """Whether the change is live, seen over the out-of-band NIC."""
    if case == MTU:
        return mtus(node)["mgmt-bo"] == 9000
    if case == ADDRESS:
        return "10.217.0.99" in node.run("ip addr show dev mgmt-br.2017").stdout
    if case == "profiles deleted":
        return "mgmt-br.2017" not in mtus(node)
    if "mode" in case:
        return bonding(node, "mode").startswith("802.3ad")
    return 2017 not in vids(node, "mgmt-bo")


def killed(lab: Lab, node: Node, ansible: Ansible, case: str) -> float:
    """Start the runner and kill it once the change is live; the time of that."""
    runner: subprocess.Popen[bytes] = ansible.start(str(playbook(case)))
    try:
        wait_for("the change is live", lambda: is_made(case, node), 240)
    finally:
        start = time.monotonic()
        os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
    return start


@pytest.mark.parametrize(("case", "disturbance"), MATRIX)
def test_the_node_comes_back_by_itself(
    case: str, disturbance: str, lab: Lab, node: Node, ansible: Ansible, recoveries: Recoveries
) -> None:
    text, others, links = files(node), capture(node), mtus(node)
    if case == MTU:
        lab.switch.set_ports([f"{node.name}/u1", f"{node.name}/u2"], mtu=1500)
    run: Run | None = None
    if disturbance == ALIVE:
        start = time.monotonic()
        run = ansible.play(str(playbook(case)), timeout=900)
        assert run.status != 0, run.output
    else:
        start = killed(lab, node, ansible, case)
        assert state(node) == "armed"
        AFTERWARDS.get(disturbance, lambda _node: None)(node)
        wait_for("the node put itself back", lambda: state(node) == "restored", RECOVERY)
    wait_for("the node answers over the management network", lambda: reachable(lab, node), 120)
    seconds = time.monotonic() - start
    recoveries.rows.append((case, disturbance, seconds, files(node) == text))
    assert files(node) == text
    again = disturbance in ("node rebooted", "power cut")
    if again:
        node.wait_bystanders()
    after = mtus(node)
    assert {name: after.get(name) for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017")} == {
        name: links[name] for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017")
    }
    assert {1, 2017} <= vids(node, "mgmt-bo")
    if not again and case in ("VLAN list without the primary VLAN", MTU):
        # The gentle way touched nobody.
        assert compare(others, capture(node)) == []
    if run is not None:
        assert "the change was not confirmed: " in run.output
        assert "was undone at " in run.output
        assert "It reaches everything that it reached before." in run.output or case == MTU
    else:
        # The next run says what happened, once.
        told = ansible.play("harvester.network.rollback_pending", "--limit", node.name)
        assert told.status == 0, told.output
        assert "was undone at " in told.output
        assert "profile file " in told.output
    assert node.run(LEFTOVERS).stdout.strip() == ""
