# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes objects of a cluster, and the cluster that the tests change.

Nodes n1 and n2 of rack a, n3 of rack b, witness w1. On each worker eno1 and eno2 carry mgmt, eno4 and eno6 are free,
eno5 is down. Cluster network cn1 (MTU 9000) has configuration rack-a with eno3 on n1 and n2; cn2 has none. VM network
vlan100 is on cn1, mgmt200 on mgmt. VM vm1 runs on n1 and uses vlan100, idle is halted and uses it too, pod1 runs on n3
and is on the pod network alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

NETWORK = "network.harvesterhci.io/"
MULTUS = "k8s.v1.cni.cncf.io/"
WORKERS = ("n1", "n2", "n3")
WITNESS = "node-role.harvesterhci.io/witness"
WITNESS_TAINT = {"key": "node-role.kubernetes.io/etcd", "value": "true", "effect": "NoExecute"}
ROLES = {"node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/etcd": "true"}


def thing(key: str, name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    """An object of a kind; labels and annotations go into its metadata, the rest beside them."""
    kind = next(kind for kind in KINDS if kind.key == key)
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if namespace else {})}
    for field in ("labels", "annotations", "deletionTimestamp"):
        if fields.get(field):
            metadata[field] = fields.pop(field)
        fields.pop(field, None)
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}


def key_of(item: Mapping[str, Any]) -> str:
    """The kind of an object, as a key of the table; pods are told apart by their label."""
    found = [kind for kind in KINDS if (kind.api_version, kind.kind) == (item["apiVersion"], item["kind"])]
    for kind in found:
        word, _equals, value = kind.selector.partition("=")
        if not word or item["metadata"].get("labels", {}).get(word) == value:
            return kind.key
    raise KeyError(item["kind"])


def ready(status: bool | str, kind: str = "ready", reason: str = "", message: str = "") -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": str(status), "reason": reason, "message": message}]}


def node(name: str, *active: str, up: bool = True, cordoned: bool = False, taints: Any = (), **labels: str) -> Any:
    """A node on which these cluster networks are active; mgmt is added on all but witnesses."""
    witness = labels.pop("witness", "")
    found = {"kubernetes.io/hostname": name, **ROLES, **labels}
    if witness:
        found[WITNESS] = witness
    for network in active if witness else ("mgmt", *active):
        found[NETWORK + network] = "true"
    if witness and not taints:
        taints = [WITNESS_TAINT]
    spec = {**({"unschedulable": True} if cordoned else {}), **({"taints": list(taints)} if taints else {})}
    return thing("nodes", name, labels=found, spec=spec, status=ready(up, "Ready"))


def network(name: str, mtu: object = None, source: str = "", is_ready: bool = True) -> Any:
    annotations = {} if mtu is None else {NETWORK + "uplink-mtu": str(mtu)}
    if source:
        annotations[NETWORK + "mtu-source-vc"] = source
    return thing("clusternetworks", name, annotations=annotations, status=ready(is_ready))


def config(
    name: str,
    cluster_network: str = "cn1",
    nics: Iterable[str] | None = ("eno3",),
    selector: Mapping[str, str] | None = None,
    matched: Iterable[str] | None = None,
    mtu: int | None = 9000,
    bond: Mapping[str, Any] | None = None,
    label: str | None = None,
    deleting: bool = False,
    **attributes: Any,
) -> Any:
    """A network configuration. matched: nodes of its annotation, for one that is stored."""
    uplink: dict[str, Any] = {} if nics is None else {"nics": list(nics)}
    if mtu is not None:
        attributes["mtu"] = mtu
    if attributes:
        uplink["linkAttributes"] = attributes
    if bond is not None:
        uplink["bondOptions"] = dict(bond)
    spec: dict[str, Any] = {"clusterNetwork": cluster_network, "uplink": uplink}
    if selector is not None:
        spec["nodeSelector"] = dict(selector)
    stored = matched is not None
    shown = {NETWORK + "matched-nodes": json.dumps(list(matched), separators=(",", ":"))} if matched is not None else {}
    word = label if label is not None else cluster_network if stored else ""
    return thing(
        "vlanconfigs",
        name,
        labels={NETWORK + "clusternetwork": word} if word else {},
        annotations=shown,
        deletionTimestamp="2026-01-01T00:00:00Z" if deleting else None,
        spec=spec,
    )


def status(cluster_network: str, config_name: str, node_name: str, up: bool = True, message: str = "") -> Any:
    labels = {
        NETWORK + "clusternetwork": cluster_network,
        NETWORK + "vlanconfig": config_name,
        NETWORK + "node": node_name,
    }
    fields = {"clusterNetwork": cluster_network, "vlanConfig": config_name, "node": node_name}
    name = "%s-%s-0" % (cluster_network, node_name)
    return thing("vlanstatuses", name, labels=labels, status={**fields, **ready(up, message=message)})


def link(name: str, index: int, master: int = 0, state: str = "up") -> dict[str, Any]:
    return {"name": name, "index": index, "type": "device", "masterIndex": master, "state": state, "mac": ""}


