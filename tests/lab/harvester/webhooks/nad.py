# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webhooks for NetworkAttachmentDefinitions (2.4 of the facts): the network controller's, and Harvester's own."""

from __future__ import annotations

import ipaddress
import json

from ..kinds import CLUSTER_NETWORK, NAD, SETTING, SUBNET
from ..lookups import configs_of, nads_of, vmis_using, vms_using
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    DEFAULT_MTU,
    MAX_DEVICE,
    MGMT,
    ROUTE,
    RWX,
    STORAGE,
    UPLINK_MTU,
    Obj,
    annotated_mtu,
    annotations_of,
    config_mtu,
    effective_mtu,
    full_name,
    is_deleting,
    is_overlay,
    is_storage_nad,
    is_system_nad,
    is_true,
    is_valid_mtu,
    labels,
    nad_config,
    name,
    namespace,
    network_type,
    same_mtu,
    spec,
    trunk_ids,
)

from ..objects import READY_LABEL, TYPE_LABEL, VLAN_ID_LABEL  # isort: skip
from ..versions import Version
from ..view import View, get
from .admission import Patch, Refusal, Request, Webhook, replace

BRIDGE = "-br"


def _config(nad: Obj) -> Obj:
    try:
        return nad_config(nad)
    except ValueError as error:
        raise Refusal(f"failed to read the config: {error}") from None


def cluster_network_of_bridge(bridge: str) -> str:
    """The cluster network of a bridge's name. Raises Refusal for a name that is no cluster network's bridge."""
    if len(bridge) <= len(BRIDGE):
        raise Refusal(f"the length of bridge name {bridge} is less than {len(BRIDGE)}")
    if len(bridge) > MAX_DEVICE:
        raise Refusal(f"the length of the bridge name {bridge} can't be more than {MAX_DEVICE}")
    if not bridge.endswith(BRIDGE):
        raise Refusal(f"the bridge name {bridge} does not include suffix {BRIDGE}")
    return bridge[: -len(BRIDGE)]


def _cluster_network(config: Obj, view: View) -> Obj:
    wanted = cluster_network_of_bridge(str(config.get("bridge") or ""))
    found = get(view, CLUSTER_NETWORK, wanted)
    if found is None:
        raise Refusal(f"nad refers to a none-existing cluster network {wanted}")
    return found


def wanted_mtu(cluster_network: Obj, view: View, from_mgmt_configs: bool = True) -> int:
    """The MTU of a NAD: the annotation's, else that of the first configuration, else the default.

    ``from_mgmt_configs``: 1.9 keeps configurations of mgmt; the mutator does not look at them (#11661).
    """
    text = annotations_of(cluster_network).get(UPLINK_MTU)
    if text is not None:
        try:
            return effective_mtu(annotated_mtu(text))
        except ValueError as error:
            raise Refusal(
                f"nad's host cluster network {name(cluster_network)} has invalid MTU annotation {UPLINK_MTU}/{text}: "
                f"{error}"
            ) from None
    if name(cluster_network) == MGMT and not from_mgmt_configs:
        return DEFAULT_MTU
    configs = configs_of(view, name(cluster_network))
    mtu = config_mtu(configs[0]) if configs else 0
    return effective_mtu(mtu) if is_valid_mtu(mtu) else DEFAULT_MTU


def network_labels(nad: Obj, cluster_network: Obj | None) -> dict[str, str]:
    """The labels that a NAD of this configuration has (1.7)."""
    config = nad_config(nad)
    found = labels(nad)
    found[TYPE_LABEL] = network_type(config)
    if is_overlay(nad):
        found.setdefault(CLUSTER_NETWORK_LABEL, MGMT)
        found[READY_LABEL] = "true"
        found.pop(VLAN_ID_LABEL, None)
        return found
    found[CLUSTER_NETWORK_LABEL] = str(config.get("bridge", "")).removesuffix(BRIDGE)
    if found[TYPE_LABEL] == "L2VlanTrunkNetwork":
        found.pop(VLAN_ID_LABEL, None)
    else:
        found[VLAN_ID_LABEL] = str(config.get("vlan") or 0)
    found[READY_LABEL] = "true" if cluster_network is not None and is_true(cluster_network) else "false"
    return found


