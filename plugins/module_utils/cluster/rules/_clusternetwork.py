# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NC pkg/webhook/clusternetwork/validator.go. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator, Optional

from ...common import _mtu
from .. import _keys, _network_mtu, _objects
from .._attachments import blocking, names
from ._registry import CREATE, DELETE, UPDATE, Finding, harvester
from ._request import Request
from ._shared import BOUNDS, NAME_LIMIT, active_system_nad, stop

SOURCE = "NC pkg/webhook/clusternetwork: "
KIND = ("clusternetworks",)


def _because(request: Request, reason: str) -> str:
    return "can't %s cluster network %s because %s" % (request.operation, request.name, reason)


@harvester("clusternetwork-name", "A name has at most 12 characters", KIND, (CREATE,), SOURCE + "15 less '-br'")
def name(request: Request) -> Iterator[Finding]:
    if len(request.name) > NAME_LIMIT:
        yield Finding(
            _because(request, "the length of the clusterNetwork name %s is more than %d" % (request.name, NAME_LIMIT)),
            "choose a name of at most %d characters" % NAME_LIMIT,
        )


@harvester(
    "clusternetwork-create-mtu", "A new one has no annotation uplink-mtu", KIND, (CREATE,), SOURCE + "refuses it"
)
def no_mtu_at_first(request: Request) -> Iterator[Finding]:
    if _network_mtu.annotated(request.current) is not None:
        yield Finding(
            _because(request, "annotation %s can't be added" % _keys.UPLINK_MTU),
            "leave the annotation out; it follows the network configurations",
        )


@harvester("clusternetwork-mtu-range", "uplink-mtu is 0 or 576 to 9000", KIND, (UPDATE,), SOURCE + "parses it")
def mtu_range(request: Request) -> Iterator[Finding]:
    text = _network_mtu.annotated(request.current)
    if not _network_mtu.valid(text):
        yield Finding(
            _because(request, "the MTU %s of annotation %s is out of range %s" % (text, _keys.UPLINK_MTU, BOUNDS)),
            "give an MTU within 576..9000",
        )


@harvester(
    "clusternetwork-mtu-configs",
    "uplink-mtu equals the MTU of every network configuration",
    KIND,
    (UPDATE,),
    SOURCE + "compares it with the vlanconfigs",
)
def mtu_like_configs(request: Request) -> Iterator[Finding]:
    mtu = _effective(request.new)
    if request.name == _keys.MGMT or mtu is None:
        return
    for config in request.snapshot.configs_of(request.name):
        # before 1.8 those that are being deleted count too
        if config.deleting and request.has("mtu_resourced"):
            continue
        if config.effective_mtu != mtu:
            yield Finding(
                _because(
                    request,
                    "clusternetwork has MTU %d, but the vlanconfigs %s has another MTU %d"
                    % (mtu, config.name, config.effective_mtu),
                ),
                "leave the annotation alone; change the MTU of the network configurations, which it follows",
            )


@harvester(
    "clusternetwork-mgmt-mtu-storage",
    "The MTU of mgmt stays while a storage network is on it",
    KIND,
    (UPDATE,),
    SOURCE + "looks for an active storage network, from 1.9 on for any system network",
)
def mgmt_mtu_with_storage(request: Request) -> Iterator[Finding]:
    change = _mgmt_mtu_change(request)
    nad = active_system_nad(request, _keys.MGMT) if change else None
    if change and nad:
        word = "system network" if request.has("system_networks") else "storage network"
        yield Finding(
            _because(
                request,
                "the MTU can't be changed from %d to %d as %s nad %s is still attached" % (*change, word, nad.name),
            ),
            "disable setting %s first" % nad.setting,
        )


@harvester(
    "clusternetwork-mgmt-mtu-vms",
    "The MTU of mgmt stays while VMs use a VM network of it",
    KIND,
    (UPDATE,),
    SOURCE + "counts the VMIs of all nodes",
)
def mgmt_mtu_with_vms(request: Request) -> Iterator[Finding]:
    change = _mgmt_mtu_change(request)
    found = blocking(request.snapshot, _keys.MGMT) if change else ()
    if change and found:
        yield Finding(
            _because(
                request,
                "the MTU can't be changed from %d to %d as following VMs must be stopped at first: %s"
                % (*change, ", ".join(names(found))),
            ),
            stop(found, migrate=False),
        )


@harvester("clusternetwork-delete-mgmt", "mgmt stays", KIND, (DELETE,), SOURCE + "refuses its deletion")
def delete_mgmt(request: Request) -> Iterator[Finding]:
    if request.name == _keys.MGMT:
        yield Finding(_because(request, "it is not allowed"), "leave it; it is part of every cluster")


@harvester(
    "clusternetwork-delete-configs",
    "One with network configurations stays",
    KIND,
    (DELETE,),
    SOURCE + "lists vlanconfigs by label",
)
def delete_with_configs(request: Request) -> Iterator[Finding]:
    configs = [config.name for config in request.snapshot.configs_of(request.name)]
    if configs:
        yield Finding(
            _because(request, "vlanconfig(s) [%s] under this clusternetwork are still existing" % " ".join(configs)),
            "delete these network configurations first",
        )


@harvester("clusternetwork-delete-nads", "One with VM networks stays", KIND, (DELETE,), SOURCE + "lists NADs by label")
def delete_with_nads(request: Request) -> Iterator[Finding]:
    nads = [nad.reference for nad in request.snapshot.nads_of(request.name)]
    if nads:
        yield Finding(
            _because(request, "nads(s) %s under this clusternetwork are still existing" % ", ".join(nads)),
            "delete these VM networks first",
        )


def _effective(item: Optional[_objects.Object]) -> Optional[int]:
    """The effective MTU of the annotation; None when it is no legal one."""
    if item is None or not _network_mtu.valid(_network_mtu.annotated(item)):
        return None
    return _mtu.effective(_network_mtu.annotated(item))


def _mgmt_mtu_change(request: Request) -> Optional[tuple[int, int]]:
    """(old, new) effective MTU of mgmt when an update changes it."""
    old, new = _effective(request.old), _effective(request.new)
    if request.name != _keys.MGMT or old is None or new is None or old == new:
        return None
    return old, new
