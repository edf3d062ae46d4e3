# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a Harvester cluster as upstream's controllers leave them; `seed` composes a cluster out of them.

Source of the fields: harvester/network-controller-harvester and harvester/harvester, v1.8.2 (types, webhooks and
controllers), KubeVirt and Longhorn for their own. Every function gives a plain object for `Client.put`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..layout import HARVESTER_VERSION
from .client import Object
from .nodes import Link, NodeFacts

NETWORK = "network.harvesterhci.io/v1beta1"
HARVESTER = "harvesterhci.io/v1beta1"
LONGHORN = "longhorn.io/v1beta2"
KUBEVIRT = "kubevirt.io/v1"
PREFIX = "network.harvesterhci.io"
"""Of the network controller's labels and annotations."""
STORAGE = "storage-network.settings.harvesterhci.io"
"""The same for the storage network."""
FINALIZER = "wrangler.cattle.io/harvester-network-vlanconfig-controller"
SINCE = "2026-01-01T00:00:00Z"
SYSTEM_NAMESPACE = "harvester-system"
LONGHORN_NAMESPACE = "longhorn-system"
KUBELET = "v1.35.4+rke2r1"


def named(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **rest: Any,
) -> Object:
    """Any object; ``rest`` are its other top-level fields."""
    metadata: Object = {"name": name}
    for key, value in (("namespace", namespace), ("labels", labels), ("annotations", annotations)):
        if value:
            metadata[key] = dict(value) if isinstance(value, Mapping) else value
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def condition(kind: str, status: bool = True, reason: str = "", message: str = "") -> Object:
    """A condition as Rancher's controllers write it."""
    return {
        "type": kind,
        "status": str(status),
        "lastUpdateTime": SINCE,
        "lastTransitionTime": SINCE,
        **({"reason": reason} if reason else {}),
        **({"message": message} if message else {}),
    }


# --- nodes


def node(facts: NodeFacts, networks: Sequence[str] = (), vlan_config: str | None = None) -> Object:
    """A Node; ``networks``: cluster networks that are set up on it, besides mgmt."""
    labels = {
        "kubernetes.io/hostname": facts.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "harvesterhci.io/managed": "true",
        "topology.kubernetes.io/zone": facts.zone,
    }
    if facts.control_plane:
        labels |= {f"node-role.kubernetes.io/{role}": "true" for role in ("control-plane", "etcd")}
    if facts.witness:
        labels["node-role.harvesterhci.io/witness"] = "true"
    else:
        labels |= {f"{PREFIX}/{name}": "true" for name in ("mgmt", *networks)}
    if vlan_config:
        labels[f"{PREFIX}/vlanconfig"] = vlan_config
    conditions = [_node_condition("Ready", True, "KubeletReady")]
    conditions += [
        _node_condition(name, False, "KubeletHasNoPressure")
        for name in ("MemoryPressure", "DiskPressure", "PIDPressure")
    ]
    if facts.control_plane:
        conditions.append(_node_condition("EtcdIsVoter", True, "MemberNotLearner"))
    capacity = {"cpu": "8", "memory": "32Gi", "pods": "200"}
    status = {
        "addresses": [
            {"type": "InternalIP", "address": facts.address},
            {"type": "Hostname", "address": facts.name},
        ],
        "capacity": capacity,
        "allocatable": capacity,
        "conditions": conditions,
        "nodeInfo": {
            "machineID": facts.machine_id,
            "bootID": facts.boot_id,
            "systemUUID": facts.machine_id,
            "kernelVersion": facts.kernel,
            "osImage": f"Harvester {HARVESTER_VERSION}",
            "operatingSystem": "linux",
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://2.1.5-k3s1",
            "kubeletVersion": KUBELET,
            "kubeProxyVersion": "",
        },
    }
    annotations = {"rke2.io/internal-ip": facts.address}
    return named("v1", "Node", facts.name, labels=labels, annotations=annotations, spec={}, status=status)


def _node_condition(kind: str, status: bool, reason: str) -> Object:
    return {
        "type": kind,
        "status": str(status),
        "reason": reason,
        "message": reason,
        "lastHeartbeatTime": SINCE,
        "lastTransitionTime": SINCE,
    }


def pod(
    name: str,
    namespace: str,
    on: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
    phase: str = "Running",
) -> Object:
    """A pod on a node, running and ready unless ``phase`` says otherwise."""
    ready = str(phase == "Running")
    status = {"phase": phase, "conditions": [{"type": kind, "status": ready} for kind in ("Ready", "ContainersReady")]}
    spec = {
        "nodeName": on,
        "containers": [{"name": "main", "image": "lab/none"}],
        "tolerations": [{"operator": "Exists"}],
    }
    return named("v1", "Pod", name, namespace, labels, annotations, spec=spec, status=status)