def mutate(request: Request, view: View, version: Version) -> Patch:
    """Create: ``mtu`` into the configuration. Update: labels, and the route marked outdated with another VLAN."""
    nad = request.object
    if is_deleting(nad):
        return []
    try:
        config = _config(nad)
        if request.operation == "UPDATE":
            return _mutate_update(request, view)
        if is_overlay(nad):
            return []
        mtu = wanted_mtu(_cluster_network(config, view), view, from_mgmt_configs=False)
    except Refusal as error:
        raise Refusal(f"can't {request.verb} nad {full_name(nad)} because {error}") from None
    if same_mtu(mtu, int(config.get("mtu") or 0)):
        return []
    return replace("/spec/config", json.dumps({**config, "mtu": mtu}, separators=(",", ":")))


def _mutate_update(request: Request, view: View) -> Patch:
    nad, config, before = request.object, _config(request.object), _config(request.before)
    cluster_network = None if is_overlay(nad) else _cluster_network(config, view)
    wanted = network_labels(nad, cluster_network)
    patch = replace("/metadata/labels", wanted) if wanted != labels(nad) else []
    route = annotations_of(nad).get(ROUTE)
    if route and config.get("vlan") != before.get("vlan"):
        outdated = json.dumps({**json.loads(route), "outdated": True}, separators=(",", ":"))
        patch += replace("/metadata/annotations", {**annotations_of(nad), ROUTE: outdated})
    return patch


def validate(request: Request, view: View, version: Version) -> None:
    """All rules of one request, in upstream's order."""
    nad = request.object
    if request.operation == "UPDATE" and is_deleting(nad):
        return
    try:
        if request.operation == "DELETE":
            _check_removal(nad, view)
            return
        config = _config(nad)
        _check_route(annotations_of(nad).get(ROUTE))
        if request.operation == "CREATE":
            _check_config(nad, config, view, version)
            return
        before = _config(request.before)
        if config == before:
            return
        if config.get("type") != before.get("type"):
            raise Refusal(
                f"nad cannot be updated from network type {before.get('type')} to network type {config.get('type')}"
            )
        if config.get("bridge") != before.get("bridge"):
            raise Refusal(f"nad bridge name can't be changed from {before.get('bridge')} to {config.get('bridge')}")
        _check_config(nad, config, view, version)
        vmis = vmis_using(view, [nad])
        if vmis:
            raise Refusal(f"it's still used by VM(s) {', '.join(vmis)} which must be stopped at first")
        if (is_system_nad if version.system_nads else is_storage_nad)(nad):
            raise Refusal("it is used by storagenetwork")
    except Refusal as error:
        raise Refusal(f"can't {request.verb} nad {full_name(nad)} because {error}") from None


def _check_route(text: str | None) -> None:
    if not text:
        return
    try:
        route = json.loads(text)
    except ValueError as error:
        raise Refusal(f"invalid route {text}: {error}") from None
    mode = route.get("mode") or ""
    if mode not in ("", "auto", "manual"):
        raise Refusal(f"unknown mode {mode}")
    cidr, gateway = route.get("cidr") or "", route.get("gateway") or ""
    if (cidr or mode == "manual") and not _is(ipaddress.ip_interface, cidr, "/" in cidr):
        raise Refusal(f"invalid CIDR {cidr}")
    if (gateway or mode == "manual") and not _is(ipaddress.ip_address, gateway):
        raise Refusal(f"invalid gateway {gateway}")


def _is(kind: object, text: str, also: bool = True) -> bool:
    try:
        kind(text)  # type: ignore[operator]
    except ValueError:
        return False
    return also


