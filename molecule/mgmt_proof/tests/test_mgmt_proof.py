# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active port, links and VLAN ids are what they were before the proof, and nothing of it is left."""

from __future__ import annotations

from typing import Any

import pytest
from leftovers import on_node

testinfra_hosts = ["ansible://harvester_nodes"]


@pytest.mark.parametrize(
    ("what", "now"),
    [
        ("active", "cat /sys/class/net/mgmt-bo/bonding/active_slave"),
        ("links", "ls /sys/class/net"),
        ("vlans", "bridge -compressvlans vlan show"),
    ],
)
def test_it_is_as_it_was(host: Any, what: str, now: str) -> None:
    with host.sudo():
        assert host.check_output(now) == host.check_output(f"cat /var/tmp/{what}-before")


def test_there_was_a_secondary_vlan_to_prove(host: Any) -> None:
    assert host.run("test -e /sys/class/net/mgmt-br.2018").rc == 0


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []
