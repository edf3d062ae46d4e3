# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy cluster of three nodes as hosts and API describe it, for tests that break one thing.

mgmt at 9000 with primary VLAN 2017 and secondary VLAN 2018, held by a device. Cluster network vmnet at 9000 on all
nodes, with VM networks 100 and, for the storage network, 50. Every node has flannel.1.
"""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Host

NODES = ("n1", "n2", "n3")
NETWORK = "network.harvesterhci.io/"


def link(name: str, kind: str = "ether", mtu: int = 9000, **fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "controller": None,
        "ports": [],
        "parent": None,
        "vlan_id": None,
        "addresses": [],
        "bond": None,
    }
    return {"name": name, "kind": kind, "mtu": mtu, "operstate": "up", **empty, **fields}


def vlan(bridge: str, vid: int, **fields: Any) -> dict[str, Any]:
    return link(f"{bridge}.{vid}", "vlan", parent=bridge, vlan_id=vid, **fields)


def bond(name: str, *nics: str, **state: Any) -> dict[str, Any]:
    ports = [{"name": nic, "mii_status": "up", "aggregator": 1} for nic in nics]
    first = nics[0] if nics else None
    found = {"mode": "active-backup", "aggregator": None, "partner_mac": None, "active_port": first, "ports": ports}
    found |= state
    return link(name, "bond", controller=name.replace("-bo", "-br"), ports=list(nics), bond=found)


def address(text: str, **fields: Any) -> dict[str, Any]:
    return {"address": text, "family": "inet", "scope": "global", **fields}


def links(number: int) -> list[dict[str, Any]]:
    vip = [address("10.217.0.9/32")] if number == 1 else []
    return [
        link("lo", "loopback", 65536, addresses=[address("127.0.0.1/8", scope="host")]),
        *(link(nic, controller="mgmt-bo") for nic in ("eno1", "eno2")),
        bond("mgmt-bo", "eno1", "eno2"),
        link("mgmt-br", "bridge", ports=["mgmt-bo"]),
        vlan("mgmt-br", 2017, addresses=[address(f"10.217.0.1{number}/24"), *vip]),
        vlan("mgmt-br", 2018),
        link("eno3", controller="vmnet-bo"),
        bond("vmnet-bo", "eno3"),
        link("vmnet-br", "bridge", ports=["vmnet-bo"]),
        link("flannel.1", "vxlan", 8950, parent="mgmt-br.2017"),
    ]


PROFILES: list[dict[str, Any]] = [
    {
        "id": "bond-mgmt",
        "type": "bond",
        "mtu": 9000,
        "bond": {"mode": "active-backup", "miimon": 100},
        "bridge_port": {"vlans": ["1 pvid untagged", "2017-2018"]},
    },
    {"id": "bridge-mgmt", "type": "bridge", "mtu": 9000, "bridge": {"vlans": ["2017-2018"]}},
    {"id": "vlan-mgmt", "type": "vlan", "mtu": 9000, "vlan": {"id": 2017, "parent": "mgmt-br"}},
    {"id": "bond-slave-eno1", "type": "ethernet", "interface_name": "eno1", "controller": "mgmt-bo"},
    {"id": "bond-slave-eno2", "type": "ethernet", "interface_name": "eno2", "controller": "mgmt-bo"},
]
ARP = {"device": "mgmt-br", "own": 1, "all": 0, "effective": 1, "set_by": []}
INSTALLED = {
    "interfaces": [{"name": "eno1"}, {"name": "", "hwAddr": "52:54:00:00:00:02"}],
    "method": "dhcp",
    "bond_options": {"mode": "active-backup", "miimon": "100"},
    "mtu": 9000,
    "vlan_id": 2017,
}


def host(name: str = "n1", **options: Any) -> Host:
    """A healthy host. options: other values of Host, or of its profiles (``links``, ``vlans``, ``hints``...)."""
    number = int(name[1:])
    found: dict[str, Any] = {
        "links": links(number),
        "vlans": {
            "mgmt-bo": ["1 pvid untagged", "2017-2018"],
            "mgmt-br": ["1 pvid untagged", "2017-2018"],
            "vmnet-bo": ["1 pvid untagged", "50", "100"],
        },
        "profiles": PROFILES,
        "hints": {},
    }
    found |= {key: options.pop(key) for key in list(options) if key in found}
    nics = [{"name": f"eno{port}", "permanent_mac": f"52:54:00:00:00:0{port}"} for port in (1, 2, 3)]
    given: dict[str, Any] = {
        "node": name,
        "checked": {"usable": True, "old": False, "vlan_id": 2017},
        "info": {"machine_id": f"m-{name}", "boot_id": f"b-{name}", "nics": nics, "arp_ignore": [ARP]},
        "profiles": found,
        "installed": INSTALLED,
    }
    return Host(name, **(given | options))


def without(name: str, *devices: str) -> list[dict[str, Any]]:
    """The links of a host that lacks these devices."""
    return [item for item in links(int(name[1:])) if item["name"] not in devices]


def changed(name: str, device: str, **fields: Any) -> list[dict[str, Any]]:
    """The links of a host, one with other fields."""
    return [{**item, **fields} if item["name"] == device else item for item in links(int(name[1:]))]


def node(name: str, *networks: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "ready": True,
        "roles": ["control-plane", "etcd", "management"],
        "machine_id": f"m-{name}",
        "boot_id": f"b-{name}",
        "active_cluster_networks": ["mgmt", *networks],
        **fields,
    }


def config(name: str = "all", network: str = "vmnet", nodes: Any = NODES, **uplink: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cluster_network": network,
        "nics": ["eno3"],
        "uplink": {"mode": "active-backup", "miimon": -1, "mtu": 9000} | uplink,
        "matched_nodes": list(nodes),
        "read_only": network == "mgmt",
        "deleting": False,
    }


def vm_network(name: str, network: str = "vmnet", **fields: Any) -> dict[str, Any]:
    return {
        "reference": f"default/{name}",
        "type": "vlan",
        "cluster_network": network,
        "vlan_id": 100,
        "vlan_ids": [],
        "mtu": 9000,
        "ready": True,
        "setting": None,
        **fields,
    }


def pod(at: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": f"im-{at}",
        "component": "instance-manager",
        "node": at,
        "running": True,
        "problem": "",
    } | fields


CLUSTER: dict[str, Any] = {
    "nodes": [node(name, "vmnet") for name in NODES],
    "cluster_networks": [
        {
            "name": "mgmt",
            "mtu": 9000,
            "uplink_mtu": "9000",
            "not_ready": [],
            "active_nodes": list(NODES),
            "inactive_nodes": [],
        },
        {
            "name": "vmnet",
            "mtu": 9000,
            "uplink_mtu": "9000",
            "not_ready": [],
            "active_nodes": list(NODES),
            "inactive_nodes": [],
        },
    ],
    "network_configs": [config(), config("mgmt-vlanconfig-n1", "mgmt", ["n1"])],
    "vlan_statuses": [{"name": f"vmnet-{name}-0", "network_config": "all", "node": name} for name in NODES],
    "vm_networks": [
        vm_network("prod"),
        vm_network("storagenetwork-x", vlan_id=50, setting="storage-network"),
    ],
    "host_network_configs": [],
    "storage_network": {"enabled": True, "cluster_network": "vmnet", "mtu": 9000},
    "longhorn": {"unsettled": [], "pods": [pod(name) for name in NODES]},
    "vms": [{"reference": "default/vm1", "vm_networks": ["default/prod"], "node": "n1"}],
}


def cluster(**parts: Any) -> dict[str, Any]:
    """The healthy cluster with other parts."""
    return copy.deepcopy(CLUSTER) | parts


def networks(mgmt: dict[str, Any] | None = None, vmnet: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Its cluster networks with other fields."""
    found = copy.deepcopy(CLUSTER["cluster_networks"])
    return [found[0] | (mgmt or {}), found[1] | (vmnet or {})]


def audit(*hosts: Host, cluster: Any = CLUSTER, open_change: str = "") -> Audit:
    """The healthy cluster with these hosts instead of those of their names; ``cluster=None`` without an API."""
    found = {name: host(name) for name in NODES} | {item.name: item for item in hosts}
    return Audit(tuple(found.values()), cluster, open_change)
