# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel and profiles of every node have the new MTU, the pod network its part of it, and nothing else is left."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]

SIZES = {"mgmt-bo": 9000, "mgmt-br": 9000, "mgmt-br.2017": 9000, "flannel.1": 8950}


@pytest.fixture(scope="module")
def links(host: Any) -> dict[str, int]:
    """MTU of each of the node's devices, bytes."""
    return {link["ifname"]: link["mtu"] for link in json.loads(host.check_output("ip -j link show"))}


@pytest.mark.parametrize("device", SIZES)
def test_kernel(links: dict[str, int], device: str) -> None:
    assert links[device] == SIZES[device]


@pytest.mark.parametrize("profile", ["bond-mgmt", "bridge-mgmt", "vlan-mgmt"])
def test_profile(host: Any, profile: str) -> None:
    with host.sudo():
        assert host.check_output(f"nmcli -g 802-3-ethernet.mtu connection show {profile}") == "9000"


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