def _check_config(nad: Obj, config: Obj, view: View, version: Version) -> None:
    if not spec(nad).get("config"):
        raise Refusal("config is empty")
    label = labels(nad).get(CLUSTER_NETWORK_LABEL, "")
    if is_overlay(nad):
        _check_overlay(nad, config, view)
        return
    _check_vlan(config, version)
    bridge = cluster_network_of_bridge(str(config.get("bridge") or ""))
    if label and label != bridge:
        raise Refusal(f"the nad label {label} does not match bridge name {bridge}")
    cluster_network = _cluster_network(config, view)
    mtu, given = wanted_mtu(cluster_network, view), int(config.get("mtu") or 0)
    if not same_mtu(mtu, given):
        raise Refusal(f"nad MTU {given} does not match cluster network MTU {mtu}")
    if version.exclusive_vlan:
        _check_exclusive(nad, config, bridge, view)


def _check_overlay(nad: Obj, config: Obj, view: View) -> None:
    if not view.serves(SUBNET):
        raise Refusal("operation is not permitted as kubeovn is not yet enabled")
    provider = f"{name(nad)}.{namespace(nad)}.ovn"
    if config.get("provider") != provider:
        raise Refusal(f"invalid provider name {config.get('provider')} for nad {name(nad)} {namespace(nad)}")


def _check_vlan(config: Obj, version: Version) -> None:
    vlan = int(config.get("vlan") or 0)
    if not 0 <= vlan <= 4094:
        raise Refusal(f"VLAN ID {vlan} is out of range [0..4094]")
    trunk = trunk_ids(config) if version.trunk else []
    for first, last in trunk:
        if not 1 <= first <= last <= 4094:
            raise Refusal(f"trunk VLAN ID range {first}..{last} is out of range [1..4094]")
    if trunk and vlan:
        raise Refusal(f"VLAN ID {vlan} must be 0 when vlanTrunk is set")


def _check_exclusive(nad: Obj, config: Obj, cluster_network: str, view: View) -> None:
    for other in nads_of(view, cluster_network):
        if full_name(other) == full_name(nad) or labels(other).get(f"{STORAGE}/exclusivevlan") != "true":
            continue
        vlan = nad_config(other).get("vlan") or 0
        if vlan == (config.get("vlan") or 0) or any(low <= vlan <= high for low, high in trunk_ids(config)):
            raise Refusal(f"VLAN ID {vlan} is exclusively used by storage network nad {name(other)}")


def _check_removal(nad: Obj, view: View) -> None:
    config = _config(nad)
    if is_overlay(nad):
        if not view.serves(SUBNET):
            raise Refusal("operation is not permitted as kubeovn is not yet enabled")
        for subnet in view.list(SUBNET):
            if spec(subnet).get("provider") == config.get("provider"):
                raise Refusal(f"subnet {name(subnet)} is still using the nad {name(nad)} {namespace(nad)}")
        return
    vmis = vmis_using(view, [nad])
    if vmis:
        raise Refusal(f"it's still used by VM(s) {', '.join(vmis)} which must be stopped at first")
    vms = vms_using(view, nad)
    if vms:
        raise Refusal(
            f"it's still used by VM(s) {', '.join(vms)} which must remove the related networks and interfaces"
        )


def validate_settings(request: Request, view: View, version: Version) -> None:
    """Harvester's own webhook: a NAD that a setting's annotation names cannot be deleted."""
    for setting_name, prefix in (("storage-network", STORAGE), ("rwx-network", RWX)):
        setting = get(view, SETTING, setting_name)
        if setting and annotations_of(setting).get(f"{prefix}/net-attach-def") == full_name(request.object):
            raise Refusal(
                f"network-attach-definition {full_name(request.object)} is still used by setting {setting_name}",
                400,
                "BadRequest",
            )


WEBHOOKS = (
    Webhook(NAD, "network", validate, ("CREATE", "UPDATE", "DELETE"), mutate, ("CREATE", "UPDATE")),
    Webhook(NAD, "harvester", validate_settings, ("DELETE",)),
)
