# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Harvester does after a change of a setting that names a network (5.2, 5.5 of the facts).

Each look goes one step further, and the setting's condition says which: the network attachment, volumes detached,
Longhorn's setting, addresses given out. A change can be made to stay at any step (`Faults.storage_network_stops`).
Of rwx-network and vm-migration-network the facts name hash, attachment and condition; the steps are the same ones.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import zlib
from dataclasses import dataclass

from ..kinds import CLUSTER_NETWORK, IP_POOL, LONGHORN_SETTING, LONGHORN_VOLUME, NAD, NODE, SETTING
from ..moment import Moment, Timers
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    DEFAULT_MTU,
    MGMT,
    STORAGE,
    UPLINK_MTU,
    Obj,
    annotations_of,
    condition,
    is_deleting,
    is_witness,
    labels,
    name,
    namespace,
    spec,
    status,
)
from ..versions import Version
from ..view import View, get
from ..webhooks.setting import is_kept
from ..writes import Create, Delete, Write, patch

SYSTEM, LONGHORN_SYSTEM, POOLS = "harvester-system", "longhorn-system", "kube-system"
PROGRESS = "In Progress"


@dataclass(frozen=True)
class Network:
    """One setting. ``longhorn``: Longhorn's setting for it, '' for none."""

    setting: str
    nads: str
    longhorn: str = ""

    def mark(self, word: str) -> str:
        """An annotation of the setting."""
        return f"{self.setting}.settings.harvesterhci.io/{word}"

    def is_served(self, version: Version) -> bool:
        return version.rwx_network or self.setting != RWX.setting


STORAGE_NETWORK = Network("storage-network", "storagenetwork-", "storage-network")
RWX = Network("rwx-network", "rwx-network-", "endpoint-network-for-rwx-volume")
MIGRATION_NETWORK = Network("vm-migration-network", "vm-migration-network-")
NETWORKS = (STORAGE_NETWORK, RWX, MIGRATION_NETWORK)


class NetworkSettings:
    """Writes for all of them."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """The next step of each change."""
        found: list[Write] = []
        for network in NETWORKS:
            setting = get(view, SETTING, network.setting)
            if setting is not None and network.is_served(moment.version):
                found += self._setting(network, setting, view, moment)
        return found

    def _setting(self, network: Network, setting: Obj, view: View, moment: Moment) -> list[Write]:
        text = str(setting.get("value") or "")
        value, shared = read(text)
        there = annotations_of(setting)
        digest = hashlib.sha1(text.encode()).hexdigest()
        if network.mark("hash") not in there and not value and not shared:
            return []
        if there.get(network.mark("hash")) != digest:
            if not self._goes_on("nad", network, digest, moment):
                return []
            return _taken_up(network, setting, value, shared, digest, view, moment)
        if (condition(setting, "configured") or {}).get("status") == "True":
            return []
        return self._progress(network, setting, value, digest, view, moment)

    def _progress(
        self, network: Network, setting: Obj, value: Obj, digest: str, view: View, moment: Moment
    ) -> list[Write]:
        wanted = annotations_of(setting).get(network.mark("net-attach-def"), "")
        longhorn = get(view, LONGHORN_SETTING, network.longhorn, LONGHORN_SYSTEM) if network.longhorn else None
        if longhorn is not None and str(longhorn.get("value") or "") != wanted:
            if not self._goes_on("volumes", network, digest, moment):
                return _says(setting, "Stopping Pods", moment)
            attached = sorted(name(item) for item in view.list(LONGHORN_VOLUME) if _is_in_the_way(item))
            if attached:
                return _says(setting, f"waiting for all volumes detached: {','.join(attached)}", moment)
            if not self._goes_on("longhorn", network, digest, moment):
                return _says(setting, "Update Longhorn setting", moment)
            return [patch(LONGHORN_SETTING, longhorn, {"value": wanted})]
        old = annotations_of(setting).get(network.mark("old-net-attach-def"), "")
        if old and old != wanted:
            return _old_removed(network, setting, old, view, moment)
        if network is STORAGE_NETWORK and value and not _has_addresses(value, view):
            return _says(setting, "IP allocation failure for Longhorn Pods", moment)
        if not self._goes_on("addresses", network, digest, moment):
            return _says(setting, "Restarting Pods", moment)
        if not self._goes_on("done", network, digest, moment):
            return []
        return _conditioned(setting, "True", "Completed", "", moment)

    def _goes_on(self, step: str, network: Network, digest: str, moment: Moment) -> bool:
        if moment.faults.storage_network_stops == step:
            return False
        return self._timers.due((network.setting, digest, step), moment.delays.storage_step, moment.clock)


def read(text: str) -> tuple[Obj, bool]:
    """The network in a setting's value (empty: none), and whether it is the storage network's (rwx-network)."""
    value = json.loads(text) if text else {}
    if "share-storage-network" in value or "network" in value:
        shared = bool(value.get("share-storage-network"))
        return ({} if shared else dict(value.get("network") or {})), shared
    return dict(value), False


def _taken_up(
    network: Network, setting: Obj, value: Obj, shared: bool, digest: str, view: View, moment: Moment
) -> list[Write]:
    """The first step: an attachment for the new value, which the setting names from now on."""
    found: list[Write] = []
    reference, before = "", annotations_of(setting).get(network.mark("net-attach-def"), "")
    if shared:
        storage = get(view, SETTING, STORAGE_NETWORK.setting)
        reference = annotations_of(storage or setting).get(STORAGE_NETWORK.mark("net-attach-def"), "")
    elif value:
        nad = _nad_of(network, digest, view)
        if nad is None:
            nad = _new_nad(network, setting, value, digest, view)
            found.append(Create(NAD, nad))
        reference = f"{SYSTEM}/{name(nad)}"
    annotations = {
        network.mark("hash"): digest,
        network.mark("net-attach-def"): reference,
        network.mark("old-net-attach-def"): before if before != reference else "",
    }
    item = _condition(setting, "False", PROGRESS, "create NAD", moment)
    change = {"metadata": {"annotations": annotations}, "status": {"conditions": item}}
    return [*found, patch(SETTING, setting, change)]


def _nad_of(network: Network, digest: str, view: View) -> Obj | None:
    for nad in view.list(NAD):
        marked = labels(nad).get(network.mark("hash")) == digest
        if marked and namespace(nad) == SYSTEM and name(nad).startswith(network.nads) and not is_deleting(nad):
            return nad
    return None


def _new_nad(network: Network, setting: Obj, value: Obj, digest: str, view: View) -> Obj:
    """Its random name is made of the setting's version: a look at an old state makes no second one."""
    seed = f"{setting['metadata'].get('resourceVersion', '')} {digest}"
    nad_name = f"{network.nads}{zlib.crc32(seed.encode()):08x}"[: len(network.nads) + 5]
    cluster_network = str(value.get("clusterNetwork") or MGMT)
    ipam = {"type": "whereabouts", "range": value.get("range")}
    ipam |= {"exclude": value["exclude"]} if value.get("exclude") else {}
    found = get(view, CLUSTER_NETWORK, cluster_network)
    mtu = int(annotations_of(found).get(UPLINK_MTU) or 0) if found else 0
    vlan = int(value.get("vlan") or 0)
    config = {
        "cniVersion": "0.3.1",
        "name": nad_name,
        "type": "bridge",
        "bridge": f"{cluster_network}-br",
        "promiscMode": True,
        "vlan": vlan,
        "ipam": ipam,
        **({"mtu": mtu} if mtu not in (0, DEFAULT_MTU) else {}),
    }
    marks = {CLUSTER_NETWORK_LABEL: cluster_network, network.mark("hash"): digest}
    if network is STORAGE_NETWORK and value.get("exclusiveVlan"):
        marks[network.mark("exclusivevlan")] = "true"
    metadata: Obj = {"name": nad_name, "namespace": SYSTEM, "labels": marks}
    metadata["annotations"] = {STORAGE if network is STORAGE_NETWORK else network.mark("")[:-1]: "true"}
    return {"metadata": metadata, "spec": {"config": json.dumps(config, separators=(",", ":"))}}


