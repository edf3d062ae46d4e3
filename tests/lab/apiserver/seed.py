# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeded cluster, in two states: as after an installation, and as an operator has it some months later.

The second has cluster network ``vmnet`` for VMs, and ``storage`` with jumbo frames for the storage network; both have a
configuration per rack, since the NICs are named differently there. VMs: ``web`` runs on the first node and ``db`` on
the last (on VM networks of vmnet), ``shell`` runs on the pod network alone, ``batch`` is stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from ..layout import HARVESTER_VERSION, VM_VLAN
from . import objects as make
from .client import Object
from .nodes import Link, NodeFacts

NAMESPACES = ("default", make.SYSTEM_NAMESPACE, make.LONGHORN_NAMESPACE, "cattle-monitoring-system", "production")
NETWORKS = ("storage", "vmnet")
VMNET_MTU, STORAGE_MTU = 1500, 9000
STORAGE_VALUE = json.dumps(
    {"vlan": 50, "clusterNetwork": "storage", "range": "192.168.50.0/24", "exclude": ["192.168.50.0/28"]},
    separators=(",", ":"),
)
STORAGE_ATTACHMENT = "storagenetwork-seed1"
BYSTANDERS = "bystanders"
"""The VM network, in namespace default, of the VMs that run on nodes which are VMs themselves."""
AGENT = "harvester-network-controller"
ZONE = "topology.kubernetes.io/zone"


def installed(nodes: Sequence[NodeFacts], machines: bool = False) -> list[Object]:
    """A cluster after its installation: nodes, ClusterNetwork mgmt, settings, LinkMonitors, the agents' pods.

    ``machines``: the nodes are VMs, on each of which `lab.bystanders` has a VM in VLAN 100 of mgmt. Its VM network is
    there too: an agent takes away a VLAN id of mgmt-bo that no VM network has.
    """
    found = [make.named("v1", "Namespace", name) for name in NAMESPACES]
    found += daemon_sets()
    found += joined(nodes)
    found.append(make.cluster_network("mgmt"))
    found += monitors(nodes)
    found += [
        make.setting("server-version", HARVESTER_VERSION),
        make.setting("storage-network"),
        make.setting("rwx-network", default='{"share-storage-network":false}'),
        make.setting("vm-migration-network"),
        make.setting("default-vm-termination-grace-period-seconds", default="120"),
        make.longhorn_setting("storage-network", ""),
        make.longhorn_setting("endpoint-network-for-rwx-volume", ""),
    ]
    found += [virtual_address_lease(facts.name) for facts in nodes[:1]]
    if machines:
        found.append(make.attachment(BYSTANDERS, "mgmt", VM_VLAN))
    return found


def joined(nodes: Sequence[NodeFacts]) -> list[Object]:
    """What comes with a node: its Node, Longhorn's, and the pods of agent and instance manager."""
    usable = workers(nodes)
    found = [make.node(facts) for facts in nodes]
    found += [make.longhorn_node(facts.name) for facts in usable]
    return [*found, *map(agent, usable), *map(instance_manager, usable)]


def operated(nodes: Sequence[NodeFacts]) -> list[Object]:
    """What an operator has made on top of `installed`: to be put after it."""
    found: list[Object] = []
    usable = workers(nodes)
    if not usable:
        return found
    for network, port, mtu, vids in (("vmnet", 2, VMNET_MTU, (100, 200)), ("storage", 3, STORAGE_MTU, (50,))):
        configs = [config(network, zone, port, mtu, usable) for zone in zones(usable)]
        names = [item["metadata"]["name"] for item in configs]
        found.append(make.cluster_network(network, mtu, names[0], vids))
        found += configs
        found += [make.vlan_status(network, f"{network}-{facts.zone}", facts.name) for facts in usable]
        rule = f"{network}(-br|-bo)"
        found.append(
            make.link_monitor(network, "", rule, {facts.name: uplink(facts, network, port) for facts in usable})
        )
    found += [make.node(facts, () if facts.witness else NETWORKS, config_label(facts)) for facts in nodes]
    found += [
        make.attachment("vlan100", "vmnet", 100),
        make.attachment("vlan200", "vmnet", 200, "production"),
        make.attachment("untagged", "vmnet"),
        make.attachment("trunk", "vmnet", trunk=[{"minID": 300, "maxID": 310}, {"id": 400}]),
        make.attachment("office", "mgmt", 2019),
    ]
    return found + storage_network(usable) + machines(usable)


def workers(nodes: Sequence[NodeFacts]) -> list[NodeFacts]:
    """The nodes that carry VMs and volumes: all but witnesses."""
    return [facts for facts in nodes if not facts.witness]


def zones(nodes: Sequence[NodeFacts]) -> list[str]:
    return sorted({facts.zone for facts in nodes})


def config_label(facts: NodeFacts) -> str | None:
    """The node's label ``vlanconfig``: of several configurations the last that was set up (storage)."""
    return None if facts.witness else f"storage-{facts.zone}"


def config(network: str, zone: str, port: int, mtu: int, nodes: Sequence[NodeFacts]) -> Object:
    """A rack's configuration of a cluster network, on the NIC of number ``port`` (from 0)."""
    matched = [facts for facts in nodes if facts.zone == zone]
    nic = matched[0].nics[port].name
    return make.vlan_config(f"{network}-{zone}", network, [nic], {ZONE: zone}, [facts.name for facts in matched], mtu)


def uplink(facts: NodeFacts, network: str, port: int) -> list[Link]:
    """Bond and bridge of a cluster network on a node."""
    mac, index = facts.nics[port].mac, 20 + 2 * port
    return [
        Link(f"{network}-bo", index, mac, "bond", master=index + 1),
        Link(f"{network}-br", index + 1, mac, "bridge", promiscuous=True),
    ]


