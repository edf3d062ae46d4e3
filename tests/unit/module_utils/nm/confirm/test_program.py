# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that puts a node back, and a loss of power after each of its steps."""

from __future__ import annotations

import pathlib

import pytest
from confirm_node import BOND, BOOT, NEW, PROFILES, VLAN, Node


@pytest.fixture
def node(tmp_path: pathlib.Path) -> Node:
    found = Node(tmp_path)
    found.arm()
    found.break_it()
    return found


def test_files_and_devices_are_as_before(node: Node) -> None:
    assert node.program() == 0
    assert node.files() == PROFILES
    assert (node.net / "mgmt-bo/mtu").read_text() == "1500\n"
    assert not (node.net / "mgmt-br.2018").exists()
    there = node.checkpoint().found()
    assert there.state == "restored"
    assert there.report.failed == ()
    assert there.report.done == (
        "profile file bond-mgmt.nmconnection put back",
        "profile file bridge-mgmt.nmconnection put back",
        "profile file vlan-mgmt.nmconnection put back",
        f"profile file {NEW} removed, it was not there before",
        "profiles loaded",
        "mgmt-br.2017: addresses put back",
        "mgmt-bo: MTU 9000 to 1500",
        "mgmt-bo: VLAN id 2017 added",
        "mgmt-bo: VLAN id 2018 removed",
        "mgmt-br.2018 removed, it was not there before",
    )


def test_a_gentle_way_back_activates_nothing(node: Node) -> None:
    node.program()
    assert [line for line in node.log() if line.startswith("nmcli") and " up " in line] == []
    assert [line for line in node.log() if " down" in line] == []


def test_only_what_is_gone_is_brought_up(node: Node) -> None:
    lose(node, "mgmt-br.2017")
    (node.net / "mgmt-bo/master").unlink()
    node.program()
    ups = [line for line in node.log() if " up " in line]
    assert ups == ["nmcli -w 60 connection up id bond-mgmt", "nmcli -w 60 connection up id vlan-mgmt"]
    # What another had given the device that was lost: the route, never the address.
    assert "ip -4 route add 198.51.100.0/24 via 192.0.2.1 dev mgmt-br.2017 proto static" in node.log()
    assert not any("192.0.2.200" in line for line in node.log())


def lose(node: Node, device: str) -> None:
    (node.net / device / "mtu").unlink()
    (node.net / device).rmdir()


def test_a_device_that_went_with_another_is_named(node: Node) -> None:
    """flannel's device goes with the VLAN device; only its maker can make it again."""
    lose(node, "flannel.1")
    node.program()
    assert node.checkpoint().found().report.failed == (
        "flannel.1: it lay on mgmt-br.2017 and went with it; have it made again, or reboot",
    )


def test_in_another_boot_nobody_waits_for_what_lay_on_a_device(node: Node) -> None:
    lose(node, "flannel.1")
    node.put("proc/sys/kernel/random/boot_id", "another")
    node.program()
    assert node.checkpoint().found().report.failed == ()


@pytest.mark.parametrize(
    ("boot", "now", "after"),
    [(BOOT, 1449, 1450), (BOOT, 1450, 1450), (BOOT, 8950, 8950), ("another", 1449, 1449)],
    ids=["lowered", "as it was", "raised by its maker", "made in another boot"],
)
def test_what_lies_on_a_device_gets_back_the_mtu_that_it_lost(node: Node, boot: str, now: int, after: int) -> None:
    """The kernel lowers it with the device below, and raises it with nothing."""
    node.device("flannel.1", now)
    node.put("proc/sys/kernel/random/boot_id", boot)
    node.program()
    assert (node.net / "flannel.1/mtu").read_text() == f"{after}\n"
    said = f"flannel.1: MTU {now} to {after}"
    assert (said in node.checkpoint().found().report.done) == (now != after)


