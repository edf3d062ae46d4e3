# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster knows the MTU that the nodes have, the nodes are as they were, and nothing of the change is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_the_annotation() -> None:
    network = Lab().cluster.client().get("network.harvesterhci.io/v1beta1", "ClusterNetwork", "mgmt")
    assert network["metadata"]["annotations"]["network.harvesterhci.io/uplink-mtu"] == "9000"


@pytest.mark.parametrize("device", ["mgmt-bo", "mgmt-br", "mgmt-br.2017"])
def test_mtu(host: Any, device: str) -> None:
    links = {link["ifname"]: link["mtu"] for link in json.loads(host.check_output("ip -j link show"))}
    assert links[device] == 9000


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