def monitors(nodes: Sequence[NodeFacts]) -> list[Object]:
    """The built-in LinkMonitors: ``nic`` for physical NICs, ``mgmt`` for the management network."""
    return [
        make.link_monitor("nic", "device", "", {facts.name: facts.nics for facts in nodes}),
        make.link_monitor(
            "mgmt", "", "mgmt(-br|-bo)", {facts.name: facts.named("mgmt-bo", "mgmt-br") for facts in nodes}
        ),
    ]


def daemon_sets() -> list[Object]:
    """What runs on every node (7.2): the stand-in makes the pods that the seed has not."""
    return [
        make.daemon_set(AGENT, make.SYSTEM_NAMESPACE, {"app.kubernetes.io/name": AGENT}),
        make.daemon_set("rke2-multus", "kube-system", {"app": "rke2-multus"}, witness=True),
        make.daemon_set("rke2-canal", "kube-system", {"k8s-app": "canal"}, witness=True),
        make.daemon_set("longhorn-manager", make.LONGHORN_NAMESPACE, {"app": "longhorn-manager"}),
        make.daemon_set("longhorn-csi-plugin", make.LONGHORN_NAMESPACE, {"app": "longhorn-csi-plugin"}),
    ]


def agent(facts: NodeFacts) -> Object:
    """The network controller's agent pod of a node."""
    labels = {"app.kubernetes.io/name": AGENT}
    found = make.pod(f"{AGENT}-{facts.name}", make.SYSTEM_NAMESPACE, facts.name, labels)
    found["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": AGENT, "controller": True}
    ]
    return found


def instance_manager(facts: NodeFacts, address: str | None = None) -> Object:
    """Longhorn's instance manager of a node; ``address``: its address in the storage network."""
    annotations = {}
    if address:
        network = {"namespace": make.SYSTEM_NAMESPACE, "name": STORAGE_ATTACHMENT, "interface": "lhnet1"}
        status = {"name": f"{make.SYSTEM_NAMESPACE}/{STORAGE_ATTACHMENT}", "interface": "lhnet1", "ips": [address]}
        annotations = {
            "k8s.v1.cni.cncf.io/networks": json.dumps([network]),
            "k8s.v1.cni.cncf.io/network-status": json.dumps([status]),
        }
    labels = {"longhorn.io/component": "instance-manager", "longhorn.io/node": facts.name}
    name = f"instance-manager-{facts.name}"
    return make.pod(name, make.LONGHORN_NAMESPACE, facts.name, labels, annotations)


def virtual_address_lease(holder: str) -> Object:
    """The Lease by which kube-vip says which node has the virtual address."""
    spec = {"holderIdentity": holder, "leaseDurationSeconds": 5}
    return make.named("coordination.k8s.io/v1", "Lease", "plndr-svcs-lock", make.SYSTEM_NAMESPACE, spec=spec)


def storage_network(nodes: Sequence[NodeFacts]) -> list[Object]:
    """The storage network, configured and completed."""
    reference = f"{make.SYSTEM_NAMESPACE}/{STORAGE_ATTACHMENT}"
    ipam = {"type": "whereabouts", "range": "192.168.50.0/24", "exclude": ["192.168.50.0/28"]}
    attachment = make.attachment(STORAGE_ATTACHMENT, "storage", 50, make.SYSTEM_NAMESPACE, STORAGE_MTU, ipam=ipam)
    digest = hashlib.sha1(STORAGE_VALUE.encode()).hexdigest()
    attachment["metadata"]["annotations"] = {make.STORAGE: "true"}
    attachment["metadata"]["labels"][f"{make.STORAGE}/hash"] = digest
    annotations = {
        f"{make.STORAGE}/hash": digest,
        f"{make.STORAGE}/net-attach-def": reference,
        f"{make.STORAGE}/old-net-attach-def": "",
    }
    status = {"conditions": [make.condition("configured", reason="Completed")]}
    pods = [f"{make.LONGHORN_NAMESPACE}/instance-manager-{facts.name}" for facts in nodes]
    return [
        attachment,
        make.setting("storage-network", STORAGE_VALUE, annotations=annotations, status=status),
        make.longhorn_setting("storage-network", reference),
        make.address_pool("192.168.50.0-24", "192.168.50.0/24", pods, 16),
        *[instance_manager(facts, f"192.168.50.{16 + number}") for number, facts in enumerate(nodes)],
    ]


def machines(nodes: Sequence[NodeFacts]) -> list[Object]:
    """VMs, their instances and volumes."""
    first, last = nodes[0].name, nodes[-1].name
    label = [f"{make.PREFIX}/vmnet"]
    found = [
        make.vm("web", ["default/vlan100"], required_labels=label, claims=["web-disk"]),
        make.vm("db", ["vlan200"], "production", required_labels=label, claims=["db-disk"]),
        make.vm("shell", claims=["shell-disk"]),
        make.vm("batch", ["default/untagged"], strategy="Halted", required_labels=label, claims=["batch-disk"]),
        make.vmi("web", first, ["default/vlan100"], claims=["web-disk"]),
        make.vmi("db", last, ["vlan200"], "production", claims=["db-disk"]),
        make.vmi("shell", first, claims=["shell-disk"]),
    ]
    replicas = [facts.name for facts in nodes[:3]]
    for name, on in (("pvc-web", first), ("pvc-db", last), ("pvc-shell", first), ("pvc-batch", None)):
        of = name.removeprefix("pvc-")
        place = "production" if of == "db" else "default"
        found.append(make.volume(name, on, len(replicas), claim=f"{of}-disk", namespace=place))
        found += [make.replica(name, number, node) for number, node in enumerate(replicas)]
        if on:
            found.append(make.engine(name, on, replicas))
    return found
