# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a small cluster, for the stand-in's tests: as the API gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lab.harvester import kinds
from lab.harvester.kinds import Kind
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.view import Snapshot
from lab.harvester.webhooks.admission import Refusal, Request, Webhook

P = "network.harvesterhci.io"
DELETED = "2026-01-01T00:00:00Z"
ALL = tuple(VERSIONS)


def obj(kind: Kind, name: str, namespace: str = "", **rest: Any) -> Obj:
    metadata: Obj = {"name": name, "uid": f"uid-{name}", "resourceVersion": "1", "generation": 1}
    if namespace:
        metadata["namespace"] = namespace
    for key in ("labels", "annotations", "finalizers"):
        if rest.get(key):
            metadata[key] = rest[key]
        rest.pop(key, None)
    if rest.pop("deleting", False):
        metadata["deletionTimestamp"] = DELETED
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **rest}


def node(
    name: str, ready: bool = True, witness: bool = False, labels: dict[str, str] | None = None, **rest: Any
) -> Obj:
    found = {"kubernetes.io/hostname": name, **(labels or {})}
    if witness:
        found["node-role.harvesterhci.io/witness"] = "true"
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    return obj(kinds.NODE, name, labels=found, spec=rest.pop("spec", {}), status=status, **rest)


def network(name: str, mtu: str | None = None, ready: bool | None = None, source: str = "", **rest: Any) -> Obj:
    annotations = {f"{P}/uplink-mtu": mtu} if mtu is not None else {}
    if source:
        annotations[f"{P}/mtu-source-vc"] = source
    conditions = [] if ready is None else [{"type": "ready", "status": str(ready)}]
    return obj(kinds.CLUSTER_NETWORK, name, annotations=annotations, status={"conditions": conditions}, **rest)


def config(
    name: str,
    cn: str = "cn1",
    nodes: Iterable[str] | None = ("node1",),
    mtu: int | None = 1500,
    nics: Iterable[str] = ("eno3",),
    selector: dict[str, str] | None = None,
    bond: dict[str, Any] | None = None,
    **rest: Any,
) -> Obj:
    uplink: Obj = {"nics": list(nics)}
    if mtu is not None:
        uplink["linkAttributes"] = {"mtu": mtu}
    if bond is not None:
        uplink["bondOptions"] = bond
    spec: Obj = {"clusterNetwork": cn, "uplink": uplink}
    if selector is not None:
        spec["nodeSelector"] = selector
    annotations = {} if nodes is None else {f"{P}/matched-nodes": json.dumps(list(nodes))}
    labels = rest.pop("labels", {f"{P}/clusternetwork": cn})
    return obj(kinds.VLAN_CONFIG, name, labels=labels, annotations=annotations, spec=spec, **rest)


def status(name: str, vc: str, node_name: str, cn: str = "cn1", ready: bool = True) -> Obj:
    labels = {f"{P}/clusternetwork": cn, f"{P}/vlanconfig": vc, f"{P}/node": node_name}
    said = {"clusterNetwork": cn, "vlanConfig": vc, "node": node_name, "linkMonitor": cn}
    conditions = [{"type": "ready", "status": str(ready)}]
    return obj(kinds.VLAN_STATUS, name, labels=labels, status={**said, "conditions": conditions})


def nad(
    name: str,
    cn: str = "cn1",
    vlan: int = 100,
    namespace: str = "default",
    mtu: int | None = None,
    conf: dict[str, Any] | None = None,
    **rest: Any,
) -> Obj:
    found: Obj = {"cniVersion": "0.3.1", "name": name, "type": "bridge", "bridge": f"{cn}-br", "vlan": vlan}
    found |= {"promiscMode": True, "ipam": {}}
    if mtu is not None:
        found["mtu"] = mtu
    found |= conf or {}
    labels = rest.pop("labels", {f"{P}/clusternetwork": cn})
    return obj(kinds.NAD, name, namespace, labels=labels, spec={"config": json.dumps(found)}, **rest)


def pod_spec(networks: Iterable[str]) -> Obj:
    return {"networks": [{"name": f"n{i}", "multus": {"networkName": item}} for i, item in enumerate(networks)]}


def vmi(
    name: str,
    networks: Iterable[str],
    on: str = "node1",
    phase: str = "Running",
    namespace: str = "default",
    **rest: Any,
) -> Obj:
    said = {"phase": phase, **({"nodeName": on} if on else {})}
    return obj(kinds.VMI, name, namespace, spec=pod_spec(networks), status=said, **rest)


def vm(
    name: str, networks: Iterable[str] = (), strategy: str = "Halted", printable: str = "Stopped", **rest: Any
) -> Obj:
    spec = {"runStrategy": strategy, "template": {"spec": {**pod_spec(networks), **rest.pop("template", {})}}}
    return obj(kinds.VM, name, "default", spec=spec, status={"printableStatus": printable}, **rest)


def setting(name: str, value: str = "", **rest: Any) -> Obj:
    return obj(kinds.SETTING, name, value=value, **rest)


BY_KIND = {item.kind: item for item in vars(kinds).values() if isinstance(item, Kind) and item.group != "longhorn.io"}


def cluster(*objects: Obj, served: Iterable[Kind] = ()) -> Snapshot:
    """A cluster of three nodes with mgmt and cn1, and more objects; one of the same name replaces."""
    found = Snapshot(dict.fromkeys((*BY_KIND.values(), *served), ()))
    found.objects.pop(kinds.SUBNET) if kinds.SUBNET not in served else None
    base = [*(node(f"node{n}") for n in (1, 2, 3)), network("mgmt", ready=True), network("cn1")]
    for item in [*base, *objects]:
        found.put(kind_of(item), item)
    return found


def kind_of(item: Obj) -> Kind:
    if item["apiVersion"].startswith("longhorn.io"):
        return kinds.LONGHORN_VOLUME if item["kind"] == "Volume" else kinds.LONGHORN_NODE
    return BY_KIND[item["kind"]]


def refusal(
    webhook: Webhook,
    view: Snapshot,
    *,
    old: Obj | None = None,
    new: Obj | None = None,
    version: str = "1.8",
    user: str = "admin",
) -> str:
    """What the validator says; '' when it accepts. The mutator goes first, as in the API."""
    found = refused(webhook, view, old=old, new=new, version=version, user=user)
    return found.message if found else ""


def refused(
    webhook: Webhook,
    view: Snapshot,
    *,
    old: Obj | None = None,
    new: Obj | None = None,
    version: str = "1.8",
    user: str = "admin",
) -> Refusal | None:
    operation = "UPDATE" if old and new else "CREATE" if new else "DELETE"
    assert operation in webhook.validated
    assert webhook.validate
    try:
        webhook.validate(Request(operation, old, new, user), view, VERSIONS[version])  # type: ignore[arg-type]
    except Refusal as error:
        return error
    return None
