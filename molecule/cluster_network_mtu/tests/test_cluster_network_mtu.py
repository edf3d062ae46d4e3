# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bond and bridge of every node have the MTU, the management network keeps its own, nothing of the change is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


@pytest.fixture(scope="module")
def links(host: Any) -> dict[str, dict[str, Any]]:
    """The node's links by name."""
    return {link["ifname"]: link for link in json.loads(host.check_output("ip -j -d link show"))}


@pytest.mark.parametrize("device", ["vm-bo", "vm-br"])
def test_mtu(links: dict[str, dict[str, Any]], device: str) -> None:
    assert (links[device]["mtu"], links[device]["operstate"]) == (9000, "UP")


def test_the_management_network_is_as_it_was(links: dict[str, dict[str, Any]]) -> None:
    assert links["mgmt-br"]["mtu"] == 1500


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