def daemon_set(name: str, namespace: str, labels: Mapping[str, str], witness: bool = False) -> Object:
    """A DaemonSet; ``witness``: it runs on witness nodes too."""
    template: Object = {
        "metadata": {"labels": dict(labels)},
        "spec": {"containers": [{"name": "main", "image": "lab/none"}]},
    }
    if not witness:
        term = {"matchExpressions": [{"key": "node-role.harvesterhci.io/witness", "operator": "DoesNotExist"}]}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
        template["spec"]["affinity"] = {"nodeAffinity": required}
    spec = {"selector": {"matchLabels": dict(labels)}, "template": template}
    return named("apps/v1", "DaemonSet", name, namespace, labels, spec=spec)


# --- networks


def cluster_network(name: str, mtu: int | None = None, source: str | None = None, vids: Sequence[int] = ()) -> Object:
    """A ClusterNetwork that is ready; ``source``: the VlanConfig from which the manager took the MTU."""
    annotations = {f"{PREFIX}/uplink-mtu": str(mtu)} if mtu is not None else {}
    annotations |= {f"{PREFIX}/mtu-source-vc": source} if source else {}
    annotations |= {f"{PREFIX}/vlan-id-set-str": ",".join(map(str, sorted(vids)))} if vids else {}
    return named(NETWORK, "ClusterNetwork", name, annotations=annotations, status={"conditions": [condition("ready")]})


def vlan_config(
    name: str,
    network: str,
    nics: Sequence[str],
    selector: Mapping[str, str],
    matched: Sequence[str],
    mtu: int = 1500,
    mode: str = "active-backup",
) -> Object:
    """A VlanConfig as the mutator leaves it."""
    uplink = {
        "nics": list(nics),
        "linkAttributes": {"mtu": mtu, "txQLen": -1},
        "bondOptions": {"mode": mode, "miimon": -1},
    }
    found = named(
        NETWORK,
        "VlanConfig",
        name,
        labels={f"{PREFIX}/clusternetwork": network},
        annotations={f"{PREFIX}/matched-nodes": json.dumps(list(matched), separators=(",", ":"))},
        spec={"clusterNetwork": network, "nodeSelector": dict(selector), "uplink": uplink},
    )
    found["metadata"]["finalizers"] = [FINALIZER]
    return found


def vlan_status(network: str, config: str, on: str, error: str = "") -> Object:
    """A VlanStatus as the agent on node ``on`` writes it; ``error``: the message of a failed set-up."""
    stem = f"{network}-{on}"
    found = named(
        NETWORK,
        "VlanStatus",
        f"{stem}-{zlib.crc32(stem.encode()):08x}"[:63],
        labels={f"{PREFIX}/clusternetwork": network, f"{PREFIX}/vlanconfig": config, f"{PREFIX}/node": on},
        status={
            "clusterNetwork": network,
            "vlanConfig": config,
            "linkMonitor": network,
            "node": on,
            "conditions": [condition("ready", not error, message=error)],
        },
    )
    found["metadata"]["ownerReferences"] = [{"apiVersion": NETWORK, "kind": "VlanConfig", "name": config}]
    return found


def link_monitor(name: str, type_rule: str, name_rule: str, links: Mapping[str, Sequence[Link]]) -> Object:
    """A LinkMonitor with what the agents saw, per node."""
    spec = {"targetLinkRule": {"typeRule": type_rule, "nameRule": name_rule}}
    status = {"linkStatus": {on: [link_status(link) for link in found] for on, found in links.items()}}
    return named(NETWORK, "LinkMonitor", name, spec=spec, status=status)


def link_status(link: Link) -> Object:
    return {
        "name": link.name,
        "index": link.index,
        "type": link.kind,
        "mac": link.mac,
        "promiscuous": link.promiscuous,
        "state": link.state,
        **({"masterIndex": link.master} if link.master else {}),
    }


def attachment(
    name: str,
    network: str,
    vid: int = 0,
    namespace: str = "default",
    mtu: int | None = None,
    trunk: Sequence[Object] = (),
    ipam: Mapping[str, Any] | None = None,
) -> Object:
    """A NetworkAttachmentDefinition on a cluster network: VLAN, untagged (vid 0), or trunk."""
    kind = "L2VlanTrunkNetwork" if trunk else "L2VlanNetwork" if vid else "UntaggedNetwork"
    config: Object = {
        "cniVersion": "0.3.1",
        "name": name,
        "type": "bridge",
        "bridge": f"{network}-br",
        "promiscMode": True,
        "vlan": vid,
        "ipam": dict(ipam or {}),
        **({"mtu": mtu} if mtu is not None else {}),
        **({"vlanTrunk": list(trunk)} if trunk else {}),
    }
    labels = {
        f"{PREFIX}/clusternetwork": network,
        f"{PREFIX}/type": kind,
        f"{PREFIX}/ready": "true",
        **({f"{PREFIX}/vlan-id": str(vid)} if not trunk else {}),
    }
    spec = {"config": json.dumps(config, separators=(",", ":"))}
    return named("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", name, namespace, labels, spec=spec)


