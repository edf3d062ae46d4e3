# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab proves itself: switch, router, cables, bystanders, snapshots, reboots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from lab import Lab, Node, Progress, layout
from lab.bystanders import VmPing, capture, compare

pytestmark = pytest.mark.lab

FULL = 28
"""Bytes of IP and ICMP header: a ping of size MTU - 28 is a packet of MTU bytes."""


@pytest.fixture(scope="module")
def running() -> Lab:
    return Lab(progress=Progress()).up()


@pytest.fixture
def lab(running: Lab) -> Iterator[Lab]:
    running.restore()
    yield running
    running.switch.reset()


def until(what: Callable[[], bool], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def raise_mtu(node: Node, mtu: int = 9000) -> None:
    node.run(f"for d in mgmt-bo mgmt-br mgmt-br.2017; do ip link set $d mtu {mtu}; done")


def test_nodes_look_like_harvester(lab: Lab) -> None:
    for node in lab.nodes:
        assert node.output("sed -n 's/^PRETTY_NAME=//p' /etc/os-release") == '"Harvester v1.8.2"'
        assert node.output("findmnt -n -o SOURCE /etc/NetworkManager").endswith("/etc-NetworkManager.bind]")
        shown = node.output("nmcli -t -f NAME,TYPE,DEVICE connection show --active").splitlines()
        own = [f"bond-slave-{nic}:802-3-ethernet:{nic}" for nic in node.spec.bond_ports]
        assert {"bond-mgmt:bond:mgmt-bo", "bridge-mgmt:bridge:mgmt-br", "vlan-mgmt:vlan:mgmt-br.2017", *own} < set(
            shown
        )
        assert node.output("stat -c %a /etc/NetworkManager/system-connections/*").split() == ["600"] * 5
        assert {node.mtu(device) for device in ("mgmt-bo", "mgmt-br", "mgmt-br.2017")} == {1500}
        assert node.output("sudo -n id -un", user="rancher") == "root"


def test_node_with_dhcp_has_its_address(lab: Lab) -> None:
    node = lab["node3"]
    assert node.spec.method == "dhcp"
    addresses = node.json("ip -j -4 addr show dev mgmt-br.2017")[0]["addr_info"]
    assert node.spec.mgmt_address in [entry["local"] for entry in addresses if entry.get("dynamic")]
    assert "via 10.217.0.1" in node.output("ip route show default")


def test_a_restore_forgets_a_lease_that_would_keep_the_address_from_its_node(lab: Lab) -> None:
    node = lab["node3"]
    lab.restore()
    # the first lease after the restore is one under another client id
    node.run(
        "nmcli connection modify vlan-mgmt ipv4.dhcp-client-id other && nmcli device reapply mgmt-br.2017 && sleep 3"
    )
    assert until(lambda: bool(node.output("ip -4 -br addr show dev mgmt-br.2017 scope global")))
    lab.restore()
    node.reboot()
    addresses = node.json("ip -j -4 addr show dev mgmt-br.2017")[0]["addr_info"]
    assert node.spec.mgmt_address in [entry["local"] for entry in addresses if entry.get("dynamic")]


def test_tagged_frames_pass_between_nodes(lab: Lab) -> None:
    for node in lab.nodes:
        for other in lab.nodes:
            assert node.ping(other.spec.mgmt_address), f"{node.name} to {other.name}"
            assert node.ping(other.spec.vm_address, namespace="vm1"), f"VM of {node.name} to VM of {other.name}"
            assert node.ping(f"10.30.0.{other.spec.number}"), f"VLAN 2030 of {node.name} to {other.name}"


def test_a_vlan_taken_off_the_bond_stops_at_once(lab: Lab) -> None:
    node = lab["node1"]
    node.run("bridge vlan del vid 100 dev mgmt-bo")
    assert not node.ping(lab["node2"].spec.vm_address, namespace="vm1", count=2)
    node.run("bridge vlan add vid 100 dev mgmt-bo")
    assert until(lambda: node.ping(lab["node2"].spec.vm_address, namespace="vm1"))


def test_jumbo_passes_when_raised_and_restore_takes_it_back(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    before = capture(one)
    assert one.ping(two.spec.mgmt_address, size=1500 - FULL)
    assert not one.ping(two.spec.mgmt_address, size=1501 - FULL, count=1)
    with VmPing(one, two) as ping:
        for node in lab.nodes:
            raise_mtu(node)
    assert ping.lost == 0, ping
    assert one.ping(two.spec.mgmt_address, size=9000 - FULL)
    assert two.ping(lab["node3"].spec.mgmt_address, size=9000 - FULL)
    assert not one.ping(two.spec.mgmt_address, size=9001 - FULL, count=1)
    assert compare(before, capture(one)) == []

    lab.restore()
    assert one.mtu("mgmt-bo") == one.mtu("eno1") == one.mtu("mgmt-br.2017") == 1500
    assert one.ping(two.spec.mgmt_address)
    assert compare(before, capture(one)) == []


def test_a_port_at_1500_drops_what_is_longer_in_both_directions(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    raise_mtu(one)
    raise_mtu(two)
    assert one.ping(two.spec.mgmt_address, size=9000 - FULL)
    lab.switch.set_ports(["node1/u1", "node1/u2"], mtu=1500)
    assert one.ping(two.spec.mgmt_address, size=1500 - FULL)
    for source, target in ((one, two), (two, one)):
        assert not source.ping(target.spec.mgmt_address, size=1501 - FULL, count=2, dont_fragment=False)
    lab.switch.reset()
    assert one.ping(two.spec.mgmt_address, size=9000 - FULL)


def test_a_pulled_cable_fails_over(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    first = one.active_port()
    port = f"u{one.spec.nics.index(first) + 1}"
    with VmPing(two, one) as ping:
        one.unplug(port)
        assert until(lambda: one.active_port() != first)
        time.sleep(2)
    assert one.output(["cat", f"/sys/class/net/{first}/carrier"]) == "0"
    assert ping.vm.longest_gap < 2, ping
    assert ping.node.longest_gap < 2, ping
    assert one.ping(two.spec.mgmt_address)
    one.plug(port)
    assert until(lambda: one.output(["cat", f"/sys/class/net/{first}/carrier"]) == "1")


def test_a_silent_failure_leaves_the_link_up(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    first = one.active_port()
    port = f"u{one.spec.nics.index(first) + 1}"
    one.unplug(port, silent=True)
    assert not one.ping(two.spec.mgmt_address, count=3)
    assert one.active_port() == first
    assert one.output(["cat", f"/sys/class/net/{first}/carrier"]) == "1"
    one.plug(port)
    assert until(lambda: one.ping(two.spec.mgmt_address))


def test_a_restricted_port_passes_its_vlans_only(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    lab.switch.set_ports([f"node1/{port}" for port in layout.UPLINKS], vlans=[2017, 2030])
    assert one.ping(two.spec.mgmt_address)
    assert one.ping("10.30.0.2")
    assert not one.ping(two.spec.vm_address, namespace="vm1", count=2)
    assert two.ping(lab["node3"].spec.vm_address, namespace="vm1")


def test_a_strict_trunk_drops_untagged_frames(lab: Lab) -> None:
    one, two = lab["node1"], lab["node2"]
    for node in (one, two):
        node.run(f"ip addr add 10.53.0.{node.spec.number}/24 dev mgmt-br")
    assert one.ping("10.53.0.2")
    lab.switch.set_ports([f"node1/{port}" for port in layout.UPLINKS], strict=True)
    assert not one.ping("10.53.0.2", count=2)
    assert one.ping(two.spec.mgmt_address)


def test_the_router_has_an_mtu_of_its_own(lab: Lab) -> None:
    one = lab["node1"]
    raise_mtu(one)
    assert one.ping(layout.GATEWAY, size=9000 - FULL)
    assert one.ping(layout.BEYOND_ADDRESS, size=1500 - FULL)
    shown = one.run(f"ping -n -M do -c 2 -s {9000 - FULL} {layout.BEYOND_ADDRESS}", check=False).stdout
    assert "From 10.217.0.1 " in shown, shown
    assert "mtu = 1500" in shown or "mtu=1500" in shown, shown
    lab.switch.set_router(beyond_mtu=9000)
    one.run("ip route flush cache")
    assert one.ping(layout.BEYOND_ADDRESS, size=9000 - FULL)
    lab.switch.set_router(mtu=1500)
    assert not one.ping(layout.GATEWAY, size=9000 - FULL, count=2)
    assert one.ping(layout.GATEWAY, size=1500 - FULL)


def test_reboot_gives_a_new_boot_id_and_everything_back(lab: Lab) -> None:
    node = lab["node3"]
    before, boot_id = capture(node), node.boot_id()
    node.run("nmcli connection modify vlan-mgmt ipv4.dns-search lab.example")
    assert node.reboot() != boot_id
    assert node.output("nmcli -g ipv4.dns-search connection show vlan-mgmt") == "lab.example"
    after = capture(node)
    for found in (before, after):
        for value in found.values():
            if isinstance(value, dict):
                value.pop("ifindex", None)
    assert compare(before, after) == []
    assert node.ping(lab["node1"].spec.mgmt_address)

    lab.restore()
    assert node.boot_id() == boot_id
    assert node.output("nmcli -g ipv4.dns-search connection show vlan-mgmt") == ""
    assert node.ping(lab["node1"].spec.mgmt_address)


def test_power_can_go_and_come(lab: Lab) -> None:
    node = lab["node2"]
    boot_id = node.boot_id()
    node.power_off()
    assert not lab["node1"].ping(node.spec.mgmt_address, count=1)
    lab.restore()
    assert node.boot_id() == boot_id
    assert lab["node1"].ping(node.spec.mgmt_address)


def test_snapshots_have_names(lab: Lab) -> None:
    node = lab["node1"]
    node.write("/var/tmp/mark", "kept\n")
    lab.snapshot("marked")
    node.run("rm /var/tmp/mark")
    lab.restore("marked")
    assert node.read("/var/tmp/mark") == "kept\n"
    lab.restore()
    assert node.run("test -e /var/tmp/mark", check=False).returncode == 1
    assert abs(float(node.output("date +%s")) - time.time()) < 5