def monitor(name: str, links: Mapping[str, Iterable[Mapping[str, Any]]]) -> Any:
    return thing("linkmonitors", name, status={"linkStatus": {place: list(found) for place, found in links.items()}})


def nics(cn1: bool) -> list[dict[str, Any]]:
    """The NICs of a worker. cn1: whether eno3 is a port of cn1-bo."""
    return [
        link("eno1", 2, 10),
        link("eno2", 3, 10),
        link("eno3", 4, 20 if cn1 else 0),
        link("eno4", 5),
        link("eno5", 6, state="down"),
        link("eno6", 7),
    ]


def nad(name: str, cluster_network: str = "cn1", vlan: object = 100, namespace: str = "default", **fields: Any) -> Any:
    """A VM network. fields: more of its config, and label, annotations, type."""
    label = fields.pop("label", cluster_network)
    annotations = fields.pop("annotations", None)
    values: dict[str, Any] = {"cniVersion": "0.3.1", "name": name, "type": "bridge", "bridge": cluster_network + "-br"}
    values.update({"promiscMode": True, "vlan": vlan, "ipam": {}, **fields})
    text = json.dumps({word: value for word, value in values.items() if value is not None}, separators=(",", ":"))
    labels = {NETWORK + "clusternetwork": label} if label else {}
    return thing("nads", name, namespace, labels=labels, annotations=annotations, spec={"config": text})


def host_config(name: str, cluster_network: str = "mgmt", vid: object = 2030, mode: str = "dhcp", **spec: Any) -> Any:
    fields = {"clusterNetwork": cluster_network, "vlanID": vid, "mode": mode, **spec}
    return thing("hostnetworkconfigs", name, spec=fields)


def guest_spec(networks: Iterable[str], devices: Iterable[str] = (), **fields: Any) -> dict[str, Any]:
    """The part that VMs and running instances share; the network "pod" is the built-in one."""
    entries: list[dict[str, Any]] = [
        {"name": "nic-%d" % place, **({"pod": {}} if name == "pod" else {"multus": {"networkName": name}})}
        for place, name in enumerate(networks)
    ]
    found: dict[str, Any] = {"networks": entries, **fields}
    if devices:
        hosts = [{"deviceName": "intel.com/X710", "name": device} for device in devices]
        found["domain"] = {"devices": {"hostDevices": hosts}}
    return found


def vm(name: str, *networks: str, strategy: str = "RerunOnFailure", shown: str = "", **fields: Any) -> Any:
    annotations = fields.pop("annotations", None)
    halted = strategy == "Halted"
    return thing(
        "vms",
        name,
        "default",
        annotations=annotations,
        spec={"runStrategy": strategy, "template": {"spec": guest_spec(networks, **fields)}},
        status={"printableStatus": shown or ("Stopped" if halted else "Running")},
    )


def vmi(name: str, *networks: str, on: str = "n1", phase: str = "Running", **fields: Any) -> Any:
    state = {"phase": phase, **({"nodeName": on} if on else {})}
    return thing("vmis", name, "default", spec=guest_spec(networks, **fields), status=state)