# --- upgrades


def upgrade(name: str, completed: bool | None = None, version: str = "v1.9.0") -> Object:
    """The latest Upgrade; ``completed``: None while it goes on, False when it failed (7.2)."""
    labels = {f"{HARVESTER.partition('/')[0]}/latestUpgrade": "true"}
    state = {None: "Unknown", True: "True", False: "False"}[completed]
    ended = {None: "Upgrading", True: "Succeeded", False: "Failed"}[completed]
    labels[f"{HARVESTER.partition('/')[0]}/upgradeState"] = ended
    status = {"conditions": [{"type": "Completed", "status": state}]}
    return named(HARVESTER, "Upgrade", name, SYSTEM_NAMESPACE, labels, spec={"version": version}, status=status)


# --- settings


def setting(name: str, value: str = "", default: str = "", **rest: Any) -> Object:
    """A Setting of Harvester; ``rest``: annotations, status."""
    if default:
        rest["default"] = default
    return named(HARVESTER, "Setting", name, value=value, **rest)


def longhorn_setting(name: str, value: str) -> Object:
    return named(LONGHORN, "Setting", name, LONGHORN_NAMESPACE, value=value, status={"applied": True})


# --- VMs and their volumes


def vm(
    name: str,
    networks: Sequence[str] = (),
    namespace: str = "default",
    strategy: str = "RerunOnFailure",
    required_labels: Sequence[str] = (),
    claims: Sequence[str] = (),
) -> Object:
    """A VirtualMachine; ``networks``: multus names, none: the pod network; ``claims``: of its disks.

    ``required_labels``: the node labels that Harvester's webhook demands for the networks.
    """
    template: Object = {"metadata": {"labels": {"harvesterhci.io/vmName": name}}, "spec": _vmi_spec(networks, claims)}
    if required_labels:
        terms = [{"key": key, "operator": "In", "values": ["true"]} for key in required_labels]
        affinity = {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": terms}]}
        }
        template["spec"]["affinity"] = {"nodeAffinity": affinity}
    running = strategy != "Halted"
    return named(
        KUBEVIRT,
        "VirtualMachine",
        name,
        namespace,
        labels={"harvesterhci.io/creator": "harvester"},
        annotations={
            "harvesterhci.io/vmRunStrategy": strategy if running else "RerunOnFailure",
            **({"harvesterhci.io/mac-address": _macs(name, namespace, networks)} if running else {}),
        },
        spec={"runStrategy": strategy, "template": template},
        status={"printableStatus": "Running" if running else "Stopped", "created": running, "ready": running},
    )


def vmi(
    name: str,
    on: str | None,
    networks: Sequence[str] = (),
    namespace: str = "default",
    phase: str = "Running",
    claims: Sequence[str] = (),
) -> Object:
    """A VirtualMachineInstance of the VM of that name; ``on``: its node, None while it is pending."""
    found = named(
        KUBEVIRT,
        "VirtualMachineInstance",
        name,
        namespace,
        labels={"harvesterhci.io/vmName": name, **({"kubevirt.io/nodeName": on} if on else {})},
        spec=_vmi_spec(networks, claims),
        status={
            "phase": phase,
            **({"nodeName": on} if on else {}),
            **({"interfaces": _shown(name, namespace, networks)} if phase == "Running" else {}),
            "conditions": [
                {"type": "Ready", "status": str(phase == "Running"), "lastProbeTime": None},
                {"type": "LiveMigratable", "status": str(phase == "Running"), "lastProbeTime": None},
                {"type": "AgentConnected", "status": str(phase == "Running"), "lastProbeTime": None},
            ],
        },
    )
    owner = {"apiVersion": KUBEVIRT, "kind": "VirtualMachine", "name": name, "controller": True}
    found["metadata"]["ownerReferences"] = [owner]
    return found


def _shown(name: str, namespace: str, networks: Sequence[str]) -> list[Object]:
    """What KubeVirt shows of the interfaces of a running instance."""
    found = []
    for nic in _nics(networks):
        number = zlib.crc32(f"{namespace}/{name} {nic}".encode())
        mac = ":".join(f"{byte:02x}" for byte in (0x52, 0x54, *number.to_bytes(4, "big")))
        found.append({"name": nic, "mac": mac, "infoSource": "domain, guest-agent, multus-status", "queueCount": 1})
    return found


