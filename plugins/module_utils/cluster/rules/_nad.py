# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NC pkg/webhook/nad/validator.go, and HV's own for VM networks of settings. This module util is private to the
collection.

Not judged: overlays (Kube-OVN) beyond their cluster network and provider; whether Kube-OVN is enabled and its subnets
are not among the objects that are read.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Iterator

from ...common import _mtu, _names, _vlans
from .. import _keys, _nad, _network_mtu, _objects, _storage
from .._attachments import names
from ._registry import DELETE, PUT, UPDATE, Finding, harvester
from ._request import Request
from ._shared import stop

SOURCE = "NC pkg/webhook/nad: "
KIND = ("nads",)


def _because(request: Request, reason: str) -> str:
    return "can't %s nad %s/%s because %s" % (request.operation, request.change.namespace, request.name, reason)


def _judged(request: Request) -> bool:
    """Whether Harvester looks at the config: at creation, and at updates that change it."""
    old = request.old_nad
    return request.nad.config is not None and (old is None or old.config != request.nad.config)


def _bridge(request: Request) -> bool:
    return _judged(request) and not request.nad.overlay


@harvester("nad-config", "spec.config is a JSON object", KIND, PUT, SOURCE + "decodes it")
def config(request: Request) -> Iterator[Finding]:
    if request.nad.config is None:
        yield Finding(_because(request, "config is empty or no JSON object"), "give the CNI configuration as JSON")


@harvester(
    "nad-route",
    "A route has a known mode, a manual one a CIDR and a gateway",
    KIND,
    PUT,
    SOURCE + "reads annotation route",
)
def route(request: Request) -> Iterator[Finding]:
    text = _objects.annotations_of(request.current).get(_keys.ROUTE)
    if not text:
        return
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        yield Finding(_because(request, "annotation %s is no JSON object" % _keys.ROUTE), "give mode auto or manual")
        return
    mode = found.get("mode") or ""
    if mode not in ("", "auto", "manual"):
        yield Finding(_because(request, "unknown mode %s of the route" % mode), "give mode auto or manual")
    for word, read in (("cidr", _cidr), ("gateway", ipaddress.ip_address)):
        value = str(found.get(word) or "")
        try:
            if value or mode == "manual":
                read(value)
        except ValueError:
            yield Finding(
                _because(request, "the %s '%s' of the %s route is invalid" % (word, value, mode or "auto")),
                "give a valid %s%s" % (word, "" if mode == "manual" else ", or leave it out"),
            )


def _cidr(text: str) -> object:
    if "/" not in text:
        raise ValueError(text)
    return ipaddress.ip_interface(text)


@harvester("nad-type", "The type of a VM network stays", KIND, (UPDATE,), SOURCE + "bridge or kube-ovn for good")
def cni_type(request: Request) -> Iterator[Finding]:
    old = request.old_nad
    if old is not None and _judged(request) and old.type != request.nad.type:
        yield Finding(
            _because(
                request, "nad cannot be updated from network type %s to network type %s" % (old.type, request.nad.type)
            ),
            "delete the VM network and create it again",
        )


@harvester("nad-bridge-stays", "The bridge of a VM network stays", KIND, (UPDATE,), SOURCE + "bridge is immutable")
def bridge_stays(request: Request) -> Iterator[Finding]:
    old = request.old_nad
    if old is not None and _judged(request) and old.bridge != request.nad.bridge:
        yield Finding(
            _because(request, "nad bridge name can't be changed from %s to %s" % (old.bridge, request.nad.bridge)),
            "delete the VM network and create it again on the other cluster network",
        )


