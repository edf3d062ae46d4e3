# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the audit: cluster networks, VM networks and the storage network. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._model import BOND_SUFFIX, MGMT, PLAYBOOK, WITNESS, Audit, Check, checked, text, vm_network_ids, where

HAS_CONFIG = ("configured", "cluster network has a configuration")
EQUAL = ("configs_equal", "configurations of one cluster network have the same MTU, mode and miimon")
MONITORED = ("miimon", "links of the bond are monitored")
STATUS = ("vlan_status", "VlanStatus says that the configuration is ready on the node")
NETWORK_MTU = ("vm_network_mtu", "MTU of the VM network is that of its cluster network")
NETWORK_READY = ("vm_network_ready", "VM network has its cluster network, which is ready")
NETWORK_VLANS = ("vm_network_vlans", "VLAN ids of VM networks are on the bond")
SETTLED = ("storage_settled", "Harvester and Longhorn have taken up the setting")
STORAGE_MTU = ("storage_mtu", "MTU of the storage network is that of its cluster network")
STORAGE_NODES = ("storage_nodes", "cluster network of the storage network is on every node that is no witness")
POD = ("longhorn_pod", "pod runs, with an address in the storage network where there is one")
MANAGER = ("instance_manager", "node has an instance-manager")
SETTING = "setting storage-network"
NO_MONITORING = 0


def configured(audit: Audit) -> Iterator[Check]:
    """A cluster network without a configuration is on no node; empty ones block the storage network (Harvester
    #10266)."""
    for name in audit.networks:
        if name != MGMT:
            configs = [str(config["name"]) for config in audit.configs(name)]
            remedy = f"give it a configuration, or remove it: state: absent, {PLAYBOOK % 'cluster_network'}"
            yield checked(
                HAS_CONFIG, where("cluster network", name), "one or more", text(configs), remedy, passed=bool(configs)
            )


def equal_configs(audit: Audit) -> Iterator[Check]:
    """The webhook compares MTUs alone; bond options have to be equal too, says the manual."""
    for name in audit.networks:
        configs = audit.configs(name)
        described = {str(config["name"]): _bond(config["uplink"]) for config in configs}
        if not described:
            continue
        values = sorted(set(described.values()))
        seen = values[0] if len(values) == 1 else "; ".join(f"{key}: {value}" for key, value in described.items())
        remedy = f"{PLAYBOOK % 'cluster_network'}, with one uplink for all configurations of {name}"
        yield checked(EQUAL, where("cluster network", name), "the same", seen, remedy, passed=len(values) == 1)
        for config in configs:
            yield checked(
                MONITORED,
                where("network configuration", str(config["name"])),
                "miimon above 0, or not given",
                config["uplink"]["miimon"],
                f"{PLAYBOOK % 'cluster_network'}, with miimon left out",
                passed=config["uplink"]["miimon"] != NO_MONITORING,
            )


def _bond(uplink: Mapping[str, Any]) -> str:
    miimon = uplink["miimon"]
    # The agent takes -1, and nothing, for 100 ms (1.7 and later).
    shown = 100 if miimon is None or miimon < 0 else miimon
    return f"MTU {uplink['mtu'] or 1500}, {uplink['mode']}, miimon {shown}"


def vlan_statuses(audit: Audit) -> Iterator[Check]:
    """Per configuration and node; condition ready of the cluster network tells nothing (harvester-facts 3.4)."""
    for name, network in audit.networks.items():
        bad = {(item["node"], item["network_config"]): str(item["message"]) for item in network["not_ready"]}
        for config in audit.configs(name):
            for node in sorted(config["matched_nodes"]):
                yield checked(
                    STATUS,
                    f"node {node} {name}",
                    "ready",
                    bad.get((node, config["name"]), "ready"),
                    f"see NICs and switch of {node}; pod harvester-network-controller of the node logs more",
                )


def vm_networks(audit: Audit) -> Iterator[Check]:
    """MTU, cluster network and readiness of each VM network."""
    for item in audit.part("vm_networks"):
        if item["type"] == "overlay":
            continue
        place, name = where("VM network", str(item["reference"])), item["cluster_network"]
        network = audit.networks.get(name or "")
        if network is None:
            remedy = "remove it, or create its cluster network"
            yield checked(NETWORK_READY, place, "a cluster network", f"{text(name)}, which is not there", remedy)
            continue
        state = "not ready" if item["ready"] is False else "ready"
        yield checked(NETWORK_READY, place, "ready", state, f"see the checks of cluster network {name}")
        remedy = f"stop its VMs and write mtu {network['mtu']} into its configuration"
        if item["setting"]:
            remedy = f"switch {item['setting']} off and on again: {PLAYBOOK % 'storage_network'}"
        yield checked(NETWORK_MTU, place, network["mtu"], item["mtu"], remedy)


def live_vlans(audit: Audit) -> Iterator[Check]:
    """The agent swallows errors when it adds a VLAN id (harvester-facts 3.7): what counts is the port."""
    for name, network in audit.networks.items():
        wanted = {
            vid for item in audit.part("vm_networks") if item["cluster_network"] == name for vid in vm_network_ids(item)
        }
        bond = name + BOND_SUFFIX
        for node in network["active_nodes"] if wanted else ():
            host = audit.by_node.get(node)
            if host is not None and bond in host.links:
                gone = sorted(wanted - host.vlan_ids(bond))
                seen = f"{text(gone)} missing" if gone else "all"
                remedy = f"restart the agent of {node} (pod harvester-network-controller in harvester-system)"
                yield checked(NETWORK_VLANS, f"{host.name} {bond}", "all", seen, remedy)


def storage_network(audit: Audit) -> Iterator[Check]:
    """The setting is taken up, and its network spans the cluster at its MTU."""
    setting, longhorn = audit.cluster_part("storage_network"), audit.cluster_part("longhorn")
    lines = list(longhorn.get("unsettled") or ())
    remedy = f"{PLAYBOOK % 'storage_network'} --check says what it waits for"
    yield checked(SETTLED, SETTING, "taken up", "; ".join(lines) or "taken up", remedy)
    if not setting.get("enabled"):
        return
    network = audit.networks.get(str(setting["cluster_network"]))
    mtu = network["mtu"] if network else None
    remedy = f"switch it off and on again: {PLAYBOOK % 'storage_network'}"
    yield checked(STORAGE_MTU, SETTING, mtu, setting["mtu"], remedy)
    away = list(network["inactive_nodes"]) if network else ["all"]
    remedy = f"give {setting['cluster_network']} a configuration there: {PLAYBOOK % 'cluster_network'}"
    yield checked(STORAGE_NODES, SETTING, "every node", f"not on {text(away)}" if away else "every node", remedy)


def longhorn_pods(audit: Audit) -> Iterator[Check]:
    """After a boot an instance-manager may come up without lhnet1 (Harvester #11639)."""
    pods = audit.cluster_part("longhorn").get("pods") or ()
    for pod in pods:
        remedy = (
            f"kubectl -n longhorn-system delete pod {pod['name']}, once volumes are healthy without node {pod['node']}"
        )
        place = f"node {pod['node']} {pod['component']} {pod['name']}"
        yield checked(POD, place, "runs", pod["problem"] or "runs", remedy)
    having = {pod["node"] for pod in pods if pod["component"] == "instance-manager" and pod["running"]}
    for node in audit.part("nodes"):
        if WITNESS not in node["roles"]:
            seen = "yes" if node["name"] in having else "none that runs"
            yield checked(MANAGER, where("node", str(node["name"])), "yes", seen, "see Longhorn's pods on it")
