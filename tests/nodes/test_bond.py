# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bond: mode, options, ports."""

from __future__ import annotations

import pytest
from runs import Ansible
from state import bonding, files

from lab import Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes


@pytest.mark.debian12
def test_a_mode_change_activates_the_bond_and_bystanders_get_back_what_it_took(
    nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node1"]
    text, others = files(node), capture(node)
    bad = ansible.module("bond_profile", {"id": "bond-mgmt", "bond": {"mode": "balance_xor"}})
    assert "profile 'bond-mgmt': bond.mode=balance_xor" in bad.of("node1").msg
    assert "did you mean 'balance-xor'" in bad.of("node1").msg

    arguments = {"id": "bond-mgmt", "bond": {"mode": "balance-xor", "xmit_hash_policy": "layer3+4"}}
    check = ansible.module("bond_profile", arguments, check=True)
    assert check.of("node1").how() == {"mgmt-bo": "activate"}
    assert (files(node), bonding(node, "mode")) == (text, "active-backup 1")

    run = ansible.module("bond_profile", arguments)
    assert run.of("node1").how() == {"mgmt-bo": "activate"}, run.output
    assert (bonding(node, "mode"), bonding(node, "xmit_hash_policy")) == ("balance-xor 2", "layer3+4 1")
    assert "bridge vlan add vid 100 dev mgmt-bo" in run.of("node1").result["restored"]
    assert compare(others, capture(node)) == []

    assert not ansible.module("bond_profile", arguments).of("node1").changed


@pytest.mark.long
def test_options_that_the_kernel_takes_live_touch_nothing_else(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node2"]
    others = capture(node)
    arguments = {"id": "bond-mgmt", "bond": {"updelay": 300, "primary": "eno2", "num_grat_arp": 3}}
    run = ansible.module("bond_profile", arguments, "node2")
    assert run.of("node2").how() == {"mgmt-bo": "kernel"}, run.output
    assert (bonding(node, "updelay"), bonding(node, "primary"), bonding(node, "num_grat_arp")) == ("300", "eno2", "3")
    assert compare(others, capture(node)) == []
    assert not ansible.module("bond_profile", arguments, "node2").of("node2").changed


@pytest.mark.long
@pytest.mark.parametrize("name", ["node1", "node3"])
@pytest.mark.debian12
def test_a_port_is_replaced_and_only_its_own_profile_goes(name: str, nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes[name]
    first, second, third = node.spec.nics[:3]
    others = capture(node)
    bad = ansible.module("bond_profile", {"id": "bond-mgmt", "ports": [first, "eth77"]}, name)
    assert bad.of(name).msg.startswith("profile 'bond-slave-eth77': interface_name=eth77: this node has no such NIC")

    arguments = {"id": "bond-mgmt", "ports": [first, third]}
    check = ansible.module("bond_profile", arguments, name, check=True)
    assert check.of(name).actions()[f"bond-slave-{second}"] == "removed"
    assert bonding(node, "slaves").split() == [first, second]

    run = ansible.module("bond_profile", arguments, name)
    assert run.of(name).actions() == {
        "bond-mgmt": "unchanged",
        f"bond-slave-{first}": "unchanged",
        f"bond-slave-{third}": "created",
        f"bond-slave-{second}": "removed",
    }
    assert sorted(bonding(node, "slaves").split()) == sorted([first, third]), run.output
    assert compare(others, capture(node)) == []
    assert not ansible.module("bond_profile", arguments, name).of(name).changed
