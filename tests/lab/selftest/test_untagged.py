# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout without management VLAN, reached over the management network alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import Lab, LabError, Progress, config
from lab.bystanders import capture

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    found = Lab(f"{config.lab_name()[:14]}-flat", Progress())
    try:
        yield found.up(layout_name="untagged", ssh_over="mgmt", witness="node3")
    finally:
        found.down()


def test_the_bridge_has_the_address_and_ssh_uses_it(lab: Lab) -> None:
    for node in lab.nodes:
        assert node.address == node.spec.mgmt_address
        assert node.output(["cat", "/sys/class/net/oob0/carrier"]) == "0"
        assert node.spec.mgmt_address in node.output("ip -4 -br addr show dev mgmt-br")
        assert "mgmt-br.2017" not in node.output("ip -br link")
        assert node.output("bridge vlan show dev mgmt-bo | grep -c 2017", check=False) == "0"
        assert f"address {node.spec.vip_address}/32" in capture(node)
        assert node.ping(lab.nodes[0].spec.mgmt_address)


def test_restore_keeps_the_out_of_band_path_away(lab: Lab) -> None:
    lab.restore()
    for node in lab.nodes:
        assert node.output(["cat", "/sys/class/net/oob0/carrier"]) == "0"


def test_the_inventory_says_witness_and_address(lab: Lab) -> None:
    text = lab.inventory()
    assert "harvester_witness:" in text
    assert 'ansible_host: "10.217.0.13"' in text


def test_another_wish_is_refused_with_the_way_out(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"runs with layout 'untagged', not 'vlan'.*'python -m lab down' ends it"):
        lab.up(layout_name="vlan", ssh_over="mgmt", witness="node3")
