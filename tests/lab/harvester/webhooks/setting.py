# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester's webhook for Settings, as far as networks go (2.6 of the facts).

Its refusals are no internal errors: 422 for a value or a state, 409 while a change is going on, 405 for a deletion.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from ..kinds import CLUSTER_NETWORK, LONGHORN_NODE, LONGHORN_VOLUME, MIGRATION, NODE, SETTING, VM, VMI
from ..lookups import configs_of, uncovered_nodes
from ..objects import (
    MGMT,
    Obj,
    condition,
    full_name,
    is_deleting,
    is_witness,
    matched_nodes,
    name,
    spec,
    status,
)
from ..versions import Version
from ..view import View, get
from .admission import Refusal, Request, Webhook
from .host_network_config import check_statuses

STORAGE_NETWORK = "storage-network"
RWX_NETWORK = "rwx-network"
MIGRATION_NETWORK = "vm-migration-network"
OTHERS = (RWX_NETWORK, MIGRATION_NETWORK)
RWX_KEYS = {"share-storage-network", "network"}
RWX_ADDRESSES = 32
MONITORING = "cattle-monitoring-system"
KEPT_WORKLOADS = ("prometheus", "alertmanager", "grafana", "vm-import-controller")


def invalid(message: str) -> Refusal:
    return Refusal(message, 422, "Invalid")


def validate(request: Request, view: View, version: Version) -> None:
    """Rules of the settings about networks; other settings pass."""
    setting = request.object
    if request.operation == "DELETE":
        if name(setting) in (STORAGE_NETWORK, *OTHERS):
            raise Refusal(f"Disallow delete setting name {name(setting)}", 405, "MethodNotAllowed")
        return
    if name(setting) == STORAGE_NETWORK and not is_deleting(setting):
        _storage(request, view, version)
    elif name(setting) in OTHERS and not is_deleting(setting) and _value(setting) != _value(request.before):
        _other(request, view, version)


def _value(setting: Obj) -> str:
    return str(setting.get("value") or "")


def _storage(request: Request, view: View, version: Version) -> None:
    new = _value(request.object)
    if request.operation == "UPDATE" and new == _value(request.before):
        return
    if request.operation == "CREATE" and not new:
        return
    if version.storage_in_progress:
        _check_idle(request, view)
    try:
        if new:
            _check_value(_parse(new), view, version)
    except Refusal as error:
        # the checks of chapter 2.5 are shared; here their refusals are invalid values
        raise invalid(error.message) from None
    _check_vms(view)
    _check_volumes(view)


def _check_idle(request: Request, view: View) -> None:
    new = _value(request.object)
    found = condition(request.before, "configured") or {}
    if new and found.get("status") == "False" and found.get("reason") == "In Progress":
        raise Refusal("storage-network setting is in progress, please wait until it is completed", 409, "Conflict")
    if not new and is_shared(view):
        raise invalid("storage-network can't be cleared while rwx-network has share-storage-network true")