def test_units_are_read_again_after_the_program(node: Node) -> None:
    """Read again meanwhile, its service would have no file, and systemd's own bound of 90 seconds for its start."""
    node.program()
    later = "--property=After=harvester-network-confirm.service systemctl daemon-reload"
    assert f"systemd-run --quiet --collect --no-block {later}" in node.log()
    assert not any(line.startswith("systemctl") and "daemon-reload" in line for line in node.log())


def manifest(node: Node) -> pathlib.Path:
    return node.root / "etc/NetworkManager/harvester-network-confirm/manifest"


def test_each_device_gets_its_own_addresses_back(node: Node) -> None:
    """Two devices with addresses: the lines of one are read while the other is put back."""
    more = "addressed mgmt-br.2020 other.nmconnection\naddress mgmt-br.2020 198.51.100.5/24\n"
    manifest(node).write_text(manifest(node).read_text().replace("bond mgmt-bo mode", more + "bond mgmt-bo mode"))
    node.device("mgmt-br.2020", 1500)
    node.put("addresses-mgmt-br.2020", "6: mgmt-br.2020 inet 198.51.100.5/24 scope global")
    node.program()
    assert [line.split()[-1] for line in node.log() if "GetDeviceByIpIface" in line] == ["mgmt-br.2017"]


@pytest.mark.parametrize(("flags", "reapplied"), [("global", True), ("global dynamic noprefixroute", False)])
def test_a_vip_is_no_lease(node: Node, flags: str, reapplied: bool) -> None:
    text = manifest(node).read_text()
    manifest(node).write_text(text.replace("address mgmt-br.2017 192.0.2.11/24", "lease mgmt-br.2017"))
    node.write("vlan-mgmt.nmconnection", VLAN)
    node.put("addresses-mgmt-br.2017", f"5: mgmt-br.2017 inet 192.0.2.200/32 scope {flags} mgmt-br.2017")
    node.program()
    assert any("Reapply" in line for line in node.log()) is reapplied


@pytest.mark.parametrize(
    ("broken", "instead"),
    [
        ("no-load", "all profiles read again"),
        ("no-reapply", "mgmt-br.2017 brought up by profile vlan-mgmt"),
    ],
)
def test_a_way_that_failed_is_no_failure_when_another_led_there(node: Node, broken: str, instead: str) -> None:
    node.put(broken, "")
    node.put("addresses-mgmt-br.2017", "5: mgmt-br.2017 inet 192.0.2.11/24 scope global")
    node.program()
    there = node.checkpoint().found()
    assert there.report.failed == ()
    assert instead in there.report.done


def test_a_bond_whose_mode_differs_is_activated_and_other_options_are_written(node: Node) -> None:
    node.put("sys/class/net/mgmt-bo/bonding/miimon", "200")
    node.program()
    assert (node.net / "mgmt-bo/bonding/miimon").read_text() == "100\n"
    assert "nmcli -w 60 connection up id bond-mgmt" not in node.log()
    assert "mgmt-bo: bond option miimon put back to 100" in node.checkpoint().found().report.done


def test_what_cannot_be_put_back_is_told(node: Node) -> None:
    node.put("sys/class/net/mgmt-bo/bonding/mode", "balance-rr 0")
    node.program()
    assert node.log().count("nmcli -w 60 connection up id bond-mgmt") == 3
    assert node.checkpoint().found().report.failed == (
        "mgmt-bo: bond option mode is balance-rr 0, was active-backup 1",
    )
    assert node.files() == PROFILES


def test_ports_and_routes_of_others_are_left_alone_in_another_boot(node: Node) -> None:
    node.device("veth1", 1500)
    node.put("proc/sys/kernel/random/boot_id", "another")
    node.program()
    assert not any("veth1 master" in line for line in node.log())


