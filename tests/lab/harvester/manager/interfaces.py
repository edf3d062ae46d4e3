# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces of running VMs and Longhorn's pods on their node VM: a namespace with one veth per network, as by the CNI.

VLAN id and MTU are those that the network has when the VM starts; a later change of the network reaches no running VM
(3.5 of the facts). An interface is found again by its name, which comes from the VMI's uid.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection
from dataclasses import dataclass

from ..kinds import NAD, POD, VMI
from ..objects import (
    DEFAULT_MTU,
    Obj,
    annotations_of,
    full_name,
    is_deleting,
    is_overlay,
    nad_config,
    namespace,
    network_names,
    spec,
    status,
    trunk_ids,
)
from ..storage.addresses import GIVEN
from ..view import View, get

PREFIX = "vm."
LOOK = "ip netns list | cut -d' ' -f1"
"""The shell line that names the node's namespaces."""


@dataclass(frozen=True)
class Interface:
    """One interface: the node's end, the end inside, bridge, MTU in bytes, VLAN id (0: untagged), trunk ids.

    ``address``: with prefix length, '' for a VM's, whose addresses are the guest's matter.
    """

    port: str
    inside: str
    bridge: str
    mtu: int
    vlan: int = 0
    trunk: tuple[tuple[int, int], ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Guest:
    """A running VM or pod as the node has it."""

    namespace: str
    interfaces: tuple[Interface, ...]


def netns(vm: str) -> str:
    """The network namespace of VM ``namespace/name`` on its node."""
    return PREFIX + vm.replace("/", ".")


def guests(view: View, node: str) -> list[Guest]:
    """VMs that run on a node, with what their networks say now."""
    return [
        Guest(netns(full_name(vmi)), tuple(_interfaces(vmi, view)))
        for vmi in sorted(view.list(VMI), key=full_name)
        if status(vmi).get("phase") == "Running" and status(vmi).get("nodeName") == node
    ]


def pods(view: View, node: str) -> list[Guest]:
    """Pods of a node that multus has given an interface, with the address that it says."""
    found = []
    for pod in sorted(view.list(POD), key=full_name):
        if spec(pod).get("nodeName") != node or status(pod).get("phase") != "Running" or is_deleting(pod):
            continue
        interfaces = tuple(_given(pod, view))
        if interfaces:
            found.append(Guest(netns(full_name(pod)), interfaces))
    return found


def _given(pod: Obj, view: View) -> list[Interface]:
    uid = str(pod["metadata"]["uid"]).replace("-", "")[:8]
    found = []
    for number, item in enumerate(json.loads(annotations_of(pod).get(GIVEN) or "[]")):
        place, _, nad_name = str(item.get("name")).partition("/")
        nad = get(view, NAD, nad_name, place)
        if nad is None or not item.get("interface") or not item.get("ips"):
            continue
        config = nad_config(nad)
        length = str(config["ipam"]["range"]).partition("/")[2]
        mtu, vlan = int(config.get("mtu") or DEFAULT_MTU), int(config.get("vlan") or 0)
        address = f"{item['ips'][0]}/{length}"
        found.append(
            Interface(f"v{uid}n{number}", str(item["interface"]), str(config["bridge"]), mtu, vlan, address=address)
        )
    return found


def _interfaces(vmi: Obj, view: View) -> list[Interface]:
    uid = str(vmi["metadata"]["uid"]).replace("-", "")[:8]
    found = []
    for number, full in enumerate(network_names(spec(vmi), namespace(vmi))):
        place, _, nad_name = full.partition("/")
        nad = get(view, NAD, nad_name, place)
        if nad is None or is_overlay(nad):
            continue
        config = nad_config(nad)
        mtu, vlan = int(config.get("mtu") or DEFAULT_MTU), int(config.get("vlan") or 0)
        trunk = tuple(trunk_ids(config))
        found.append(Interface(f"v{uid}n{number}", f"net{number}", str(config["bridge"]), mtu, vlan, trunk))
    return found


def plan(wanted: Collection[Guest], namespaces: Collection[str], links: Collection[str]) -> list[list[str]]:
    """Commands that make what is missing and end what is gone. A VM whose bridge is not there yet waits."""
    commands: list[list[str]] = []
    right = {item.namespace for item in wanted if all(each.port in links for each in item.interfaces)}
    for item in sorted(namespaces):
        # also a namespace of the same VM's last start
        if item.startswith(PREFIX) and item not in right:
            commands.append(["ip", "netns", "delete", item])
    for guest in wanted:
        if guest.namespace in right and guest.namespace in namespaces:
            continue
        if all(each.bridge in links for each in guest.interfaces):
            commands += _make(guest)
    return commands


def _make(guest: Guest) -> list[list[str]]:
    found = [["ip", "netns", "add", guest.namespace], ["ip", "-n", guest.namespace, "link", "set", "lo", "up"]]
    for item in guest.interfaces:
        mtu = ["mtu", str(item.mtu)]
        peer = ["peer", "name", item.inside, *mtu, "netns", guest.namespace]
        found.append(["ip", "link", "add", item.port, *mtu, "type", "veth", *peer])
        found.append(["ip", "link", "set", "dev", item.port, "master", item.bridge, "up"])
        # VLAN 1 only for an untagged network (3.7)
        if item.vlan or item.trunk:
            found.append(["bridge", "vlan", "del", "vid", "1", "dev", item.port])
        if item.vlan:
            found.append(["bridge", "vlan", "add", "vid", str(item.vlan), "dev", item.port, "pvid", "untagged"])
        for first, last in item.trunk:
            ids = str(first) if first == last else f"{first}-{last}"
            found.append(["bridge", "vlan", "add", "vid", ids, "dev", item.port])
        if item.address:
            found.append(["ip", "-n", guest.namespace, "address", "add", item.address, "dev", item.inside])
        found.append(["ip", "-n", guest.namespace, "link", "set", "dev", item.inside, "up"])
    return found


def shell(commands: Collection[list[str]]) -> str:
    """One shell line."""
    return " && ".join(shlex.join(words) for words in commands)