def setting(name: str, value: object = "", state: str = "", default: str = "", **annotations: str) -> Any:
    """A setting. state: "Completed" or "In Progress", for its condition configured."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    found = thing("settings", name, annotations=annotations, default=default, value=text)
    if state:
        found["status"] = ready(state == "Completed", "configured", state)
    return found


def agent(node_name: str, up: bool = True) -> Any:
    labels = {"app.kubernetes.io/name": "harvester-network-controller"}
    state = {"phase": "Running", **ready(up, "Ready")}
    name = "harvester-network-controller-" + node_name
    return thing("agents", name, "harvester-system", labels=labels, spec={"nodeName": node_name}, status=state)


def upgrade(name: str, state: str = "", latest: str = "true") -> Any:
    labels = {"harvesterhci.io/latestUpgrade": latest}
    if state:
        labels["harvesterhci.io/upgradeState"] = state
    return thing("upgrades", name, "harvester-system", labels=labels, spec={})


def volume(name: str, state: str = "attached", claim: str = "", namespace: str = "default", **spec: Any) -> Any:
    owner = {"kubernetesStatus": {"pvcName": claim, "namespace": namespace}} if claim else {}
    return thing("volumes", name, "longhorn-system", spec=spec, status={"state": state, **owner})


def held_volume(name: str, claim: str, *workloads: tuple[str, str, str], node: str = "n1", **fields: Any) -> Any:
    """An attached volume. workloads: (pod, kind of its owner, name of its owner)."""
    found = volume(name, "attached", claim, **fields)
    entries = [{"podName": pod, "workloadType": kind, "workloadName": owner} for pod, kind, owner in workloads]
    found["status"]["currentNodeID"] = node
    found["status"]["kubernetesStatus"]["workloadsStatus"] = entries
    return found


def instance_manager(node_name: str, *addresses: str, phase: str = "Running", name: str = "", **fields: Any) -> Any:
    """An instance-manager pod. addresses: of its lhnet1; none without one."""
    annotations = {}
    if addresses:
        asked = [{"namespace": "harvester-system", "name": "storagenetwork-abcde", "interface": "lhnet1"}]
        given = [{"name": "k8s-pod-network", "ips": ["10.52.0.9"], "default": True}]
        given.append({"name": "harvester-system/storagenetwork-abcde", "interface": "lhnet1", "ips": list(addresses)})
        annotations = {MULTUS + "networks": json.dumps(asked), MULTUS + "network-status": json.dumps(given)}
    return thing(
        "longhorn_pods",
        name or "instance-manager-" + node_name,
        "longhorn-system",
        labels={"longhorn.io/component": "instance-manager"},
        annotations=annotations,
        spec={"nodeName": node_name},
        status={"phase": phase},
        **fields,
    )


def ip_pool(name: str, **pods: str) -> Any:
    """A pool of whereabouts: offset of an address, as "o5", -> "namespace/pod"."""
    entries = {offset[1:]: {"id": pod, "podref": pod, "ifname": "lhnet1"} for offset, pod in pods.items()}
    return thing("ippools", name, "kube-system", spec={"range": name.replace("-", "/"), "allocations": entries})


def longhorn_node(name: str, disks: int = 1) -> Any:
    return thing("longhorn_nodes", name, "longhorn-system", spec={"disks": {"d%d" % disk: {} for disk in range(disks)}})


def sriov(node_name: str, nic: str, *functions: str) -> Any:
    return thing("sriov_devices", "%s-%s" % (node_name, nic), status={"vfPCIDevices": list(functions)})


def snapshot(*items: Mapping[str, Any], vlans: Mapping[str, Iterable[str]] | None = None) -> Snapshot:
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        by_kind.setdefault(key_of(item), []).append(item)
    return Snapshot.read(by_kind, vlans)


OBJECTS = (
    setting("server-version", "v1.8.2"),
    setting("storage-network"),
    node("n1", "cn1", rack="a"),
    node("n2", "cn1", rack="a"),
    node("n3", rack="b"),
    node("w1", witness="true", rack="a"),
    *(agent(name) for name in WORKERS),
    network("mgmt"),
    network("cn1", 9000, "rack-a"),
    network("cn2", is_ready=False),
    config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"]),
    status("cn1", "rack-a", "n1"),
    status("cn1", "rack-a", "n2"),
    monitor("nic", {"n1": nics(True), "n2": nics(True), "n3": nics(False)}),
    monitor("mgmt", {name: [link("mgmt-bo", 10, 11), link("mgmt-br", 11)] for name in WORKERS}),
    monitor("cn1", {name: [link("cn1-bo", 20, 21), link("cn1-br", 21)] for name in ("n1", "n2")}),
    nad("vlan100", mtu=9000),
    nad("mgmt200", "mgmt", 200),
    vm("vm1", "vlan100"),
    vmi("vm1", "vlan100"),
    vm("idle", "default/vlan100", strategy="Halted"),
    vm("pod1", "pod"),
    vmi("pod1", "pod", on="n3"),
    *(longhorn_node(name) for name in WORKERS),
    *(instance_manager(name) for name in WORKERS),
    thing("crds", "ippools.whereabouts.cni.cncf.io"),
)
BASE = snapshot(*OBJECTS)


def having(*items: Mapping[str, Any], on: Snapshot = BASE) -> Snapshot:
    """The cluster with these objects, instead of those of their names."""
    for item in items:
        on = on.put(key_of(item), item)
    return on


def lacking(*names: str, on: Snapshot = BASE) -> Snapshot:
    """The cluster without these objects, "kind/name" or "kind/namespace/name"."""
    for path in names:
        kind, *where = path.split("/")
        on = on.without(kind, where[-1], where[0] if len(where) > 1 else "")
    return on


IDLE = lacking("vmis/default/vm1", "vmis/default/pod1", on=having(vm("vm1", "vlan100", strategy="Halted")))
"""The cluster with no VM running but pod1's object, which says it is."""


def put(item: Mapping[str, Any]) -> Change:
    return Change.put(key_of(item), item)


def patch(kind: str, name: str, values: Mapping[str, Any], namespace: str = "", on: Snapshot = BASE) -> Change:
    """A merge patch on an object of a snapshot."""
    found = on.get(kind, name, namespace)
    assert found is not None
    return Change.patch(kind, found, values)


def delete(kind: str, name: str, namespace: str = "") -> Change:
    return Change.delete(kind, namespace, name)


def labelled(name: str, on: Snapshot = BASE, **labels: str | None) -> Change:
    """A node with other labels."""
    return patch("nodes", name, {"metadata": {"labels": labels}}, on=on)


def uplink(name: str, on: Snapshot = BASE, **values: Any) -> Change:
    """A configuration with another uplink."""
    return patch("vlanconfigs", name, {"spec": {"uplink": values}}, on=on)
