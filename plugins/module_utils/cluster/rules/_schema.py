# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server refuses by the CRDs' schemas. This module util is private to the collection."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator

from .. import _keys, _objects
from .._config import MODES
from ._registry import PUT, Finding, harvester
from ._request import Request

CONFIG_CRD = "CRD vlanconfigs.network.harvesterhci.io"
HOST_CRD = "CRD hostnetworkconfigs.network.harvesterhci.io"
IPS_LIMIT = 500


@harvester("vlanconfig-required", "spec.clusterNetwork and spec.uplink are required", ("vlanconfigs",), PUT, CONFIG_CRD)
def config_required(request: Request) -> Iterator[Finding]:
    for field in ("clusterNetwork", "uplink"):
        if _objects.dig(request.new, "spec", field) is None:
            yield Finding("spec.%s: Required value" % field, "give it")


@harvester("vlanconfig-bond-mode", "The bond mode is one that the kernel has", ("vlanconfigs",), PUT, CONFIG_CRD)
def config_mode(request: Request) -> Iterator[Finding]:
    mode = _objects.dig(request.new, "spec", "uplink", "bondOptions", "mode")
    if mode is not None and mode not in MODES:
        yield Finding(
            'spec.uplink.bondOptions.mode: Unsupported value: "%s"' % mode, "give one of %s" % _objects.listed(MODES)
        )


@harvester("vlanconfig-minimum", "MTU, txQLen and miimon keep their lower bounds", ("vlanconfigs",), PUT, CONFIG_CRD)
def config_minimum(request: Request) -> Iterator[Finding]:
    for part, field, least in (
        ("linkAttributes", "mtu", 0),
        ("linkAttributes", "txQLen", -1),
        ("bondOptions", "miimon", -1),
    ):
        value = _objects.dig(request.new, "spec", "uplink", part, field)
        if value is not None and value < least:
            yield Finding(
                "spec.uplink.%s.%s: Invalid value: %s: should be greater than or equal to %d"
                % (part, field, value, least),
                "give at least %d" % least,
            )


@harvester(
    "hostnetworkconfig-served",
    "Host network configurations exist from 1.8 on",
    ("hostnetworkconfigs",),
    PUT,
    "network-controller-harvester: CRD since v1.8.0",
)
def host_config_served(request: Request) -> Iterator[Finding]:
    if not request.has("host_network_configs"):
        network = _objects.dig(request.new, "spec", "clusterNetwork")
        on_hosts = network == _keys.MGMT and request.has("networkmanager")
        yield Finding(
            "Harvester %s does not serve HostNetworkConfig, which came with 1.8" % request.version,
            "add the VLAN on the hosts (playbook mgmt_vlans), or upgrade first" if on_hosts else "upgrade first",
        )


@harvester(
    "hostnetworkconfig-fields",
    "clusterNetwork, mode and vlanID are required and within bounds",
    ("hostnetworkconfigs",),
    PUT,
    HOST_CRD,
    "host_network_configs",
)
def host_config_fields(request: Request) -> Iterator[Finding]:
    spec = _objects.dig(request.new, "spec") or {}
    if not spec.get("clusterNetwork"):
        yield Finding("spec.clusterNetwork: Required value", "name a cluster network, mgmt for the management network")
    vid = spec.get("vlanID")
    if not isinstance(vid, int) or not 1 <= vid <= 4094:
        yield Finding("spec.vlanID: Invalid value: %s: it must be within 1..4094" % vid, "give a VLAN id")
    if spec.get("mode") not in ("static", "dhcp"):
        yield Finding('spec.mode: Unsupported value: "%s"' % spec.get("mode"), "give static or dhcp")


@harvester(
    "hostnetworkconfig-ips",
    "Mode static has addresses, and they are in CIDR notation",
    ("hostnetworkconfigs",),
    PUT,
    HOST_CRD,
    "host_network_configs",
)
def host_config_ips(request: Request) -> Iterator[Finding]:
    spec = _objects.dig(request.new, "spec") or {}
    ips = spec.get("ips") or {}
    if spec.get("mode") == "static" and not ips:
        yield Finding(
            "spec.ips must be specified and non-empty when mode is static",
            "give each node an address such as 10.1.2.3/24",
        )
    if len(ips) > IPS_LIMIT:
        yield Finding("spec.ips: Too many: %d: must have at most %d items" % (len(ips), IPS_LIMIT), "use mode dhcp")
    for node in sorted(ips):
        if not _cidr(ips[node]):
            yield Finding(
                'spec.ips[%s]: Invalid value: "%s": Invalid CIDR format' % (node, ips[node]),
                "give an address with its prefix length, such as 10.1.2.3/24",
            )


def _cidr(text: Any) -> bool:
    try:
        ipaddress.ip_interface(str(text))
    except ValueError:
        return False
    return "/" in str(text)
