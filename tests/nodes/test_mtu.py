# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU of the management network, live, on nodes of both groups: bad input, check mode, change, idempotent."""

from __future__ import annotations

import pytest
from runs import Ansible
from state import DEVICES, files, mtu_items, mtus

from lab import Lab, Node
from lab.bystanders import VmPing, capture, compare

pytestmark = pytest.mark.nodes

ALL = "harvester_nodes"


@pytest.mark.oldest
@pytest.mark.debian12
def test_mtu_goes_live_while_bystanders_go_on(lab: Lab, nodes: dict[str, Node], ansible: Ansible) -> None:
    before = {name: (files(node), mtus(node), capture(node)) for name, node in nodes.items()}
    node1, node2 = nodes["node1"], nodes["node2"]
    assert node1.ping(node2.spec.mgmt_address, size=1472)
    assert not node1.ping(node2.spec.mgmt_address, size=8972, count=1)

    bad = ansible.module("profiles", {"profiles": [{"id": "vlan-mgmt", "mtu": 9000}]}, ALL)
    assert bad.of("node1").msg == (
        "profile 'vlan-mgmt': mtu=9000: 9000 bytes are above the 1500 of profile 'bridge-mgmt', on which mgmt-br.2017"
        " lies; raise 'bridge-mgmt' too, or give at most 1500"
    )

    check = ansible.module("profiles", {"profiles": mtu_items(9000)}, ALL, check=True)
    for name in nodes:
        assert check.of(name).changed
        assert check.of(name).how() == dict.fromkeys(DEVICES, "kernel")
    assert {name: (files(node), mtus(node), capture(node)) for name, node in nodes.items()} == before

    with VmPing(node1, node2) as ping:
        run = ansible.module("profiles", {"profiles": mtu_items(9000)}, ALL)
    assert run.status == 0, run.output
    assert run.warnings() == []
    for name, node in nodes.items():
        result = run.of(name)
        assert result.changed
        assert set(result.actions().values()) == {"changed"}
        # Check mode had told exactly this.
        assert result.how() == check.of(name).how()
        assert result.result["diff"] == check.of(name).result["diff"]
        assert result.result["reboot_required"] is False
        now = mtus(node)
        assert {now[device] for device in (*DEVICES, *node.spec.nics[:2])} == {9000}
        assert (now["vethvm1"], now["flannel.1"], now["mgmt-br.2030"]) == (1500, 1450, 1500)
        assert compare(before[name][2], capture(node)) == []
    assert ping.lost == 0, ping
    assert node1.ping(node2.spec.mgmt_address, size=8972)
    assert not node1.ping(node2.spec.mgmt_address, size=8973, count=1)

    again = ansible.module("profiles", {"profiles": mtu_items(9000)}, ALL)
    for name in nodes:
        assert not again.of(name).changed
        assert set(again.of(name).actions().values()) == {"unchanged"}
        assert again.of(name).how() == {}


@pytest.mark.long
def test_mtu_goes_down_again_and_files_end_as_they_began(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    before = files(node)
    assert ansible.module("profiles", {"profiles": mtu_items(9000)}).status == 0
    run = ansible.module("profiles", {"profiles": mtu_items(1500)})
    assert run.of("node1").changed, run.output
    assert {mtus(node)[device] for device in DEVICES} == {1500}
    assert files(node) == before


@pytest.mark.long
def test_no_mtu_line_reads_as_1500_and_null_takes_the_line_out(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node3"]
    before = files(node)
    assert "mtu=" not in before
    for value in (1500, 0):
        assert not ansible.module("profiles", {"profiles": mtu_items(value)}, "node3").of("node3").changed
    assert ansible.module("profiles", {"profiles": mtu_items(9000)}, "node3").of("node3").changed
    items = [{"id": item["id"], "mtu": None} for item in mtu_items(0)]
    run = ansible.module("profiles", {"profiles": items}, "node3")
    assert run.of("node3").changed, run.output
    assert {mtus(node)[device] for device in DEVICES} == {1500}
    assert files(node) == before


@pytest.mark.long
def test_what_is_pending_comes_from_the_kernel(nodes: dict[str, Node], ansible: Ansible) -> None:
    """Somebody set a device by hand: the file is right, the kernel is not, and the next run says and mends it."""
    node = nodes["node1"]
    assert ansible.module("profiles", {"profiles": mtu_items(9000)}).status == 0
    node.run("ip link set dev mgmt-br.2017 mtu 1400")
    run = ansible.module("profiles", {"profiles": mtu_items(9000)})
    assert set(run.of("node1").actions().values()) == {"unchanged"}
    assert run.of("node1").result["devices"] == [{"name": "mgmt-br.2017", "how": "kernel", "why": "MTU 1400 to 9000"}]
    assert node.mtu("mgmt-br.2017") == 9000
