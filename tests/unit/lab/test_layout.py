# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes' profiles are those that Harvester's installer writes (harvester-installer, nm-*.nmconnection)."""

from __future__ import annotations

import configparser
import io
import tarfile

import pytest

from lab import layout


def read(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def profiles(node: str, name: layout.LayoutName) -> dict[str, dict[str, dict[str, str]]]:
    return {file: read(text) for file, text in layout.profiles(layout.node_spec(node), name).items()}


def test_static_node_with_management_vlan() -> None:
    assert profiles("node1", "vlan") == {
        "bond-mgmt.nmconnection": {
            "connection": {
                "id": "bond-mgmt",
                "type": "bond",
                "interface-name": "mgmt-bo",
                "master": "mgmt-br",
                "slave-type": "bridge",
            },
            "ethernet": {"mtu": "1500"},
            "bond": {"miimon": "100", "mode": "active-backup"},
            "bridge-port": {"vlans": "1 pvid untagged,2017"},
        },
        "bond-slave-eno1.nmconnection": {
            "connection": {
                "id": "bond-slave-eno1",
                "type": "ethernet",
                "interface-name": "eno1",
                "master": "mgmt-bo",
                "slave-type": "bond",
            }
        },
        "bond-slave-eno2.nmconnection": {
            "connection": {
                "id": "bond-slave-eno2",
                "type": "ethernet",
                "interface-name": "eno2",
                "master": "mgmt-bo",
                "slave-type": "bond",
            }
        },
        "bridge-mgmt.nmconnection": {
            "connection": {"id": "bridge-mgmt", "type": "bridge", "interface-name": "mgmt-br"},
            "ethernet": {"mtu": "1500"},
            "bridge": {
                "forward-delay": "0",
                "stp": "false",
                "vlan-filtering": "true",
                "vlan-default-pvid": "1",
                "vlans": "2017",
            },
            "ipv4": {"method": "disabled"},
            "ipv6": {"method": "disabled"},
        },
        "vlan-mgmt.nmconnection": {
            "connection": {"id": "vlan-mgmt", "type": "vlan"},
            "ethernet": {"mtu": "1500"},
            "vlan": {"flags": "1", "id": "2017", "parent": "mgmt-br"},
            "ipv4": {"dns": "10.217.0.1;", "method": "manual", "address1": "10.217.0.11/24,10.217.0.1"},
            "ipv6": {"method": "disabled"},
        },
    }


def test_the_other_rack_has_other_names_dhcp_and_no_mtu_line() -> None:
    found = profiles("node3", "vlan")
    assert {"bond-slave-ens3f0.nmconnection", "bond-slave-ens3f1.nmconnection"} < set(found)
    assert all("ethernet" not in sections for sections in found.values())
    assert found["vlan-mgmt.nmconnection"]["ipv4"] == {"method": "auto"}


def test_without_management_vlan_the_bridge_has_the_address() -> None:
    found = profiles("node2", "untagged")
    assert "vlan-mgmt.nmconnection" not in found
    bridge = found["bridge-mgmt.nmconnection"]
    assert "vlans" not in bridge["bridge"]
    assert bridge["ipv4"]["address1"] == "10.217.0.12/24,10.217.0.1"
    assert found["bond-mgmt.nmconnection"]["bridge-port"] == {"vlans": "1 pvid untagged"}
    assert profiles("node3", "untagged")["bridge-mgmt.nmconnection"]["ipv4"] == {"method": "auto"}
    assert layout.addressed_device("untagged") == "mgmt-br"


@pytest.mark.parametrize("spec", layout.NODES, ids=lambda spec: spec.name)
def test_no_profile_has_a_uuid(spec: layout.NodeSpec) -> None:
    for name in ("vlan", "untagged"):
        assert all("uuid" not in text for text in layout.profiles(spec, name).values())


@pytest.mark.parametrize("spec", layout.NODES, ids=lambda spec: spec.name)
def test_seed_is_a_repeatable_archive_with_private_profiles(spec: layout.NodeSpec) -> None:
    data = layout.seed(spec, "vlan")
    assert data == layout.seed(spec, "vlan")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = {member.name: member for member in archive.getmembers()}
    folder = "etc/NetworkManager/system-connections/"
    names = {name.removeprefix(folder) for name in members if name.startswith(folder)}
    assert names == set(layout.profiles(spec, "vlan"))
    assert {members[folder + name].mode for name in names} == {0o600}
    assert {"etc/lab/node.env", "etc/harvester-release.yaml", "oem/harvester.config", "etc/hosts"} < set(members)


def test_macs_and_addresses_are_all_different() -> None:
    macs = [spec.mac(port) for spec in layout.NODES for port in range(5)]
    assert len(set(macs)) == len(macs)
    addresses = [
        address
        for spec in layout.NODES
        for address in (spec.oob_address, spec.mgmt_address, spec.vm_address, spec.vip_address)
    ]
    assert len(set(addresses)) == len(addresses)


def test_link_files_name_every_nic_of_every_node() -> None:
    files = layout.link_files()
    for spec in layout.NODES:
        for port, name in enumerate(("oob0", *spec.nics)):
            assert spec.mac(port) in files[f"10-{name}.link"]
    assert all("Driver=virtio_net" in text for text in files.values())


def test_names_fit_into_the_kernels_15_characters() -> None:
    from lab.qemu import tap

    names = [tap(spec, port) for spec in layout.NODES for port in ("oob", *layout.UPLINKS)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 15
