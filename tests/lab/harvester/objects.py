# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading objects as the API gives them: names, labels, the values that Harvester's rules ask for."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any

Obj = dict[str, Any]

PREFIX = "network.harvesterhci.io"
CLUSTER_NETWORK_LABEL = f"{PREFIX}/clusternetwork"
VLAN_CONFIG_LABEL = f"{PREFIX}/vlanconfig"
NODE_LABEL = f"{PREFIX}/node"
TYPE_LABEL = f"{PREFIX}/type"
VLAN_ID_LABEL = f"{PREFIX}/vlan-id"
READY_LABEL = f"{PREFIX}/ready"
MATCHED_NODES = f"{PREFIX}/matched-nodes"
UPLINK_MTU = f"{PREFIX}/uplink-mtu"
MTU_SOURCE = f"{PREFIX}/mtu-source-vc"
VLAN_ID_SET = f"{PREFIX}/vlan-id-set-str"
VLAN_ID_SET_HASH = f"{PREFIX}/vlan-id-set-str-hash"
ROUTE = f"{PREFIX}/route"
WITNESS = "node-role.harvesterhci.io/witness"
STORAGE = "storage-network.settings.harvesterhci.io"
RWX = "rwx-network.settings.harvesterhci.io"

MGMT = "mgmt"
DEFAULT_MTU = 1500
MIN_MTU, MAX_MTU = 576, 9000
"""Bytes; besides, 0 is valid and means the default."""
MAX_NAME = 12
"""Characters of a cluster network's name: a device's 15 without '-br'."""
MAX_DEVICE = 15


