# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network controller's webhook for ClusterNetworks (2.3 of the facts)."""

from __future__ import annotations

from ..kinds import CLUSTER_NETWORK
from ..lookups import active_system_nad, configs_of, nads_of, vmis_using
from ..objects import (
    DEFAULT_MTU,
    MAX_NAME,
    MGMT,
    UPLINK_MTU,
    Obj,
    annotated_mtu,
    annotations_of,
    config_mtu,
    full_name,
    is_deleting,
    name,
    same_mtu,
)
from ..versions import Version
from ..view import View
from .admission import Refusal, Request, Webhook


def check_name(given: str) -> None:
    """Raises Refusal for a name above 12 characters: the bridge would be called more than 15."""
    if len(given) > MAX_NAME:
        raise Refusal(f"the length of the clusterNetwork name {given} is more than {MAX_NAME}")


def validate(request: Request, view: View, version: Version) -> None:
    """All rules of one request; the refusal says which cluster network and why."""
    try:
        if request.operation == "CREATE":
            _create(request.object)
        elif request.operation == "DELETE":
            _delete(request.object, view)
        elif not is_deleting(request.object):
            _update(request.before, request.object, view, version)
    except Refusal as error:
        raise Refusal(f"can't {request.verb} cluster network {name(request.object)} because {error}") from None


def _create(new: Obj) -> None:
    check_name(name(new))
    if UPLINK_MTU in annotations_of(new):
        raise Refusal(f"annotation {UPLINK_MTU} can't be added")


def _mtu(obj: Obj) -> int:
    text = annotations_of(obj).get(UPLINK_MTU)
    try:
        return DEFAULT_MTU if text is None else annotated_mtu(text)
    except ValueError as error:
        raise Refusal(str(error)) from None


def _update(old: Obj, new: Obj, view: View, version: Version) -> None:
    if name(new) == MGMT:
        _update_mgmt(old, new, view, version)
        return
    mtu = _mtu(new)
    for config in configs_of(view, name(new)):
        if version.mtu_ignores_deleting and is_deleting(config):
            continue
        if not same_mtu(mtu, config_mtu(config)):
            raise Refusal(
                f"clusternetwork has MTU {mtu}, but the vlanconfigs {name(config)} has another MTU {config_mtu(config)}"
            )


def _update_mgmt(old: Obj, new: Obj, view: View, version: Version) -> None:
    mtu, before = _mtu(new), _mtu(old)
    if same_mtu(mtu, before):
        return
    nads = nads_of(view, MGMT)
    storage = active_system_nad(nads, version)
    if storage:
        kind = "system network" if version.system_nads else "storage network"
        raise Refusal(
            f"the MTU can't be changed from {before} to {mtu} as {kind} nad {name(storage)} is still attached"
        )
    vmis = vmis_using(view, nads)
    if vmis:
        raise Refusal(
            f"the MTU can't be changed from {before} to {mtu} as following VMs must be stopped at first: "
            f"{', '.join(vmis)}"
        )


def _delete(old: Obj, view: View) -> None:
    if name(old) == MGMT:
        raise Refusal("it is not allowed")
    configs = [name(item) for item in configs_of(view, name(old))]
    if configs:
        raise Refusal(f"vlanconfig(s) [{' '.join(configs)}] under this clusternetwork are still existing")
    nads = [full_name(item) for item in nads_of(view, name(old))]
    if nads:
        raise Refusal(f"nads(s) {', '.join(nads)} under this clusternetwork are still existing")


WEBHOOKS = (Webhook(CLUSTER_NETWORK, "network", validate, ("CREATE", "UPDATE", "DELETE")),)
