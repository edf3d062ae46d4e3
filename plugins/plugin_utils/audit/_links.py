# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the audit: bonds, bridges and VLAN ids on the hosts. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._mgmt_profiles import BOND_ID
from .._preflight import ARP_LIMIT
from ._model import (
    BOND_SUFFIX,
    BRIDGE_SUFFIX,
    MGMT,
    PLAYBOOK,
    Audit,
    Check,
    Host,
    checked,
    flat,
    ids,
    text,
    where,
)

ARP = ("arp_ignore", "arp_ignore lets the device answer for all its addresses")
BOND = ("bond_health", "every port of the bond has link")
PORT_MTU = ("port_mtu", "MTU of the bond's ports is the bond's")
BUILT = ("links", "bond and bridge are as the configuration says")
DEVICE_MTU = ("link_mtu", "MTU is that of the cluster network")
KEPT = ("vlans_kept", "VLAN ids have a VM network or a VLAN device, or the agent strips them")
LEFT_LINK = ("leftover_link", "bond and bridge belong to a configuration")
LEFT_LABEL = ("leftover_label", "label of the node belongs to a configuration")
LEFT_STATUS = ("leftover_status", "VlanStatus belongs to a configuration")
LACP = "802.3ad"
NO_PARTNER = "00:00:00:00:00:00"


def arp_ignore(audit: Audit) -> Iterator[Check]:
    """A device that does not answer for its address to other subnets cuts the host off (Harvester's manual)."""
    for host in audit.readable:
        for item in (host.info or {}).get("arp_ignore") or ():
            files = [f"{at['path']} line {at['line']}" for at in item.get("set_by") or ()]
            remedy = "set it to 0 or 1, for 'all' as well" + (f" ({', '.join(files)})" if files else "")
            value = int(item["effective"])
            yield checked(ARP, f"{host.name} {item['device']}", "0 or 1", value, remedy, passed=value < ARP_LIMIT)


def bond_health(audit: Audit) -> Iterator[Check]:
    """Link of every port, and with LACP a partner and one aggregator."""
    for host in audit.readable:
        for name, link in sorted(host.links.items()):
            if name.endswith(BOND_SUFFIX) and link.get("bond"):
                found = list(_bond_problems(link["bond"]))
                remedy = f"see cables and switch ports of {name} on {host.name}"
                yield checked(BOND, f"{host.name} {name}", "all", "; ".join(found) or "all", remedy)


def _bond_problems(bond: Mapping[str, Any]) -> Iterator[str]:
    ports = bond.get("ports") or ()
    if not ports:
        yield "no port"
    dark = [port["name"] for port in ports if port.get("mii_status") != "up"]
    if dark:
        yield f"{text(dark)} without link"
    if bond.get("mode") == LACP:
        if bond.get("partner_mac") in (None, "", NO_PARTNER):
            yield "no LACP partner"
        apart = [port["name"] for port in ports if port.get("aggregator") != bond.get("aggregator")]
        if apart:
            yield f"{text(apart)} in another aggregator"


def port_mtus(audit: Audit) -> Iterator[Check]:
    """The kernel gives a bond's MTU to its ports, and keeps nobody from changing one of them afterwards."""
    for host in audit.readable:
        for name, link in sorted(host.links.items()):
            if name.endswith(BOND_SUFFIX) and link.get("bond"):
                wanted = int(link["mtu"])
                ports = [str(port["name"]) for port in link["bond"].get("ports") or ()]
                found = {port: int(host.links[port]["mtu"]) for port in ports if port in host.links}
                other = [port for port, mtu in found.items() if mtu != wanted]
                seen = ", ".join(f"{port} {found[port]}" for port in other) or wanted
                remedy = f"on {host.name}: " + "; ".join(f"ip link set {port} mtu {wanted}" for port in other)
                yield checked(PORT_MTU, f"{host.name} {name}", wanted, seen, remedy)


def links_of_configurations(audit: Audit) -> Iterator[Check]:
    """What a configuration asks for is what the kernel has: a VlanStatus may be the answer to an older one."""
    for network in audit.networks:
        for config in audit.configs(network):
            for node in sorted(config["matched_nodes"]):
                host = audit.by_node.get(node)
                if host is not None:
                    found = list(_differences(host, network, config))
                    yield checked(
                        BUILT,
                        f"{host.name} {network}",
                        _described(network, config),
                        "; ".join(found) or _described(network, config),
                        f"kubectl get vlanstatus, then {PLAYBOOK % 'cluster_network'}",
                    )


def _described(network: str, config: Mapping[str, Any]) -> str:
    return f"{network}{BOND_SUFFIX} of {text(sorted(config['nics']))}, {config['uplink']['mode']}, up"


