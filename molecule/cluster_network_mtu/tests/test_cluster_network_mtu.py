# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bond and bridge of every node have the MTU, the management network keeps its own, nothing of the change is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

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


def test_nothing_of_change_and_proof_is_left(host: Any) -> None:
    places = (
        "/run/harvester-network*",
        "/run/netns/hnprobe*",
        "/etc/NetworkManager/harvester-network*",
        "/etc/systemd/system/harvester-network*",
    )
    with host.sudo():
        assert host.run(f"ls -d {' '.join(places)} 2>/dev/null").stdout == ""