def name(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def namespace(obj: Obj) -> str:
    return str(obj["metadata"].get("namespace") or "")


def full_name(obj: Obj) -> str:
    """``namespace/name``."""
    return f"{namespace(obj)}/{name(obj)}"


def labels(obj: Obj) -> dict[str, str]:
    return dict(obj["metadata"].get("labels") or {})


def annotations_of(obj: Obj) -> dict[str, str]:
    return dict(obj["metadata"].get("annotations") or {})


def spec(obj: Obj) -> Obj:
    return dict(obj.get("spec") or {})


def status(obj: Obj) -> Obj:
    return dict(obj.get("status") or {})


def is_deleting(obj: Obj) -> bool:
    return bool(obj["metadata"].get("deletionTimestamp"))


def condition(obj: Obj, kind: str) -> Obj | None:
    """The condition of that type, None when there is none."""
    for item in status(obj).get("conditions") or []:
        if item.get("type") == kind:
            return dict(item)
    return None


def is_true(obj: Obj, kind: str = "ready") -> bool:
    return (condition(obj, kind) or {}).get("status") == "True"


def is_false(obj: Obj, kind: str = "ready") -> bool:
    return (condition(obj, kind) or {}).get("status") == "False"


# --- MTU


def is_valid_mtu(mtu: int) -> bool:
    return mtu == 0 or MIN_MTU <= mtu <= MAX_MTU


def effective_mtu(mtu: int) -> int:
    """0 stands for the default."""
    return mtu or DEFAULT_MTU


def same_mtu(one: int, other: int) -> bool:
    return effective_mtu(one) == effective_mtu(other)


def annotated_mtu(text: str) -> int:
    """The number in an ``uplink-mtu`` annotation. Raises ValueError with the gist of upstream's words."""
    try:
        mtu = int(text)
    except ValueError:
        raise ValueError(f"annotation {text} value is not int") from None
    if not is_valid_mtu(mtu):
        raise ValueError(f"annotation {text} value is not in range [0, {MIN_MTU}..{MAX_MTU}]")
    return mtu


# --- VlanConfig


def cluster_network_of(vlan_config: Obj) -> str:
    return str(spec(vlan_config).get("clusterNetwork") or "")


def uplink(vlan_config: Obj) -> Obj:
    return dict(spec(vlan_config).get("uplink") or {})


def config_mtu(vlan_config: Obj) -> int:
    """The MTU of a VlanConfig as written, 0 when it has none."""
    return int((uplink(vlan_config).get("linkAttributes") or {}).get("mtu") or 0)


def matched_nodes(vlan_config: Obj) -> list[str] | None:
    """What the annotation says, None when it is absent or empty."""
    text = annotations_of(vlan_config).get(MATCHED_NODES)
    return [str(item) for item in json.loads(text) or []] if text else None


# --- nodes


def is_witness(node: Obj) -> bool:
    """The key of the label alone counts, whatever its value."""
    return WITNESS in labels(node)


def selected(selector: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """A ``nodeSelector``: equality, ANDed; empty selects all."""
    return all(wanted.get(key) == value for key, value in (selector or {}).items())


def label_selected(selector: Obj | None, wanted: Mapping[str, str]) -> bool:
    """A ``metav1.LabelSelector``; None selects all."""
    if selector is None:
        return True
    if not selected(selector.get("matchLabels"), wanted):
        return False
    return all(_expression(item, wanted) for item in selector.get("matchExpressions") or [])


def _expression(item: Obj, wanted: Mapping[str, str]) -> bool:
    key, operator, values = item["key"], item["operator"], item.get("values") or []
    if operator == "In":
        return key in wanted and wanted[key] in values
    if operator == "NotIn":
        return wanted.get(key) not in values
    return (key in wanted) == (operator == "Exists")


# --- networks of VMs


def nad_config(nad: Obj) -> Obj:
    """The CNI configuration of a NAD. Raises ValueError when it is no JSON object."""
    config = json.loads(spec(nad).get("config") or "{}")
    if not isinstance(config, dict):
        raise ValueError(f"config is no object: {config!r}")
    return config


def is_overlay(nad: Obj) -> bool:
    return bool(nad_config(nad).get("type") == "kube-ovn")


def trunk_ids(config: Obj) -> list[tuple[int, int]]:
    """``vlanTrunk`` of a CNI configuration as ranges, both ends included."""
    return [
        (int(item.get("minID", item.get("id", 0)) or 0), int(item.get("maxID", item.get("id", 0)) or 0))
        for item in config.get("vlanTrunk") or []
    ]


def vlan_ids(config: Obj) -> set[int]:
    """VLAN ids that a CNI configuration needs on the uplink: 0 (untagged) needs none."""
    ids = {int(config.get("vlan") or 0)} - {0}
    for first, last in trunk_ids(config):
        ids.update(range(first, last + 1))
    return ids


def network_type(config: Obj) -> str:
    if config.get("type") == "kube-ovn":
        return "OverlayNetwork"
    if config.get("vlanTrunk"):
        return "L2VlanTrunkNetwork"
    return "L2VlanNetwork" if config.get("vlan") else "UntaggedNetwork"


def is_storage_nad(nad: Obj) -> bool:
    return annotations_of(nad).get(STORAGE) == "true" or name(nad).startswith("storagenetwork-")


def is_system_nad(nad: Obj) -> bool:
    """1.9: the storage network's, the RWX network's, the migration network's."""
    prefixes = ("rwx-network-", "vm-migration-network-")
    return is_storage_nad(nad) or name(nad).startswith(prefixes)


def network_names(pod_spec: Obj, own_namespace: str) -> list[str]:
    """``namespace/name`` of every NAD that a VMI's (or a VM template's) spec names; a bare name is of its namespace."""
    found = []
    for item in pod_spec.get("networks") or []:
        given = (item.get("multus") or {}).get("networkName")
        if given:
            found.append(given if "/" in given else f"{own_namespace}/{given}")
    return found


def template_spec(vm: Obj) -> Obj:
    return dict((spec(vm).get("template") or {}).get("spec") or {})


def same_subnet(addresses: Iterable[str]) -> bool:
    """True when all addresses with prefix lie in one network. Raises ValueError for one that is none."""
    return len({ipaddress.ip_interface(item).network for item in addresses}) <= 1