def _parse(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise invalid(f"failed to unmarshal the setting value, {error}") from None
    if not isinstance(found, dict):
        raise invalid("failed to unmarshal the setting value, it is no object")
    return found


def _check_value(value: dict[str, Any], view: View, version: Version) -> None:
    vlan, cluster_network = int(value.get("vlan") or 0), str(value.get("clusterNetwork") or "")
    if not 0 <= vlan <= 4094:
        raise invalid(f"the valid value range for VLAN IDs is 0 to 4094, not {vlan}")
    if cluster_network == MGMT and vlan in (0, 1):
        raise invalid(f"network with vlan id {vlan} not allowed on mgmt cluster")
    if get(view, CLUSTER_NETWORK, cluster_network) is None:
        raise invalid(f"cluster network {cluster_network} not found")
    check_statuses(cluster_network, view)
    if cluster_network != MGMT:
        _check_span(cluster_network, view, version)
    network = _range(value.get("range"))
    excluded = _excludes(value.get("exclude") or [], network)
    _check_count(network, excluded, view, version)
    for other in OTHERS:
        _check_other(other, network, view)


def _check_span(cluster_network: str, view: View, version: Version) -> None:
    configs = configs_of(view, cluster_network)
    for config in configs:
        if not matched_nodes(config) and not version.absent_matched_nodes_skipped:
            raise invalid(f"vlan config annotations is absent for matched nodes: {name(config)}")
    for node in uncovered_nodes(view, configs):
        raise invalid(f"vlanconfig does not span {node}")


def _range(text: object) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(str(text or ""), strict=False)
    except ValueError as error:
        raise invalid(f"invalid range: {error}") from None
    if "/" not in str(text) or ipaddress.IPv4Interface(str(text)).ip != network.network_address:
        raise invalid(f"range should be subnet CIDR {network}")
    if network.prefixlen < 16:
        raise invalid(f"range {network} is larger than /16")
    return network


def _excludes(given: list[str], network: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    found: list[ipaddress.IPv4Network] = []
    for text in given:
        try:
            excluded = ipaddress.IPv4Network(text, strict=False)
        except ValueError as error:
            raise invalid(f"invalid exclude: {error}") from None
        if "/" not in text or excluded.prefixlen < 16:
            raise invalid(f"exclude {text} is no CIDR of /16 or smaller")
        if not excluded.overlaps(network):
            raise invalid(f"exclude {excluded} is not in range {network}")
        if excluded.prefixlen <= network.prefixlen:
            raise invalid(f"exclude {excluded} covers the whole range {network}")
        # upstream compares neighbours only
        if found and excluded.overlaps(found[-1]):
            raise invalid(f"exclude {excluded} overlaps with {found[-1]}")
        found.append(excluded)
    return found


def is_shared(view: View) -> bool:
    """True when RWX volumes use the storage network too (from 1.8)."""
    setting = get(view, SETTING, RWX_NETWORK)
    return bool(setting and _parse(_value(setting) or "{}").get("share-storage-network"))


def _check_count(
    network: ipaddress.IPv4Network, excluded: list[ipaddress.IPv4Network], view: View, version: Version
) -> None:
    needed = sum(2 + 2 * len(spec(node).get("disks") or {}) for node in view.list(LONGHORN_NODE))
    if version.rwx_network and is_shared(view):
        needed += sum(not is_witness(node) for node in view.list(NODE)) + RWX_ADDRESSES
    _enough(network, excluded, needed)


def _enough(network: ipaddress.IPv4Network, excluded: list[ipaddress.IPv4Network], needed: int) -> None:
    usable = max(network.num_addresses - 2, 0) - sum(item.num_addresses for item in excluded)
    if usable < needed:
        raise invalid(f"range {network} has {usable} usable addresses, at least {needed} are needed")


def _check_other(setting_name: str, network: ipaddress.IPv4Network, view: View) -> None:
    setting = get(view, SETTING, setting_name)
    value = _parse(_value(setting) or "{}") if setting else {}
    text = (value.get("network") or value).get("range")
    if text and ipaddress.IPv4Network(text, strict=False).overlaps(network):
        raise invalid(f"range {network} overlaps with {text} of setting {setting_name}")


def is_stopped(vm: Obj, vmi: Obj | None) -> bool:
    """A VM as the storage network counts it (2.7): printable status Stopped, and Halted or no VMI that still runs."""
    if status(vm).get("printableStatus") != "Stopped":
        return False
    return spec(vm).get("runStrategy") == "Halted" or vmi is None or status(vmi).get("phase") in ("Succeeded", "Failed")


def _other(request: Request, view: View, version: Version) -> None:
    """``rwx-network`` and ``vm-migration-network``: of their values only what the facts name."""
    value, before = _parse(_value(request.object) or "{}"), _parse(_value(request.before) or "{}")
    workers = sum(not is_witness(node) for node in view.list(NODE))
    if name(request.object) == RWX_NETWORK:
        if value.keys() - RWX_KEYS:
            raise invalid(f'json: unknown field "{min(value.keys() - RWX_KEYS)}"')
        storage = get(view, SETTING, STORAGE_NETWORK)
        shares = value.get("share-storage-network") and not before.get("share-storage-network")
        if shares and not (storage and _value(storage)):
            raise invalid("share-storage-network needs a configured storage-network")
        for volume in view.list(LONGHORN_VOLUME):
            fixed = spec(volume).get("accessMode") == "rwx" and not spec(volume).get("migratable")
            if fixed and status(volume).get("state") != "detached":
                raise invalid(f"please detach RWX volume {name(volume)} before configuring the rwx-network setting")
        value, needed = dict(value.get("network") or {}), workers + RWX_ADDRESSES
    else:
        for migration in view.list(MIGRATION):
            if status(migration).get("phase") not in ("Succeeded", "Failed"):
                said = f"migration {full_name(migration)} is in progress, please wait until it is completed"
                raise invalid(said)
        needed = workers
    if value:
        network = _range(value.get("range"))
        _enough(network, _excludes(value.get("exclude") or [], network), needed)


def _check_vms(view: View) -> None:
    vmis = {full_name(vmi): vmi for vmi in view.list(VMI)}
    if not all(is_stopped(vm, vmis.get(full_name(vm))) for vm in view.list(VM)):
        raise invalid("Please stop all VMs before configuring the storage-network setting")


def _check_volumes(view: View) -> None:
    for volume in view.list(LONGHORN_VOLUME):
        if status(volume).get("state") == "detached" or is_kept(volume):
            continue
        claim = status(volume).get("kubernetesStatus") or {}
        if "vcluster" in str(claim.get("pvcName") or ""):
            raise invalid("please stop vcluster before configuring the storage-network setting")
        raise invalid("please stop all workloads before configuring the storage-network setting")


def is_kept(volume: Obj) -> bool:
    """Volumes of workloads that the controller stops by itself."""
    claim = status(volume).get("kubernetesStatus") or {}
    pvc, place = str(claim.get("pvcName") or ""), claim.get("namespace")
    if "vm-import-controller" in pvc:
        return True
    return place == MONITORING and any(word in pvc for word in KEPT_WORKLOADS)


WEBHOOKS = (Webhook(SETTING, "harvester", validate, ("CREATE", "UPDATE", "DELETE")),)
