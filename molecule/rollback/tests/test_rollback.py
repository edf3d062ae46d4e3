# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node has its profiles of before, without a reboot, and nothing is left of the change on it."""

from __future__ import annotations

from typing import Any

from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_the_profiles_are_back_to_the_byte(host: Any) -> None:
    with host.sudo():
        found = host.run("diff -r /var/tmp/profiles-before /etc/NetworkManager/system-connections")
    assert (found.rc, found.stdout) == (0, "")


def test_the_vlan_was_never_live(host: Any) -> None:
    with host.sudo():
        table = host.check_output("bridge -compressvlans vlan show dev mgmt-bo")
    assert "2017" in table
    assert "2150" not in table
    assert host.run("test -e /sys/class/net/mgmt-br.2150").rc == 1


def test_the_node_was_not_rebooted(host: Any) -> None:
    before, now = host.check_output("cat /var/tmp/boot-before /proc/sys/kernel/random/boot_id").split()
    assert before == now


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
