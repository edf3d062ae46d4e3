# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit sends over the wire, what it leaves out, and the rows of its report."""

from __future__ import annotations

from typing import Any

import pytest
from audit_samples import NODES, address, audit, changed, cluster, host, links, networks, vlan, vm_network

from ansible_collections.harvester.network.plugins.plugin_utils.audit import _installed, _paths
from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Host

MGMT = {"name": "mgmt-br.2017", "device": "mgmt-br.2017", "nodes": list(NODES), "mtu": 9000}


def backup(name: str) -> Host:
    number = int(name[1:])
    return host(name, links=[*links(number), vlan("mgmt-br", 2030, addresses=[address(f"10.30.0.{number}/24")])])


PROVED: dict[str, tuple[Audit, list[dict[str, Any]]]] = {
    "the device with the node's address, at the MTU of mgmt": (audit(), [MGMT]),
    "without an API at the MTU that the nodes have": (
        audit(cluster=None),
        [{key: value for key, value in MGMT.items() if key != "mtu"}],
    ),
    "a host network configuration on two nodes": (
        audit(backup("n1"), backup("n3")),
        [MGMT, {"name": "mgmt-br.2030", "device": "mgmt-br.2030", "nodes": ["n1", "n3"], "mtu": 9000}],
    ),
    "not an address on one node alone": (audit(backup("n1")), [MGMT]),
    "not a host that is away": (audit(Host("n2", "n2", "away")), [{**MGMT, "nodes": ["n1", "n3"]}]),
    "not Harvester 1.6": (
        audit(host("n2", checked={"usable": True, "old": True, "vlan_id": 2017})),
        [{**MGMT, "nodes": ["n1", "n3"]}],
    ),
    "not an address that may move": (
        audit(*(host(name, links=changed(name, "mgmt-br.2017", addresses=[address("10.0.0.9/32")])) for name in NODES)),
        [],
    ),
}


@pytest.mark.parametrize("name", PROVED)
def test_what_is_proved(name: str) -> None:
    given, expected = PROVED[name]
    assert _paths.networks(given) == expected


def test_with_probes_each_vlan_is_proved_at_the_mtu_of_its_network() -> None:
    names = list(NODES)
    assert _paths.networks(audit(), probe=True) == [
        MGMT,
        {"vlan_id": 50, "bridge": "vmnet-br", "nodes": names, "mtu": 9000},
        {"vlan_id": 100, "bridge": "vmnet-br", "nodes": names, "mtu": 9000},
    ]


def test_a_vlan_that_hosts_have_addresses_on_needs_no_probe() -> None:
    nets = [vm_network("mgmt2017", "mgmt", vlan_id=2017)]
    assert _paths.networks(audit(cluster=cluster(vm_networks=nets)), probe=True) == [MGMT]


LONE = networks(vmnet={"active_nodes": ["n1"], "inactive_nodes": ["n2", "n3"]})
TRUNK = vm_network("trunk", type="trunk", vlan_id=None, vlan_ids=["200-201"])
LEFT_OUT: dict[str, tuple[Audit, bool, list[str]]] = {
    "VLANs without addresses": (
        audit(),
        False,
        [
            "VLAN 50 of vmnet: no hosts have addresses there; change_verify_probe=true measures it",
            "VLAN 100 of vmnet: no hosts have addresses there; change_verify_probe=true measures it",
        ],
    ),
    "none with probes": (audit(), True, []),
    "a network on one node": (
        audit(cluster=cluster(cluster_networks=LONE, vm_networks=[vm_network("prod")])),
        True,
        ["VLAN 100 of vmnet: no hosts have addresses there; no probe is made for it"],
    ),
    "the VLANs of a trunk": (
        audit(cluster=cluster(vm_networks=[TRUNK])),
        True,
        [f"VLAN {vid} of vmnet: no hosts have addresses there; no probe is made for it" for vid in (200, 201)],
    ),
    "untagged and overlay": (
        audit(
            cluster=cluster(
                vm_networks=[
                    vm_network("plain", type="untagged", vlan_id=None),
                    vm_network("pods", "mgmt", type="overlay", vlan_id=None),
                ]
            )
        ),
        True,
        ["untagged frames of vmnet: the switch decides where they go", "overlay default/pods"],
    ),
    "a host that is away": (
        audit(Host("n2", "n2", "away"), cluster=cluster(vm_networks=[])),
        False,
        ["n2: it could not be read, so nothing on it was looked at"],
    ),
    "the cluster": (
        audit(cluster=None),
        False,
        ["cluster: no access to its API is configured (harvester_api), so only the hosts were looked at"],
    ),
    "paths from a host to itself": (
        Audit((host("n1"),), cluster(vm_networks=[])),
        False,
        ["paths: fewer than two hosts can send to each other"],
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_not_measured(name: str) -> None:
    given, probe, expected = LEFT_OUT[name]
    assert _paths.not_measured(given, probe) == expected


def test_rows_of_a_report() -> None:
    path = {"name": "VLAN 100 of vmnet|n2", "mtu": 9000, "status": "no_path", "largest": None}
    assert _paths.rows({"n1": {"paths": [path]}, "n2": {"skipped": True}}) == [
        {
            "network": "VLAN 100 of vmnet",
            "source": "n1",
            "target": "n2",
            "mtu": 9000,
            "status": "no_path",
            "largest": None,
        }
    ]


SECRET = "token: s3cret\nos: {password: s3cret}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SECRET + "install:\n  management_interface: {mtu: 9000, vlan_id: 5}\n", {"mtu": 9000, "vlan_id": 5}),
        (SECRET + "install:\n  managementinterface: {vlanid: 5}\n", {"vlanid": 5}),
        (SECRET, None),
        ("", None),
        ("a: [", None),
        ("- 1", None),
    ],
)
def test_only_the_management_interface_is_kept(text: str, expected: Any) -> None:
    assert _installed.section(text) == expected
