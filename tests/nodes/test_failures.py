# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way: a live step that fails, a session that is cut, a node that must not be touched."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import time

import pytest
from runs import Ansible
from state import STRANGER, files, holder, mtu_items, mtus, nmcli_wrapped, vids, vlan_items

from lab import Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes


def test_a_live_step_that_fails_puts_files_and_kernel_back(nodes: dict[str, Node], ansible: Ansible) -> None:
    """Somebody has VLAN 2018 under another name: the kernel refuses the new device when the rest is live already."""
    node = nodes["node1"]
    node.run(STRANGER)
    text, now, others = files(node), mtus(node), capture(node)
    items: dict[str, dict[str, object]] = {}
    for item in (*mtu_items(9000), *vlan_items(2018), holder(2018)):
        items.setdefault(str(item["id"]), {}).update(item)
    run = ansible.module("profiles", {"profiles": list(items.values())})
    message = run.of("node1").msg
    assert message.startswith("going live failed: 'nmcli -w 90 connection up id mgmt-br.2018' failed"), run.output
    assert message.endswith("; profiles and kernel were put back as they were")
    assert files(node) == text
    assert mtus(node) == now
    assert 2018 not in vids(node, "mgmt-bo")
    assert compare(others, capture(node)) == []


@pytest.mark.long
def test_a_session_that_is_cut_in_the_middle_changes_nothing_about_the_change(
    nodes: dict[str, Node], ansible: Ansible, tmp_path: pathlib.Path
) -> None:
    """The runner dies while the node waits for a lease; the node goes on by itself, the next run fetches the result."""
    node = nodes["node1"]
    items = [*vlan_items(2019), holder(2019)]
    playbook = ansible.write("profiles", {"profiles": items}, "node1")
    slow = 'case "$*" in *"connection load"*) sleep 10;; esac'
    with nmcli_wrapped(node, slow):
        runner = subprocess.Popen(
            ansible.command(str(playbook)),
            env=ansible.environment(tmp_path / "record"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 120
        while node.run("systemctl is-active harvester-network-live", check=False).stdout.strip() != "active":
            assert time.monotonic() < end, "the unit did not start"
            time.sleep(0.1)
        os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()
        node.run("pkill -KILL -u rancher", check=False)
        assert "mgmt-br.2019" not in mtus(node)

    check = ansible.module("profiles", {"profiles": items}, check=True)
    assert check.of("node1").result["earlier_change"] == "pending"
    run = ansible.module("profiles", {"profiles": items})
    assert run.of("node1").result["earlier_change"] == "completed", run.output
    assert run.of("node1").changed
    assert "mgmt-br.2019" in mtus(node)
    assert 2019 in vids(node, "mgmt-bo")
    again = ansible.module("profiles", {"profiles": items})
    assert (again.of("node1").changed, again.of("node1").result["earlier_change"]) == (False, "none")


def test_the_profile_of_the_nodes_address_is_not_removed(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    text = files(node)
    run = ansible.module("vlan_profile", {"id": "vlan-mgmt", "state": "absent"})
    assert run.of("node1").msg == (
        "profile 'vlan-mgmt': the node has its address and its default route on mgmt-br.2017, and no profile would have"
        " them any more; keep them, or give them to another profile in the same call"
    )
    assert files(node) == text


def test_old_harvester_and_volatile_configuration_are_refused(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    node.run("sed -i 's/v1.8.2/v1.6.1/' /etc/harvester-release.yaml /etc/os-release")
    old = ansible.module("profiles", {"profiles": mtu_items(9000)})
    assert old.status != 0
    assert "1.7" in old.of("node1").msg
    node.run("sed -i 's/v1.6.1/v1.8.2/' /etc/harvester-release.yaml /etc/os-release")
    node.run("mount -t tmpfs none /etc/NetworkManager")
    volatile = ansible.module("profiles", {"profiles": mtu_items(9000)})
    node.run("umount /etc/NetworkManager")
    assert "tmpfs" in volatile.of("node1").msg
    assert mtus(node)["mgmt-bo"] == 1500