def _old_removed(network: Network, setting: Obj, old: str, view: View, moment: Moment) -> list[Write]:
    """The attachment before goes, unless it is another setting's; first its name, as a named one may not go (2.4)."""
    place, _, nad_name = old.partition("/")
    change = {"metadata": {"annotations": {network.mark("old-net-attach-def"): ""}}}
    found: list[Write] = [patch(SETTING, setting, change)]
    if nad_name.startswith(network.nads) and get(view, NAD, nad_name, place) is not None:
        found.append(Delete(NAD, nad_name, place))
    return found


def _is_in_the_way(volume: Obj) -> bool:
    return status(volume).get("state") != "detached" and not is_kept(volume)


def pool_name(network: str) -> str:
    """The IPPool of a range: address and prefix length."""
    found = ipaddress.IPv4Network(network, strict=False)
    return f"{found.network_address}-{found.prefixlen}"


def _has_addresses(value: Obj, view: View) -> bool:
    pool = get(view, IP_POOL, pool_name(str(value.get("range"))), POOLS)
    given = len(spec(pool).get("allocations") or {}) if pool else 0
    return given >= sum(not is_witness(node) for node in view.list(NODE))


# --- the condition


def _condition(setting: Obj, value: str, reason: str, message: str, moment: Moment) -> list[Obj]:
    item = {
        "type": "configured",
        "status": value,
        "reason": reason,
        "message": message,
        "lastUpdateTime": moment.now,
        "lastTransitionTime": moment.now,
    }
    return [*(one for one in status(setting).get("conditions") or [] if one.get("type") != "configured"), item]


def _conditioned(setting: Obj, value: str, reason: str, message: str, moment: Moment) -> list[Write]:
    there = condition(setting, "configured") or {}
    if (there.get("status"), there.get("reason"), there.get("message") or "") == (value, reason, message):
        return []
    change = {"status": {"conditions": _condition(setting, value, reason, message, moment)}}
    return [patch(SETTING, setting, change)]


def _says(setting: Obj, message: str, moment: Moment) -> list[Write]:
    return _conditioned(setting, "False", PROGRESS, message, moment)
