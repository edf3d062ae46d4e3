# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module checkpoint and commit_confirm on a node: bad input, check mode, confirmed, undone; nothing stays behind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from runs import Ansible
from state import files, holder, mtu_items, mtus, vids, vlan_items

from lab import Node
from lab.bystanders import capture, compare

pytestmark = [pytest.mark.nodes, pytest.mark.long]

FOLDER = "/etc/NetworkManager/harvester-network-confirm"
UNITS = "/etc/systemd/system/harvester-network* /etc/systemd/system/*.wants/harvester-network*"
LEFTOVERS = f"ls -d {FOLDER}* {UNITS} 2>/dev/null; true"


def confirmed(items: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    return {"profiles": items, "commit_confirm": True, **options}


def wait_restored(node: Node, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while node.run(f"cat {FOLDER}/state", check=False).stdout.strip() != "restored":
        assert time.monotonic() < end, node.run("journalctl -u harvester-network-confirm", check=False).stdout
        time.sleep(1)


@pytest.mark.debian12
def test_a_change_that_is_confirmed_stays(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    bad = ansible.module("profiles", confirmed(mtu_items(9000), confirm_timeout=5))
    assert bad.of("node1").msg == "commit_confirm: confirm_timeout=5: the window to confirm has 30 to 86400 seconds"
    check = ansible.module("profiles", confirmed(mtu_items(9000)), check=True)
    assert check.of("node1").result["checkpoint"] == {}
    assert mtus(node)["mgmt-bo"] == 1500

    run = ansible.module("profiles", confirmed(mtu_items(9000)))
    there = run.of("node1").result["checkpoint"]
    assert (there["state"], there["timeout"]) == ("armed", 300), run.output
    assert there["owner"].startswith("rancher from ")
    other = ansible.module("profiles", {"profiles": mtu_items(8000)})
    assert other.of("node1").msg.startswith(f"an earlier change '{there['id']}' of this node's profiles, by rancher")

    kept = ansible.module("checkpoint", {"state": "confirmed", "id": there["id"]})
    assert kept.of("node1").changed, kept.output
    assert mtus(node)["mgmt-bo"] == 9000
    assert node.run(LEFTOVERS).stdout == ""
    assert not ansible.module("checkpoint", {"state": "confirmed"}).of("node1").changed


@pytest.mark.debian12
def test_a_change_that_nobody_confirms_is_undone_gently(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    text, links, others = files(node), mtus(node), capture(node)
    merged: dict[str, dict[str, Any]] = {}
    for item in (*mtu_items(9000), *vlan_items(2018), holder(2018)):
        merged.setdefault(str(item["id"]), {}).update(item)
    run = ansible.module("profiles", confirmed(list(merged.values()), confirm_timeout=30))
    assert run.status == 0, run.output
    assert 2018 in vids(node, "mgmt-bo")
    wait_restored(node)
    assert files(node) == text
    assert mtus(node) == links
    assert 2018 not in vids(node, "mgmt-bo")
    assert compare(others, capture(node)) == []
    # The next run tells, once, and changes nothing before it told.
    told = ansible.module("profiles", {"profiles": mtu_items(9000)})
    assert "was undone at " in told.of("node1").msg
    assert told.of("node1").msg.endswith("; run again to retry")
    assert node.run(LEFTOVERS).stdout == ""
    assert mtus(node) == links


@pytest.mark.long
@pytest.mark.debian12
def test_undone_at_once_when_asked(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    text, others = files(node), capture(node)
    arguments = {"id": "bond-mgmt", "bond": {"mode": "balance-xor"}, "commit_confirm": True}
    assert ansible.module("bond_profile", arguments).status == 0
    shown = ansible.module("checkpoint", {})
    assert "waits to be confirmed (for 300 s)" in shown.of("node1").result["summary"]
    run = ansible.module("checkpoint", {"state": "restored"})
    assert run.of("node1").result["checkpoint"]["failed"] == [], run.output
    assert files(node) == text
    assert compare(others, capture(node)) == []
    assert node.run(LEFTOVERS).stdout == ""