@harvester("nad-overlay", "An overlay belongs to mgmt and names itself as provider", KIND, PUT, SOURCE + "kube-ovn")
def overlay(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if not _judged(request) or not nad.overlay:
        return
    if nad.cluster_network not in ("", _keys.MGMT):
        yield Finding(
            _because(request, "nad with kubeovn type can only be part of mgmt cluster"),
            "set label %s to mgmt" % _keys.CLUSTER_NETWORK,
        )
    provider, wanted = str((nad.config or {}).get("provider")), "%s.%s.ovn" % (nad.name, nad.namespace)
    if provider != wanted:
        yield Finding(_because(request, "invalid provider name %s" % provider), "name the provider %s" % wanted)


@harvester("nad-vlan", "VLAN ids are within bounds, and a trunk has VLAN 0", KIND, PUT, SOURCE + "untag, tag, trunk")
def vlan(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if not _bridge(request):
        return
    if not 0 <= nad.vlan <= _vlans.LAST:
        given = (nad.config or {}).get("vlan")
        yield Finding(_because(request, "VLAN ID %s must be within 0..4094" % given), "give a VLAN id, 0 for untagged")
    if not nad.has_trunk:
        return
    wrong = sorted(vid for vid in nad.trunk if not _vlans.FIRST <= vid <= _vlans.LAST)
    if wrong or not nad.trunk:
        shown = wrong[0] if wrong else "range"
        yield Finding(_because(request, "trunk VLAN ID %s must be within 1..4094" % shown), "give ids within 1..4094")
    if nad.vlan:
        yield Finding(_because(request, "a trunk needs VLAN ID 0, not %d" % nad.vlan), "set vlan to 0, or leave it out")


@harvester("nad-bridge-name", "The bridge is <cluster network>-br", KIND, PUT, SOURCE + "at most 15 characters")
def bridge_name(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if _bridge(request) and not nad.bridge_network:
        yield Finding(
            _because(
                request,
                "the bridge name '%s' must end with %s and have at most %d characters"
                % (nad.bridge, _nad.BRIDGE_SUFFIX, _names.LONGEST),
            ),
            "name the bridge after its cluster network",
        )


@harvester("nad-label", "Label clusternetwork names the bridge's cluster network", KIND, PUT, SOURCE + "compares them")
def label(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if _bridge(request) and nad.bridge_network and nad.cluster_network not in ("", nad.bridge_network):
        yield Finding(
            _because(
                request,
                "the nad label %s does not match bridge name %s" % (nad.cluster_network, nad.bridge_network),
            ),
            "set label %s to %s" % (_keys.CLUSTER_NETWORK, nad.bridge_network),
        )


@harvester("nad-network", "The cluster network exists", KIND, PUT, SOURCE + "looks it up by the bridge's name")
def network(request: Request) -> Iterator[Finding]:
    found = request.nad.bridge_network
    if _bridge(request) and found and not request.snapshot.get("clusternetworks", found):
        yield Finding(
            _because(request, "nad refers to a none-existing cluster network %s" % found),
            "create cluster network '%s' first" % found,
        )


@harvester(
    "nad-mtu",
    "The MTU is the cluster network's",
    KIND,
    PUT,
    SOURCE + "annotation uplink-mtu, else the first vlanconfig by the VM network's label, else 1500",
)
def mtu(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if not _bridge(request) or not request.snapshot.get("clusternetworks", nad.bridge_network):
        return
    try:
        wanted = _network_mtu.for_nads(request.snapshot, nad.bridge_network, nad.cluster_network)
        given = _mtu.effective(nad.mtu)
    except _mtu.MtuError as error:
        yield Finding(
            _because(request, "the VM network or cluster network %s has an invalid MTU" % nad.bridge_network),
            str(error),
        )
        return
    if given != wanted:
        yield Finding(
            _because(request, "nad MTU %s does not match cluster network MTU %d" % (nad.mtu or 0, wanted)),
            "leave mtu out of a new VM network, and alone in an existing one; it follows the cluster network. On mgmt, "
            "see that its annotation %s says the MTU of the hosts" % _keys.UPLINK_MTU
            if nad.bridge_network == _keys.MGMT
            else "leave mtu out of a new VM network, and alone in an existing one; it follows the cluster network",
        )


@harvester(
    "nad-exclusive-vlan",
    "The storage network has its VLAN for itself when it says so",
    KIND,
    PUT,
    SOURCE + "exclusiveVlan of setting storage-network",
    "exclusive_vlan",
)
def exclusive_vlan(request: Request) -> Iterator[Finding]:
    nad, value = request.nad, _storage.network_of(request.snapshot, _storage.STORAGE)
    if not _bridge(request) or nad.setting or value is None or not value.exclusive_vlan:
        return
    if nad.bridge_network == value.cluster_network and (value.vlan in nad.vlans or nad.vlan == value.vlan):
        yield Finding(
            _because(request, "VLAN ID %d is exclusive to the storage network" % value.vlan), "use another VLAN id"
        )


@harvester(
    "nad-vms-running",
    "No VM runs with a VM network that is changed or deleted",
    KIND,
    (UPDATE, DELETE),
    SOURCE + "VMIs",
)
def running(request: Request) -> Iterator[Finding]:
    if request.new is not None and not _judged(request):
        return
    found = request.snapshot.vmis_of(request.nad.reference)
    if found:
        found = tuple(sorted(found, key=lambda vmi: vmi.reference))
        yield Finding(
            _because(request, "it's still used by VM(s) %s which must be stopped at first" % ", ".join(names(found))),
            stop(found, migrate=False),
        )


@harvester("nad-vms", "No VM refers to a VM network that is deleted", KIND, (DELETE,), SOURCE + "VM templates")
def referring(request: Request) -> Iterator[Finding]:
    found = sorted(names(request.snapshot.vms_of(request.nad.reference)))
    if found:
        yield Finding(
            _because(
                request,
                "it's still used by VM(s) %s which must remove the related networks and interfaces" % ", ".join(found),
            ),
            "take the network out of these VMs, or delete them",
        )


@harvester("nad-storage", "The storage network's VM network stays as it is", KIND, (UPDATE,), SOURCE + "storagenetwork")
def storage(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if _judged(request) and nad.setting and (nad.setting == _storage.STORAGE or request.has("system_networks")):
        yield Finding(
            _because(request, "it is used by %s" % nad.setting.replace("storage-network", "storagenetwork")),
            "change setting %s instead" % nad.setting,
        )


@harvester(
    "nad-setting",
    "A VM network that a setting names is not deleted",
    KIND,
    (DELETE,),
    "HV webhook for NADs: annotations net-attach-def of settings storage-network and rwx-network",
)
def of_setting(request: Request) -> Iterator[Finding]:
    for name in (_storage.STORAGE, _storage.RWX):
        setting = request.snapshot.get("settings", name)
        mark = "%s.settings.harvesterhci.io/net-attach-def" % name
        if setting and _objects.annotations_of(setting).get(mark) == request.nad.reference:
            yield Finding(
                _because(request, "it is used by setting %s" % name),
                "disable the setting, which removes the VM network",
            )
