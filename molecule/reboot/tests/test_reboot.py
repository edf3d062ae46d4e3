# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every node has booted anew, with its management network as it was."""

from __future__ import annotations

import json
from typing import Any

from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_the_node_has_booted_since(host: Any) -> None:
    before, now = host.check_output("cat /var/tmp/boot-before /proc/sys/kernel/random/boot_id").split()
    assert before != now


def test_the_management_network_is_there(host: Any) -> None:
    links = {link["ifname"]: link for link in json.loads(host.check_output("ip -j link show"))}
    assert {"mgmt-bo", "mgmt-br"} <= links.keys()
    assert "UP" in links["mgmt-bo"]["flags"]


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
