# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One immutable view of a cluster's objects, typed and indexed. This module util is private to the collection.

A snapshot is read once per run, from one list per kind. Typed values and indexes are made when they are first asked
for and kept; a snapshot that differs in one kind shares those of the others.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple, Union

from . import _keys, _links, _objects, _selectors, _versions
from ._config import NetworkConfig
from ._kinds import BY_KEY
from ._links import Link, VlanStatus
from ._nad import Nad
from ._nodes import Node
from ._vms import Vm, Vmi

Key = Tuple[str, str]

READERS: Dict[str, Callable[[_objects.Object], Any]] = {
    "nodes": Node.read,
    "vlanconfigs": NetworkConfig.read,
    "vlanstatuses": VlanStatus.read,
    "nads": Nad.read,
    "vms": Vm.read,
    "vmis": Vmi.read,
}
"""Kind -> what reads an object of it; the others are used raw."""


class _Table:
    """The objects of one kind by (namespace, name), and what was read from them."""

    def __init__(self, kind: str, objects: Mapping[Key, _objects.Object]) -> None:
        self.kind = kind
        self.objects = objects

    @cached_property
    def typed(self) -> Dict[Key, Any]:
        read = READERS[self.kind]
        return {key: read(item) for key, item in self.objects.items()}


class Snapshot:
    """The objects of a cluster at one moment.

    Make one with read(). Nothing in it may be changed; put() and without() give a new one.
    """

    def __init__(self, tables: Mapping[str, _Table], host_vlans: Mapping[str, FrozenSet[str]]) -> None:
        self._tables = tables
        self.host_vlans = host_vlans

    @classmethod
    def read(
        cls,
        objects: Mapping[str, Iterable[_objects.Object]],
        host_vlans: Optional[Mapping[str, Iterable[str]]] = None,
    ) -> Snapshot:
        """A snapshot of raw objects by kind (keys of _kinds.BY_KEY).

        A kind that is not given, or is not served, has no objects: rules that look at it then judge an empty list.

        host_vlans: node -> names of the VLAN devices that profiles make there, as "mgmt-br.2018", where the caller has
        looked at the hosts. Raises KeyError for a kind that is not in the table.
        """
        tables = {kind: _Table(kind, {}) for kind in BY_KEY}
        for kind, items in objects.items():
            tables[BY_KEY[kind].key] = _Table(kind, {_objects.key(item): item for item in items})
        return cls(tables, {node: frozenset(devices) for node, devices in (host_vlans or {}).items()})

    def all(self, kind: str) -> Iterable[_objects.Object]:
        """The raw objects of a kind, in the order in which they were read."""
        return self._tables[kind].objects.values()

    def get(self, kind: str, name: str, namespace: str = "") -> Optional[_objects.Object]:
        """One raw object; None when there is none."""
        return self._tables[kind].objects.get((namespace, name))

    def put(self, kind: str, item: _objects.Object) -> Snapshot:
        """A snapshot that has this object instead of the one of its name, or besides the others."""
        return self._with(kind, {**self._tables[kind].objects, _objects.key(item): item})

    def without(self, kind: str, name: str, namespace: str = "") -> Snapshot:
        """A snapshot that lacks this object."""
        objects = dict(self._tables[kind].objects)
        objects.pop((namespace, name), None)
        return self._with(kind, objects)

    def _with(self, kind: str, objects: Mapping[Key, _objects.Object]) -> Snapshot:
        return Snapshot({**self._tables, kind: _Table(kind, objects)}, self.host_vlans)

    # Typed values, by name or by (namespace, name).

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        return {name: node for (_namespace, name), node in self._tables["nodes"].typed.items()}

    @cached_property
    def workers(self) -> Tuple[Node, ...]:
        """The nodes that are no witness and not being deleted, by name."""
        found = [node for node in self.nodes.values() if not node.witness and not node.deleting]
        return tuple(sorted(found, key=lambda node: node.name))

    @cached_property
    def configs(self) -> Mapping[str, NetworkConfig]:
        """All network configurations, those of mgmt (1.9 and later, read-only) too."""
        return {name: config for (_namespace, name), config in self._tables["vlanconfigs"].typed.items()}

    @cached_property
    def user_configs(self) -> Mapping[str, NetworkConfig]:
        """The network configurations that users write."""
        return {name: config for name, config in self.configs.items() if not config.mgmt}

    @property
    def statuses(self) -> Iterable[VlanStatus]:
        return self._tables["vlanstatuses"].typed.values()

    @cached_property
    def nads(self) -> Mapping[str, Nad]:
        """VM networks by "namespace/name"."""
        return {nad.reference: nad for nad in self._tables["nads"].typed.values()}

    @cached_property
    def vms(self) -> Mapping[str, Vm]:
        """VMs by "namespace/name"."""
        return {vm.reference: vm for vm in self._tables["vms"].typed.values()}

    @cached_property
    def vmis(self) -> Mapping[str, Vmi]:
        """Running instances of VMs, in any phase, by "namespace/name"."""
        return {vmi.reference: vmi for vmi in self._tables["vmis"].typed.values()}

    # Indexes.

    def configs_of(self, cluster_network: str) -> Tuple[NetworkConfig, ...]:
        """The configurations whose label names a cluster network, by name, as the webhooks list them."""
        return tuple(self._configs_by_network.get(cluster_network, ()))

    @cached_property
    def _configs_by_network(self) -> Dict[str, List[NetworkConfig]]:
        found: Dict[str, List[NetworkConfig]] = {}
        for config in sorted(self.configs.values(), key=lambda config: config.name):
            found.setdefault(config.label, []).append(config)
        return found

    def statuses_of(self, cluster_network: str) -> Mapping[str, VlanStatus]:
        """Node -> VlanStatus of a cluster network."""
        return self._statuses_by_network.get(cluster_network, {})

    @cached_property
    def _statuses_by_network(self) -> Dict[str, Dict[str, VlanStatus]]:
        found: Dict[str, Dict[str, VlanStatus]] = {}
        for status in self.statuses:
            found.setdefault(status.cluster_network, {})[status.node] = status
        return found

    def nads_of(self, cluster_network: str) -> Tuple[Nad, ...]:
        """The VM networks whose label names a cluster network, by reference."""
        return tuple(self._nads_by_network.get(cluster_network, ()))

    @cached_property
    def _nads_by_network(self) -> Dict[str, List[Nad]]:
        found: Dict[str, List[Nad]] = {}
        for nad in sorted(self.nads.values(), key=lambda nad: nad.reference):
            found.setdefault(nad.cluster_network, []).append(nad)
        return found

    def vmis_of(self, nad: str) -> Tuple[Vmi, ...]:
        """The running instances that use a VM network ("namespace/name")."""
        return tuple(self._vmis_by_nad.get(nad, ()))

    def vms_of(self, nad: str) -> Tuple[Vm, ...]:
        """The VMs whose template uses a VM network ("namespace/name")."""
        return tuple(self._vms_by_nad.get(nad, ()))

    @cached_property
    def _vmis_by_nad(self) -> Dict[str, List[Vmi]]:
        return _by_network(self.vmis)

    @cached_property
    def _vms_by_nad(self) -> Dict[str, List[Vm]]:
        return _by_network(self.vms)

    @cached_property
    def nics(self) -> Mapping[str, Mapping[str, Link]]:
        """Node -> name -> physical NIC, from LinkMonitor nic."""
        return _links.links(self.get("linkmonitors", _links.NIC_MONITOR))

    @cached_property
    def links_by_index(self) -> Mapping[str, Mapping[int, str]]:
        """Node -> interface index -> name, over all LinkMonitors."""
        return _links.names_by_index(self.all("linkmonitors"))

    @cached_property
    def nic_users(self) -> Mapping[Tuple[str, str], Tuple[NetworkConfig, ...]]:
        """(node, NIC) -> the users' configurations that are, or want to be, on the node with the NIC."""
        found: Dict[Tuple[str, str], List[NetworkConfig]] = {}
        for config in self.user_configs.values():
            for node in sorted({*config.nodes, *_selectors.matched(self.workers, config.selector)}):
                for nic in dict.fromkeys(config.nics or ()):
                    found.setdefault((node, nic), []).append(config)
        return {place: tuple(configs) for place, configs in found.items()}

    @cached_property
    def agents(self) -> FrozenSet[str]:
        """The nodes whose network agent runs and is ready."""
        return frozenset(
            str(_objects.dig(pod, "spec", "nodeName"))
            for pod in self.all("agents")
            if _ready(pod) and not _objects.deleting(pod)
        )

    @cached_property
    def version(self) -> _versions.Version:
        """Harvester's version, from setting server-version. Raises VersionError for one before 1.6."""
        return _versions.of_setting(self.get("settings", "server-version"))

    def version_or(self, wanted: Union[_versions.Version, str, None]) -> _versions.Version:
        """The version that a caller names ("v1.8.2" or a Version), else the running one. Raises VersionError."""
        if wanted is None:
            return self.version
        return wanted if isinstance(wanted, _versions.Version) else _versions.parse(wanted)

    @cached_property
    def running_upgrade(self) -> str:
        """The name of the upgrade that goes on; empty when none does."""
        for upgrade in self.all("upgrades"):
            if _objects.labels_of(upgrade).get(_keys.LATEST_UPGRADE) == "true" and not _ended(upgrade):
                return _objects.name(upgrade)
        return ""

    def active_nodes(self, cluster_network: str) -> Tuple[str, ...]:
        """The nodes where VMs of a cluster network can be scheduled: those with its label, by name."""
        return tuple(sorted(node.name for node in self.nodes.values() if node.active(cluster_network)))


def _by_network(guests: Mapping[str, Any]) -> Dict[str, List[Any]]:
    found: Dict[str, List[Any]] = {}
    for guest in guests.values():
        for network in dict.fromkeys(guest.networks):
            found.setdefault(network, []).append(guest)
    return found


def _ready(pod: _objects.Object) -> bool:
    ready = _objects.condition(pod, "Ready")
    return _objects.dig(pod, "status", "phase") == "Running" and (ready is None or ready.true)


def _ended(upgrade: _objects.Object) -> bool:
    completed = _objects.condition(upgrade, "Completed")
    state = _objects.labels_of(upgrade).get(_keys.UPGRADE_STATE)
    return state in ("Succeeded", "Failed") or (completed is not None and (completed.true or completed.false))