def test_a_port_that_fell_off_the_bridge_comes_back_with_its_ids(node: Node) -> None:
    node.device("veth1", 1500)
    (node.root / "vlans-veth1").touch()
    node.program()
    assert "ip link set dev veth1 master mgmt-br" in node.log()
    assert "bridge vlan del vid 1 dev veth1" in node.log()


def test_a_copy_that_is_damaged_is_never_written(node: Node) -> None:
    copy = node.root / "etc/NetworkManager/harvester-network-confirm/files/0"
    copy.write_text("x" + copy.read_text())
    node.program()
    assert node.files()["bond-mgmt.nmconnection"] == BOND.replace("1500", "9000")
    assert "bond-mgmt.nmconnection: its copy is damaged" in node.checkpoint().found().report.failed


@pytest.mark.parametrize("refused", [False, True])
def test_a_context_is_put_back_and_a_system_without_it_gets_the_profile_all_the_same(node: Node, refused: bool) -> None:
    context = "system_u:object_r:NetworkManager_etc_rw_t:s0"
    manifest(node).write_text(manifest(node).read_text().replace(" 600 - ", f" 600 {context} "))
    if refused:
        node.put("no-chcon", "")
    node.program()
    folder = node.connections
    assert f"chcon {context} {folder}/.bond-mgmt.nmconnection.harvester-network" in node.log()
    assert node.files() == PROFILES
    failed = node.checkpoint().found().report.failed
    expected = f"profile file bond-mgmt.nmconnection: SELinux context {context} is not set"
    assert (expected in failed) is refused


@pytest.mark.parametrize("name", ["../../passwd", ".hidden", "x/y", "backup~"])
def test_only_names_inside_system_connections_are_written(node: Node, name: str) -> None:
    folder = node.root / "etc/NetworkManager/harvester-network-confirm"
    (folder / "manifest").write_text((folder / "manifest").read_text().replace("bond-mgmt.nmconnection", name))
    node.program()
    report = (folder / "report").read_text()
    assert "failed no line of a checkpoint: file " in report
    assert list(node.root.rglob("passwd")) == []
    assert name not in node.files()


def test_a_change_under_way_comes_to_its_end_first(node: Node) -> None:
    node.put("live", "")
    before = node.files()
    assert node.program() == 0
    assert node.files() == before
    assert node.checkpoint().found().state == "armed"
    assert "systemctl --no-block restart harvester-network-confirm.timer" in node.log()


def test_once_and_only_once(node: Node) -> None:
    node.program()
    node.write("vlan-mgmt.nmconnection", VLAN.replace("192.0.2.11", "192.0.2.50"))
    assert node.program() == 0
    assert "192.0.2.50" in node.files()["vlan-mgmt.nmconnection"]


def test_no_unit_is_left_afterwards(node: Node) -> None:
    node.program()
    assert [path.name for path in (node.root / "etc/systemd/system").rglob("*") if not path.is_dir()] == []


def test_power_may_be_lost_after_any_step(tmp_path: pathlib.Path) -> None:
    """Every profile file is the old one or the new one, whole, and the next boot brings the node back."""
    cut = 0
    while True:
        cut += 1
        node = Node(tmp_path / str(cut))
        node.touched = ("bond-mgmt.nmconnection", NEW)
        node.arm()
        node.break_a_little()
        broken = node.files()
        status = node.program(cut)
        for name, text in node.files().items():
            assert name.startswith(".") or text in (PROFILES.get(name), broken.get(name)), (cut, name)
        if status == 0:
            assert node.calls < cut
            break
        # Beyond the last word on the disk only units are removed.
        if (node.root / "etc/systemd/system/harvester-network-confirm.service").exists():
            node.put("proc/sys/kernel/random/boot_id", "another")
            assert node.program() == 0, cut
        assert node.files() == PROFILES, cut
        there = node.checkpoint().found()
        assert (there.state, there.report.failed) == ("restored", ()), cut
        assert (node.net / "mgmt-bo/mtu").read_text() == "1500\n", cut
    assert cut > 20