def _differences(host: Host, network: str, config: Mapping[str, Any]) -> Iterator[str]:
    bond, bridge = network + BOND_SUFFIX, network + BRIDGE_SUFFIX
    for name in (bond, bridge):
        if name not in host.links:
            yield f"no {name}"
        elif host.links[name].get("operstate") != "up":
            yield f"{name} is {host.links[name].get('operstate')}"
    link = host.links.get(bond)
    if link is None:
        return
    if link.get("controller") != bridge:
        yield f"{bond} is in {text(link.get('controller'))}"
    if sorted(link.get("ports") or ()) != sorted(config["nics"]):
        yield f"its ports are {text(sorted(link.get('ports') or ()))}"
    mode = (link.get("bond") or {}).get("mode")
    if mode != config["uplink"]["mode"]:
        yield f"its mode is {text(mode)}"


def device_mtus(audit: Audit) -> Iterator[Check]:
    """Bonds, bridges and VLAN devices have the MTU that VM networks get.

    A configuration without an MTU leaves links at the old one, and the VLAN device of a host network configuration does
    not follow its network (harvester-facts 3.2, Harvester #11697).
    """
    for network, item in audit.networks.items():
        bridge = network + BRIDGE_SUFFIX
        for host in audit.readable:
            devices = [network + BOND_SUFFIX, bridge] if host.node in audit.owners(network) else []
            # Bond, bridge and address of mgmt are compared over all nodes.
            devices += [name for name in host.vlan_devices(bridge) if not (network == MGMT and name == host.addressed)]
            for name in devices:
                if name in host.links:
                    yield checked(
                        DEVICE_MTU,
                        f"{host.name} {name}",
                        item["mtu"],
                        int(host.links[name]["mtu"]),
                        _mtu_remedy(audit, network, name),
                    )


def _mtu_remedy(audit: Audit, network: str, device: str) -> str:
    for item in audit.part("host_network_configs"):
        if item["device"] == device:
            return (
                f"delete host network configuration {item['name']} and create it again: it does not follow its network"
            )
    if network == MGMT:
        return PLAYBOOK % "mgmt_vlans"
    return PLAYBOOK % "cluster_network" + f", with uplink.mtu given for {network}"


def kept_vlans(audit: Audit) -> Iterator[Check]:
    """From 1.7 on the agent removes every VLAN id from a bond that no VM network and no VLAN device uses (3.7)."""
    for network in audit.networks:
        bond, bridge = network + BOND_SUFFIX, network + BRIDGE_SUFFIX
        for host in audit.readable:
            if bond not in host.links:
                continue
            there = host.vlan_ids(bond)
            if network == MGMT:
                there |= ids((host.profile(BOND_ID).get("bridge_port") or {}).get("vlans") or ()) - {1}
            lost = there - audit.network_ids(network) - set(host.vlan_devices(bridge).values())
            remedy = PLAYBOOK % "mgmt_vlans" + " gives each a device" if network == MGMT else "give each a VM network"
            seen = f"{text(sorted(lost))} will be stripped" if lost else "all"
            yield checked(KEPT, f"{host.name} {bond}", "all", seen, remedy)


def leftovers(audit: Audit) -> Iterator[Check]:
    """Bonds, bridges, node labels and VlanStatuses that no configuration owns any more: an agent that is down loses the
    deletion of a configuration for good (harvester-facts 12)."""
    yield from flat((_left_links(audit), _left_labels(audit), _left_statuses(audit)))


def _left_links(audit: Audit) -> Iterator[Check]:
    members = {str(node["name"]) for node in audit.part("nodes")}
    # A host that is no node is a finding of its own.
    for host in (host for host in audit.readable if host.node in members):
        for name, link in sorted(host.links.items()):
            suffix = {"bond": BOND_SUFFIX, "bridge": BRIDGE_SUFFIX}.get(str(link.get("kind")))
            network = name.removesuffix(suffix) if suffix and name.endswith(suffix) else ""
            if network and network != MGMT:
                owner = audit.owners(network).get(host.node)
                remedy = (
                    f"create a configuration of {network} on {host.name} again and remove it, or reboot the node "
                    f"({PLAYBOOK % 'reboot'} --limit {host.name} -e change_reboot_all=true)"
                )
                yield checked(
                    LEFT_LINK, f"{host.name} {name}", "a configuration", owner or "none", remedy, passed=bool(owner)
                )


def _left_labels(audit: Audit) -> Iterator[Check]:
    for node in audit.part("nodes"):
        for network in node["active_cluster_networks"]:
            if network != MGMT:
                owner = audit.owners(network).get(node["name"])
                yield checked(
                    LEFT_LABEL,
                    f"node {node['name']} network.harvesterhci.io/{network}",
                    "a configuration",
                    owner or "none",
                    f"kubectl label node {node['name']} network.harvesterhci.io/{network}-",
                    passed=bool(owner),
                )


def _left_statuses(audit: Audit) -> Iterator[Check]:
    known = {str(item["name"]) for item in audit.part("network_configs")}
    for item in audit.part("vlan_statuses"):
        seen = str(item["network_config"])
        yield checked(
            LEFT_STATUS,
            where("VlanStatus", str(item["name"])),
            "a configuration",
            seen if seen in known else f"{text(seen)}, which is gone",
            f"kubectl delete vlanstatus {item['name']}",
            passed=seen in known,
        )
