# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity, NICs and ARP settings, read from a folder that looks like a node."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.host import _nics, _report, _sysctl
from ansible_collections.harvester.network.plugins.modules import host_info

Run = Callable[[Sequence[str]], tuple[int, str, str]]


class Root:
    """A folder as the root of a node."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def file(self, path: str, text: str) -> None:
        target = self.path / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n")

    def arp(self, device: str, value: int) -> None:
        self.file(f"proc/sys/net/ipv4/conf/{device}/arp_ignore", str(value))

    def nic(self, name: str, driver: str = "ixgbe", bus: str = "0000:3b:00.0", **files: str) -> None:
        pci = self.path / "sys/bus/pci" / bus
        pci.mkdir(parents=True, exist_ok=True)
        module = self.path / "sys/module" / driver
        module.mkdir(parents=True, exist_ok=True)
        (pci / "driver").symlink_to(module)
        folder = self.path / "sys/class/net" / name
        folder.mkdir(parents=True)
        (folder / "device").symlink_to(pci)
        for file, text in files.items():
            self.file(f"sys/class/net/{name}/{file}", text)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


def links(*found: dict[str, Any]) -> Run:
    def run(argv: Sequence[str]) -> tuple[int, str, str]:
        assert tuple(argv) == _nics.LINKS
        return 0, json.dumps(found), ""

    return run


# -- sysctl ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("net.ipv4.conf.all.arp_ignore = 2", "net/ipv4/conf/all/arp_ignore"),
        ("-net.ipv4.conf.all.arp_ignore=2", "net/ipv4/conf/all/arp_ignore"),
        ("- net/ipv4/conf/all/arp_ignore=2", "net/ipv4/conf/all/arp_ignore"),
        ("net.ipv4.conf.mgmt-br/2017.arp_ignore=2", "net/ipv4/conf/mgmt-br.2017/arp_ignore"),
        ("net/ipv4/conf/mgmt-br.2017/arp_ignore=2", "net/ipv4/conf/mgmt-br.2017/arp_ignore"),
        ("net.ipv4.conf.*.arp_ignore=2", "net/ipv4/conf/*/arp_ignore"),
    ],
)
def test_a_key_is_read_however_it_is_spelt(line: str, key: str) -> None:
    assert [(found.key, found.value) for found in _sysctl.parse("/etc/sysctl.conf", line)] == [(key, "2")]


@pytest.mark.parametrize("line", ["# net.ipv4.conf.all.arp_ignore=2", "; x=2", "", "net.ipv4.ip_forward"])
def test_what_sets_nothing_is_passed_over(line: str) -> None:
    assert _sysctl.parse("/etc/sysctl.conf", line) == []


def test_files_apply_by_name_and_a_folder_hides_the_same_name_of_later_ones(root: Root) -> None:
    root.file("/usr/lib/sysctl.d/10-a.conf", "kernel.a=hidden")
    root.file("/etc/sysctl.d/10-a.conf", "kernel.a=1")
    root.file("/usr/lib/sysctl.d/50-b.conf", "kernel.b=2")
    root.file("/run/sysctl.d/05-c.conf", "kernel.c=3")
    root.file("/etc/sysctl.d/60-d.conf.bak", "kernel.d=4")
    root.file("/etc/sysctl.conf", "kernel.e=5")
    assert [(found.path, found.value) for found in _sysctl.read(str(root))] == [
        ("/run/sysctl.d/05-c.conf", "3"),
        ("/etc/sysctl.d/10-a.conf", "1"),
        ("/usr/lib/sysctl.d/50-b.conf", "2"),
        ("/etc/sysctl.conf", "5"),
    ]


def test_a_link_to_nowhere_hides_a_file_and_sets_nothing(root: Root) -> None:
    root.file("/usr/lib/sysctl.d/10-a.conf", "kernel.a=1")
    (root.path / "etc/sysctl.d").mkdir(parents=True)
    (root.path / "etc/sysctl.d/10-a.conf").symlink_to(root.path / "nowhere")
    assert _sysctl.read(str(root)) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"all": 0, "mgmt-br": 0}, (0, 0, 0)),
        ({"all": 2, "mgmt-br": 0}, (0, 2, 2)),
        ({"all": 0, "mgmt-br": 3}, (3, 0, 3)),
        ({"all": 1, "mgmt-br": 8}, (8, 1, 8)),
    ],
)
def test_the_larger_value_of_device_and_all_counts(
    root: Root, values: dict[str, int], expected: tuple[int, int, int]
) -> None:
    for device, value in values.items():
        root.arp(device, value)
    (found,) = _sysctl.arp_ignore(["mgmt-br"], str(root))
    assert (found.own, found.all, found.effective) == expected


def test_the_lines_that_set_it_are_named(root: Root) -> None:
    root.arp("all", 2)
    root.arp("mgmt-br.2017", 0)
    root.file("/etc/sysctl.d/90-lb.conf", "# for the load balancer\nnet.ipv4.conf.all.arp_ignore=2")
    root.file("/etc/sysctl.d/91-lb.conf", "net.ipv4.conf.mgmt-br*.arp_ignore=2\nnet.ipv4.conf.eth0.arp_ignore=2")
    root.file("/etc/sysctl.d/92-lb.conf", "net.ipv4.conf.default.arp_ignore=0\nnet.ipv4.conf.all.arp_announce=2")
    (found,) = _sysctl.arp_ignore(["mgmt-br.2017"], str(root))
    assert [(line.path, line.line) for line in found.set_by] == [
        ("/etc/sysctl.d/90-lb.conf", 2),
        ("/etc/sysctl.d/91-lb.conf", 1),
    ]


def test_a_device_that_is_not_there_is_left_out(root: Root) -> None:
    root.arp("all", 0)
    assert _sysctl.arp_ignore(["nope-br"], str(root)) == []


# -- NICs ------------------------------------------------------------------------------------------------------------


def test_a_nic_is_what_has_hardware_behind_it(root: Root) -> None:
    root.nic("eno1", speed="10000", duplex="full", carrier="1")
    (root.path / "sys/class/net/mgmt-bo").mkdir()
    run = links(
        {"ifname": "mgmt-bo", "mtu": 1500, "operstate": "UP"},
        {
            "ifname": "eno1",
            "mtu": 1500,
            "max_mtu": 9710,
            "operstate": "UP",
            "address": "52:54:00:00:00:02",
            "permaddr": "52:54:00:00:00:01",
            "master": "mgmt-bo",
        },
    )
    assert [nic._asdict() for nic in _nics.read(run, str(root))] == [
        {
            "name": "eno1",
            "driver": "ixgbe",
            "bus": "0000:3b:00.0",
            "mac": "52:54:00:00:00:02",
            "permanent_mac": "52:54:00:00:00:01",
            "operstate": "up",
            "carrier": True,
            "speed": 10000,
            "duplex": "full",
            "mtu": 1500,
            "max_mtu": 9710,
            "controller": "mgmt-bo",
            "virtual_functions": 0,
            "physical_function": None,
        }
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"speed": "-1", "duplex": "unknown", "carrier": "0"}, (False, None, None)),
        ({"speed": "65535", "duplex": "half", "carrier": "1"}, (True, None, "half")),
        ({}, (None, None, None)),
    ],
)
def test_what_a_driver_does_not_say_is_null(root: Root, files: dict[str, str], expected: tuple[Any, ...]) -> None:
    root.nic("eno1", **files)
    (nic,) = _nics.read(links({"ifname": "eno1", "mtu": 1500, "max_mtu": 0}), str(root))
    assert (nic.carrier, nic.speed, nic.duplex) == expected
    assert (nic.max_mtu, nic.operstate, nic.mac, nic.permanent_mac) == (None, "unknown", None, None)


def test_virtual_functions_are_told_from_their_nic(root: Root) -> None:
    root.nic("eno1", bus="0000:3b:00.0")
    root.nic("eno1v0", driver="ixgbevf", bus="0000:3b:10.0")
    root.file("sys/bus/pci/0000:3b:00.0/sriov_numvfs", "4")
    (root.path / "sys/bus/pci/0000:3b:00.0/net/eno1").mkdir(parents=True)
    (root.path / "sys/bus/pci/0000:3b:10.0/physfn").symlink_to(root.path / "sys/bus/pci/0000:3b:00.0")
    found = _nics.read(links({"ifname": "eno1v0", "mtu": 1500}, {"ifname": "eno1", "mtu": 1500}), str(root))
    assert [(nic.name, nic.virtual_functions, nic.physical_function) for nic in found] == [
        ("eno1", 4, None),
        ("eno1v0", 0, "eno1"),
    ]


def test_ip_that_fails_is_an_error(root: Root) -> None:
    with pytest.raises(NetworkError) as caught:
        _nics.read(lambda argv: (127, "", "ip: No such file or directory"), str(root))
    assert str(caught.value) == "ip -j -d link show: exit status 127 (ip: No such file or directory)"


# -- the module ------------------------------------------------------------------------------------------------------


def test_by_default_the_devices_of_harvester_are_looked_at(root: Root) -> None:
    for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017", "vm-a-br", "vm-a-bo", "eno1", "br", "docker-bridge", "x-br.a"):
        (root.path / "sys/class/net" / name).mkdir(parents=True)
    assert _report.harvester_devices(str(root)) == ["mgmt-bo", "mgmt-br", "mgmt-br.2017", "vm-a-bo", "vm-a-br"]


def _keys(documented: dict[str, Any]) -> dict[str, Any]:
    return {name: _keys(item["contains"]) if "contains" in item else None for name, item in documented.items()}


def _shape(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _shape(value[0]) if isinstance(value, list) and value and isinstance(value[0], dict) else None
        for name, value in found.items()
    }


def test_the_report_is_as_documented(root: Root) -> None:
    root.nic("eno1")
    root.arp("all", 2)
    root.arp("mgmt-br", 0)
    (root.path / "sys/class/net/mgmt-br").mkdir()
    root.file("/etc/sysctl.d/90-lb.conf", "net.ipv4.conf.all.arp_ignore=2")
    root.file("/etc/machine-id", "abc")
    root.file("/proc/sys/kernel/random/boot_id", "def")
    root.file("/proc/sys/kernel/osrelease", "6.12.0")
    found = _report.report(links({"ifname": "eno1", "mtu": 1500}), root=str(root))
    assert _shape(found) == _keys(yaml.safe_load(host_info.RETURN))
    assert (found["machine_id"], found["boot_id"], found["kernel"]) == ("abc", "def", "6.12.0")


def test_a_node_without_these_files_is_no_error(tmp_path: Path) -> None:
    assert _report.report(links(), root=str(tmp_path)) == {
        "machine_id": "",
        "boot_id": "",
        "kernel": "",
        "nics": [],
        "arp_ignore": [],
    }
