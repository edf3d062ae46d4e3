# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the standing audit looks at, and what a check says. Pure; private to the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from ...module_utils.common._vlans import VlanList

MGMT = "mgmt"
BOND_SUFFIX, BRIDGE_SUFFIX = "-bo", "-br"
MGMT_BOND, MGMT_BRIDGE = MGMT + BOND_SUFFIX, MGMT + BRIDGE_SUFFIX
WITNESS = "witness"
PLAYBOOK = "ansible-playbook harvester.network.%s -i inventory"
"""The command of a remedy; the operator knows the inventory."""

T = TypeVar("T")
Value = TypeVar("Value", int, str, tuple[int, ...])


class Check(NamedTuple):
    """One check of the audit.

    id: name of the rule, for programs. what: the rule, in words. where: host or object. expected, seen: as texts.
    passed: whether it holds. remedy: what to do when it does not, a command where there is one.
    """

    id: str
    what: str
    where: str
    expected: str
    seen: str
    passed: bool
    remedy: str = ""


@dataclass(frozen=True)
class Host:
    """One host of the inventory as it was read.

    name: in the inventory. node: its name in Kubernetes. problem: why it could not be read; empty when it could.
    checked: fact of role node_check. info, profiles: results of modules host_info and profile_info. installed: section
    install.management_interface of /oem/harvester.config; None where the host has no such file.
    """

    name: str
    node: str
    problem: str = ""
    checked: Mapping[str, Any] | None = None
    info: Mapping[str, Any] | None = None
    profiles: Mapping[str, Any] | None = None
    installed: Mapping[str, Any] | None = None

    @property
    def readable(self) -> bool:
        return not self.problem

    @cached_property
    def links(self) -> dict[str, Mapping[str, Any]]:
        """Device -> link, as module profile_info gives it."""
        given = (self.profiles or {}).get("links") or (self.checked or {}).get("links") or ()
        return {str(link["name"]): link for link in given}

    @property
    def vlans(self) -> Mapping[str, Sequence[str]]:
        """Bridge port or bridge -> entries of its VLAN table."""
        return (self.profiles or {}).get("vlans") or (self.checked or {}).get("vlans") or {}

    @property
    def hints(self) -> Mapping[str, Any]:
        return (self.profiles or {}).get("hints") or {}

    def profile(self, name: str) -> Mapping[str, Any]:
        """The profile of an id; empty when there is none."""
        return next((item for item in (self.profiles or {}).get("profiles") or () if item.get("id") == name), {})

    @property
    def addressed(self) -> str:
        """The device that has the node's address: mgmt-br, or mgmt-br.<vid>."""
        vid = int((self.checked or {}).get("vlan_id") or 0)
        return f"{MGMT_BRIDGE}.{vid}" if vid > 1 else MGMT_BRIDGE

    def vlan_devices(self, bridge: str) -> dict[str, int]:
        """VLAN devices on a bridge with their ids."""
        return {
            name: int(link["vlan_id"])
            for name, link in sorted(self.links.items())
            if link.get("kind") == "vlan" and link.get("parent") == bridge and link.get("vlan_id")
        }

    def vlan_ids(self, device: str) -> set[int]:
        """VLAN ids that a device carries, without 1, which every port has."""
        return ids(self.vlans.get(device) or ()) - {1}


@dataclass(frozen=True)
class Audit:
    """Everything that is judged. hosts: of the inventory. cluster: result of module network_info; None without an API.
    open_change: id of the change that is open; empty for none."""

    hosts: tuple[Host, ...]
    cluster: Mapping[str, Any] | None = None
    open_change: str = ""

    @property
    def readable(self) -> tuple[Host, ...]:
        return tuple(host for host in self.hosts if host.readable)

    @property
    def proving(self) -> tuple[Host, ...]:
        """The hosts on which modules run: not those of Harvester 1.6 and older, nor those that could not be read."""
        return tuple(host for host in self.readable if not (host.checked or {}).get("old"))

    @cached_property
    def by_node(self) -> dict[str, Host]:
        """Name in Kubernetes -> host that could be read."""
        return {host.node: host for host in self.readable}

    def part(self, name: str) -> Sequence[Mapping[str, Any]]:
        """A list of the cluster's report; empty without an API."""
        return (self.cluster or {}).get(name) or ()

    def cluster_part(self, name: str) -> Mapping[str, Any]:
        """A dictionary of the cluster's report; empty without an API."""
        return (self.cluster or {}).get(name) or {}

    @cached_property
    def networks(self) -> dict[str, Mapping[str, Any]]:
        """Cluster networks by name, mgmt among them."""
        return {str(item["name"]): item for item in self.part("cluster_networks")}

    def configs(self, network: str) -> list[Mapping[str, Any]]:
        """The configurations of a cluster network that users write, by name; none of mgmt."""
        found = [item for item in self.part("network_configs") if item["cluster_network"] == network]
        return sorted(
            (item for item in found if not item["read_only"] and not item["deleting"]), key=lambda item: item["name"]
        )

    def owners(self, network: str) -> dict[str, str]:
        """Node -> configuration that makes a cluster network there."""
        return {node: str(item["name"]) for item in self.configs(network) for node in item["matched_nodes"]}

    def network_ids(self, network: str) -> set[int]:
        """VLAN ids that VM networks of a cluster network use, those of settings among them."""
        found: set[int] = set()
        for item in self.part("vm_networks"):
            if item["cluster_network"] == network:
                found |= vm_network_ids(item)
        return found


Rule = Callable[[Audit], Iterable[Check]]


def checked(
    rule: tuple[str, str], where: str, expected: object, seen: object, remedy: str = "", passed: bool | None = None
) -> Check:
    """A check. rule: its id and its words. passed: whether it holds; when None, whether seen is what was expected."""
    holds = expected == seen if passed is None else passed
    return Check(*rule, where, text(expected), text(seen), holds, "" if holds else remedy)


def vm_network_ids(network: Mapping[str, Any]) -> set[int]:
    """The VLAN ids of a VM network, as module network_info gives it."""
    if network.get("vlan_id"):
        return {int(network["vlan_id"])}
    return ids(network.get("vlan_ids") or ())


def ids(entries: Iterable[object]) -> set[int]:
    """The VLAN ids of a VLAN list."""
    return set(VlanList.parse([str(entry) for entry in entries]).ids())


def usual(values: Iterable[Value], preferred: Value | None = None) -> Value | None:
    """The value that most have; of several the preferred one, else the largest. None when there are none."""
    counts = Counter(values)
    if not counts:
        return None
    most = max(counts.values())
    best = [value for value, count in counts.items() if count == most]
    return preferred if preferred is not None and preferred in best else max(best)


def text(value: object) -> str:
    """A value for people; lists are joined, nothing is "nothing"."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text, value)) or "none"
    return "nothing" if value is None or value == "" else str(value)


def where(kind: str, name: str) -> str:
    """An object of the cluster in a check."""
    return f"{kind} {name}"


def flat(found: Iterable[Iterable[T]]) -> Iterator[T]:
    for items in found:
        yield from items