def _macs(name: str, namespace: str, networks: Sequence[str]) -> str:
    """The annotation by which Harvester keeps the MACs of a VM that has run."""
    macs = {item["name"]: item["mac"] for item in _shown(name, namespace, networks)}
    return json.dumps(macs, separators=(",", ":"))


def _nics(networks: Sequence[str]) -> list[str]:
    return [f"nic-{number}" for number in range(1, max(1, len(networks)) + 1)]


def _vmi_spec(networks: Sequence[str], claims: Sequence[str] = ()) -> Object:
    names = _nics(networks)
    found: list[Object] = [
        {"name": name, "multus": {"networkName": network}} for name, network in zip(names, networks, strict=False)
    ]
    return {
        "domain": {
            "cpu": {"cores": 1},
            "memory": {"guest": "1Gi"},
            "devices": {
                "interfaces": [
                    {"name": name, "model": "virtio", **({"bridge": {}} if networks else {"masquerade": {}})}
                    for name in names
                ]
            },
        },
        "networks": found or [{"name": names[0], "pod": {}}],
        "evictionStrategy": "LiveMigrateIfPossible",
        "terminationGracePeriodSeconds": 120,
        **({"volumes": _volumes(claims)} if claims else {}),
    }


def _volumes(claims: Sequence[str]) -> list[Object]:
    return [
        {"name": f"disk-{number}", "persistentVolumeClaim": {"claimName": claim}} for number, claim in enumerate(claims)
    ]


def volume(
    name: str,
    on: str | None,
    replicas: int = 3,
    robustness: str = "healthy",
    claim: str = "",
    namespace: str = "default",
) -> Object:
    """A Longhorn Volume; ``on``: the node that it is attached to, None: detached; ``claim``: the claim that has it."""
    bound = {"namespace": namespace, "pvcName": claim, "pvName": name, "pvStatus": "Bound"}
    return named(
        LONGHORN,
        "Volume",
        name,
        LONGHORN_NAMESPACE,
        spec={"numberOfReplicas": replicas, "size": str(10 * 2**30), "dataEngine": "v1", "nodeID": on or ""},
        status={
            "state": "attached" if on else "detached",
            "robustness": robustness if on else "unknown",
            "currentNodeID": on or "",
            **({"kubernetesStatus": bound} if claim else {}),
        },
    )


def replica(volume_name: str, number: int, on: str) -> Object:
    """A healthy Replica of a volume on a node; ``number`` from 0."""
    return named(
        LONGHORN,
        "Replica",
        f"{volume_name}-r-{number:08x}",
        LONGHORN_NAMESPACE,
        labels={"longhornvolume": volume_name, "longhornnode": on},
        spec={"volumeName": volume_name, "nodeID": on, "healthyAt": SINCE, "failedAt": "", "dataEngine": "v1"},
        status={"currentState": "running"},
    )


def engine(volume_name: str, on: str, replicas: Sequence[str]) -> Object:
    """The running Engine of an attached volume; ``replicas``: the nodes with a replica."""
    return named(
        LONGHORN,
        "Engine",
        f"{volume_name}-e-0",
        LONGHORN_NAMESPACE,
        labels={"longhornvolume": volume_name},
        spec={"volumeName": volume_name, "nodeID": on, "dataEngine": "v1"},
        status={
            "currentState": "running",
            "replicaModeMap": {f"{volume_name}-r-{number:08x}": "RW" for number in range(len(replicas))},
        },
    )


def longhorn_node(name: str) -> Object:
    disk = {
        "allowScheduling": True,
        "path": "/var/lib/harvester/defaultdisk",
        "storageReserved": 0,
        "diskType": "filesystem",
    }
    return named(
        LONGHORN,
        "Node",
        name,
        LONGHORN_NAMESPACE,
        spec={"name": name, "allowScheduling": True, "disks": {"default": disk}},
        status={"conditions": [{"type": kind, "status": "True"} for kind in ("Ready", "Schedulable")]},
    )


def address_pool(name: str, cidr: str, pods: Sequence[str], first: int = 1, interface: str = "lhnet1") -> Object:
    """An IPPool of whereabouts: one address per pod (``namespace/name``), from number ``first`` of the range on."""
    allocations = {
        str(number): {"id": f"{number:064x}", "podref": pod_name, "ifname": interface}
        for number, pod_name in enumerate(pods, start=first)
    }
    return named(
        "whereabouts.cni.cncf.io/v1alpha1",
        "IPPool",
        name,
        "kube-system",
        spec={"range": cidr, "allocations": allocations},
    )
