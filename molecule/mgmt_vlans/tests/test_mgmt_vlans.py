# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After the change and a boot with somebody who strips VLAN ids: every secondary VLAN is still on bond and bridge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from leftovers import on_node

SECONDARY = {2018, 2100, 2101, 2102, 2103}
PRIMARY = 2017

testinfra_hosts = ["ansible://harvester_nodes"]


@pytest.fixture(scope="module")
def seen(host: Any) -> dict[str, Any]:
    """One look at a node: VLAN tables, links, and whether the stand-in ran."""
    with host.sudo():
        text = host.check_output(
            "bridge -j -compressvlans vlan show; echo; ip -j -d address show; echo;"
            " systemctl start agent.service; systemctl is-active agent.service"
        )
    tables, links, agent = [line for line in text.splitlines() if line.strip()]
    return {
        "vlans": {
            table["ifname"]: {
                vid for entry in table["vlans"] for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
            }
            for table in json.loads(tables)
        },
        "links": {link["ifname"]: link for link in json.loads(links)},
        "agent": agent,
    }


def test_somebody_stripped_ids_at_this_boot(seen: dict[str, Any]) -> None:
    assert seen["agent"] == "active"


@pytest.mark.parametrize("device", ["mgmt-bo", "mgmt-br"])
def test_the_ids_are_there(seen: dict[str, Any], device: str) -> None:
    assert SECONDARY | {1, PRIMARY} <= seen["vlans"][device]


@pytest.mark.parametrize("vid", sorted(SECONDARY))
def test_each_is_held_by_a_device_without_addresses(seen: dict[str, Any], vid: int) -> None:
    link = seen["links"][f"mgmt-br.{vid}"]
    assert link["linkinfo"]["info_data"]["id"] == vid
    assert link["operstate"] == "UP"
    assert [item for item in link["addr_info"] if item["scope"] == "global"] == []


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []
