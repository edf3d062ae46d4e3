#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's networking, read from its API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_info
short_description: Read the networking of a Harvester cluster
version_added: "0.1.0"
description:
  - Returns in one call which cluster networks, network configurations and VM networks there are, on which nodes each
    network is active, which VMs use it, which nodes can run each VM and why the others cannot, and which NICs a new
    configuration could use.
  - Sends one list request per kind of object, whatever the number of objects. Of the settings only C(server-version),
    C(storage-network), C(rwx-network) and C(vm-migration-network) are read, by name.
  - A kind that the cluster does not serve counts as having no objects. A kind that the account may not read is an
    error that names the verb and the resource.
  - Says what the API says. MTU, ports and VLAN tables of the devices on a node are read there, with
    M(harvester.network.profile_info).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_api
  - harvester.network.cluster_auth
options:
  gather:
    description:
      - What to return; everything when omitted.
      - Only the kinds of objects that it is made of are read, and only for those the account needs permission.
    type: list
    elements: str
    choices:
      - cluster_networks
      - network_configs
      - vlan_statuses
      - vm_networks
      - host_network_configs
      - storage_network
      - longhorn
      - vms
      - nodes
      - nics
      - versions
  cluster_networks:
    description:
      - Cluster networks to return, with the network configurations, VlanStatuses, VM networks and host network
        configurations that belong to them, and the VMs that use them; all when omitted.
      - With V(mgmt) the VMs on the built-in pod network are returned too, since it runs over C(mgmt).
    type: list
    elements: str
  nodes:
    description:
      - Nodes to return, with their VlanStatuses and versions, and the nodes that RV(nics) is about; all when omitted.
    type: list
    elements: str
  vms:
    description: VMs to return, as V(namespace/name); all when omitted.
    type: list
    elements: str
seealso:
  - module: harvester.network.network_config
  - module: harvester.network.vm_network
  - module: harvester.network.profile_info
  - plugin: harvester.network.harvester
    plugin_type: inventory
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Read everything
  harvester.network.network_info:
  register: cluster
  delegate_to: localhost
  run_once: true

- name: Show the nodes on which a cluster network is not up
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.not_ready }}"
  loop: "{{ cluster.cluster_networks }}"
  loop_control:
    label: "{{ item.name }}"
  when: item.not_ready | length > 0

- name: See which VMs stop a change of cluster network storage
  harvester.network.network_info:
    gather: [vms]
    cluster_networks: [storage]
  register: users

- name: Expect that none is there in any phase
  ansible.builtin.assert:
    that: users.vms | rejectattr('phase', 'none') | length == 0

- name: Find the NICs that a configuration for two nodes can use
  harvester.network.network_info:
    gather: [nics]
    nodes: [node1, node2]
  register: found

- name: Say why the others cannot be used
  ansible.builtin.debug:
    msg: "{{ found.nics.links | rejectattr('usable') | map(attribute='reason') | unique }}"

- name: See why a VM has no node
  harvester.network.network_info:
    gather: [vms]
    vms: [default/vm1]
  register: placement
"""

RETURN = r"""
cluster_networks:
  description: The cluster networks by name, C(mgmt) among them.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    description:
      description: Description; empty without one.
      type: str
      returned: always
    mtu:
      description:
        - MTU of its VM networks in bytes, as Harvester takes it, from annotation C(uplink-mtu), else from the first
          network configuration, else 1500.
        - Null when the annotation is no number.
      type: int
      returned: always
    uplink_mtu:
      description: Annotation C(uplink-mtu) as it is written; null without one.
      type: str
      returned: always
    ready:
      description:
        - Condition C(ready); null without one.
        - Harvester sets it with any VlanStatus, whatever that says. Look at RV(cluster_networks[].not_ready) instead.
      type: bool
      returned: always
    network_configs:
      description: Its network configurations, by name.
      type: list
      elements: str
      returned: always
    vm_networks:
      description: Its VM networks, as V(namespace/name).
      type: list
      elements: str
      returned: always
    active_nodes:
      description: Nodes that carry its label, where VMs that use it can be scheduled.
      type: list
      elements: str
      returned: always
    inactive_nodes:
      description: The other nodes, without witnesses.
      type: list
      elements: str
      returned: always
    not_ready:
      description: Nodes that a configuration matches and whose VlanStatus does not say that it is ready there.
      type: list
      elements: dict
      returned: always
      contains:
        node:
          description: Node.
          type: str
          returned: always
        network_config:
          description: Network configuration.
          type: str
          returned: always
        message:
          description: What the agent of the node says, or what is missing.
          type: str
          returned: always
  sample:
    - name: storage
      description: ""
      mtu: 9000
      uplink_mtu: "9000"
      ready: true
      network_configs: [storage-rack-a]
      vm_networks: [default/vlan100]
      active_nodes: [node1]
      inactive_nodes: [node2, node3]
      not_ready:
        - {node: node2, network_config: storage-rack-a, message: "get link ens3 failed, error: Link not found"}
network_configs:
  description: The network configurations (VlanConfig) by name.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    description:
      description: Description; empty without one.
      type: str
      returned: always
    cluster_network:
      description: Cluster network that it belongs to.
      type: str
      returned: always
    all_nodes:
      description: Whether it has no selector and so is for every node but witnesses.
      type: bool
      returned: always
    node:
      description: The node, when its selector names one by C(kubernetes.io/hostname) alone; else null.
      type: str
      returned: always
    node_selector:
      description: Labels that a node must have, all of them.
      type: dict
      returned: always
    nics:
      description: NICs of the uplink.
      type: list
      elements: str
      returned: always
    uplink:
      description: Options of the uplink.
      type: dict
      returned: always
      contains:
        mode:
          description: Bond mode.
          type: str
          returned: always
        miimon:
          description: Interval of the link monitor in milliseconds; V(-1) is Harvester's default.
          type: int
          returned: always
        mtu:
          description: MTU in bytes; null when it names none, which counts as 1500.
          type: int
          returned: always
        tx_queue_length:
          description: Length of the transmit queue in packets; V(-1) leaves the device's own.
          type: int
          returned: always
        hardware_address:
          description: MAC address of the bond; null when none is written.
          type: str
          returned: always
    matched_nodes:
      description: Nodes that Harvester takes it to be on, from annotation C(matched-nodes), which can be stale.
      type: list
      elements: str
      returned: always
    selected_nodes:
      description: Nodes that its selector matches now; empty for one that is read-only.
      type: list
      elements: str
      returned: always
    read_only:
      description: Whether Harvester wrote it to show the uplink of C(mgmt) (1.9 and later).
      type: bool
      returned: always
    deleting:
      description: Whether it is being deleted.
      type: bool
      returned: always
  sample:
    - name: storage-rack-a
      description: ""
      cluster_network: storage
      all_nodes: false
      node: null
      node_selector: {rack: a}
      nics: [ens3, ens4]
      uplink: {mode: active-backup, miimon: -1, mtu: 9000, tx_queue_length: -1, hardware_address: null}
      matched_nodes: [node1, node2]
      selected_nodes: [node1, node2]
      read_only: false
      deleting: false
vlan_statuses:
  description: The VlanStatuses, what the agents say of each cluster network on each node.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    cluster_network:
      description: Cluster network.
      type: str
      returned: always
    network_config:
      description: Network configuration that is set up on the node.
      type: str
      returned: always
    node:
      description: Node.
      type: str
      returned: always
    ready:
      description: Condition C(ready); null without one. It can be the answer to an older configuration.
      type: bool
      returned: always
    message:
      description: What the agent says; empty when all is well.
      type: str
      returned: always
  sample:
    - name: storage-node1-5b1f3c2e
      cluster_network: storage
      network_config: storage-rack-a
      node: node1
      ready: true
      message: ""
vm_networks:
  description: The VM networks by namespace and name, those that a setting made too.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    namespace:
      description: Namespace.
      type: str
      returned: always
    reference:
      description: Namespace and name, as VMs name it.
      type: str
      returned: always
    description:
      description: Description; empty without one.
      type: str
      returned: always
    type:
      description: V(vlan), V(untagged), V(trunk) or V(overlay).
      type: str
      returned: always
    cluster_network:
      description: Cluster network; null without a label that names one.
      type: str
      returned: always
    bridge:
      description: Bridge that interfaces are attached to; null when it names none, as an overlay.
      type: str
      returned: always
    vlan_id:
      description: VLAN id of a network of type V(vlan); else null.
      type: int
      returned: always
    vlan_ids:
      description: VLAN ids of a network of type V(trunk), with ranges; else empty.
      type: list
      elements: str
      returned: always
    mtu:
      description: MTU of its interfaces in bytes; null when its configuration has none that is a number.
      type: int
      returned: always
    ready:
      description: Label C(ready), which follows that of the cluster network; null without one.
      type: bool
      returned: always
    route:
      description: The gateway by which Harvester tells whether the VLAN works; null without one.
      type: dict
      returned: always
      contains:
        mode:
          description: V(auto) or V(manual).
          type: str
          returned: always
        cidr:
          description: Network with prefix length; null when it is not known.
          type: str
          returned: always
        gateway:
          description: Address of the gateway; null when it is not known.
          type: str
          returned: always
        dhcp_server:
          description: Address of the DHCP server; null when it is not known.
          type: str
          returned: always
        connectivity:
          description: What Harvester found, V(true), V(false) or a reason; null before it looked.
          type: str
          returned: always
    setting:
      description: Setting whose controller made it, for example V(storage-network); null for a user's.
      type: str
      returned: always
    vms:
      description: VMs that use it, running or not, as V(namespace/name).
      type: list
      elements: str
      returned: always
    vm_instances:
      description: Those of them that have an instance, in any phase. They stop changes of the network.
      type: list
      elements: str
      returned: always
  sample:
    - name: vlan100
      namespace: default
      reference: default/vlan100
      description: ""
      type: vlan
      cluster_network: storage
      bridge: storage-br
      vlan_id: 100
      vlan_ids: []
      mtu: 9000
      ready: true
      route: {mode: manual, cidr: 192.0.2.0/24, gateway: 192.0.2.1, dhcp_server: null, connectivity: "true"}
      setting: null
      vms: [default/vm1, default/vm2]
      vm_instances: [default/vm1]
host_network_configs:
  description: The host network configurations by name (Harvester 1.8 and later).
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    description:
      description: Description; empty without one.
      type: str
      returned: always
    cluster_network:
      description: Cluster network.
      type: str
      returned: always
    vlan_id:
      description: VLAN id.
      type: int
      returned: always
    device:
      description: VLAN device that it makes on the nodes.
      type: str
      returned: always
    mode:
      description: V(static) or V(dhcp).
      type: str
      returned: always
    underlay:
      description: Whether overlay networks run over it.
      type: bool
      returned: always
    node_selector:
      description: Label selector with C(matchLabels) and C(matchExpressions); null for all nodes.
      type: dict
      returned: always
    nodes:
      description: Nodes that the selector matches.
      type: list
      elements: str
      returned: always
    ips:
      description: Address with prefix length per node.
      type: dict
      returned: always
    ready_nodes:
      description: Nodes whose agent says that the device is ready.
      type: list
      elements: str
      returned: always
    not_ready:
      description: Nodes whose agent says that the device is not ready.
      type: list
      elements: dict
      returned: always
      contains:
        node:
          description: Node.
          type: str
          returned: always
        message:
          description: What the agent says.
          type: str
          returned: always
  sample:
    - name: backup
      description: ""
      cluster_network: mgmt
      vlan_id: 2030
      device: mgmt-br.2030
      mode: static
      underlay: false
      node_selector: null
      nodes: [node1, node2, node3]
      ips: {node1: 192.0.2.1/24, node2: 192.0.2.2/24, node3: 192.0.2.3/24}
      ready_nodes: [node1, node2, node3]
      not_ready: []
storage_network:
  description: Setting C(storage-network).
  returned: when gathered
  type: dict
  contains:
    enabled:
      description: Whether the setting has a value.
      type: bool
      returned: always
    value:
      description: The value as it is stored. Harvester compares it as text.
      type: str
      returned: always
    cluster_network:
      description: Cluster network; null when disabled.
      type: str
      returned: always
    vlan_id:
      description: VLAN id, V(0) for none; null when disabled.
      type: int
      returned: always
    range:
      description: Addresses in CIDR form; null when disabled.
      type: str
      returned: always
    exclude:
      description: Parts of the range that are not given out, in CIDR form.
      type: list
      elements: str
      returned: always
    exclusive_vlan:
      description: Whether VM networks may not use the VLAN (1.9 and later).
      type: bool
      returned: always
    shared_with_rwx:
      description: Whether RWX volumes use it too (1.8 and later).
      type: bool
      returned: always
    in_progress:
      description: Whether Harvester still works on the last change.
      type: bool
      returned: always
    message:
      description: What Harvester says of the last change, or why the value cannot be read.
      type: str
      returned: always
    vm_network:
      description: VM network that Longhorn's pods use, as V(namespace/name); null without one.
      type: str
      returned: always
    mtu:
      description: MTU of that VM network in bytes; null without one.
      type: int
      returned: always
  sample:
    enabled: true
    value: '{"clusterNetwork":"storage","vlan":100,"range":"192.0.2.0/24","exclude":[]}'
    cluster_network: storage
    vlan_id: 100
    range: 192.0.2.0/24
    exclude: []
    exclusive_vlan: false
    shared_with_rwx: false
    in_progress: false
    message: ""
    vm_network: harvester-system/storagenetwork-x7k2p
    mtu: 9000
longhorn:
  description: What Longhorn has of the networks that settings give it.
  returned: when gathered
  type: dict
  contains:
    vm_networks:
      description: Setting C(storage-network) and C(rwx-network), and the VM network that Longhorn's own setting names.
      type: dict
      returned: always
    unsettled:
      description: What Harvester and Longhorn have not taken up of these settings, a line each.
      type: list
      elements: str
      returned: always
    pods:
      description: Its instance-managers and backing-image-managers by name.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: Pod.
          type: str
          returned: always
        component:
          description: V(instance-manager) or V(backing-image-manager).
          type: str
          returned: always
        node:
          description: Node.
          type: str
          returned: always
        running:
          description: Whether it is Running.
          type: bool
          returned: always
        addresses:
          description: Addresses of its C(lhnet1), the interface in the storage network; empty without one.
          type: list
          elements: str
          returned: always
        problem:
          description: What is wrong with it; empty when nothing is.
          type: str
          returned: always
  sample:
    vm_networks: {storage-network: harvester-system/storagenetwork-x7k2p, rwx-network: ""}
    unsettled: []
    pods:
      - name: instance-manager-1b2c
        component: instance-manager
        node: node1
        running: true
        addresses: []
        problem: has no lhnet1
vms:
  description:
    - The VMs by namespace and name, with the networks that they use and the nodes that can run them.
    - CPU, memory and volumes are not looked at.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    namespace:
      description: Namespace.
      type: str
      returned: always
    reference:
      description: Namespace and name.
      type: str
      returned: always
    status:
      description: Status as Harvester shows it, for example V(Running); null when only an instance is left.
      type: str
      returned: always
    run_strategy:
      description: Run strategy; null when only an instance is left.
      type: str
      returned: always
    phase:
      description: Phase of its instance; null without one. An instance in any phase stops changes of its networks.
      type: str
      returned: always
    node:
      description: Node that it runs on; null when it has none.
      type: str
      returned: always
    attached:
      description:
        - Whether it holds its networks. It has an instance in any phase, with or without a node, or its run strategy
          will start it.
      type: bool
      returned: always
    cluster_networks:
      description: Cluster networks that it uses, without C(mgmt).
      type: list
      elements: str
      returned: always
    vm_networks:
      description: VM networks of those.
      type: list
      elements: str
      returned: always
    mgmt_vm_networks:
      description: VM networks of C(mgmt), overlays and those without a cluster network among them.
      type: list
      elements: str
      returned: always
    missing_vm_networks:
      description: VM networks that it names and that do not exist.
      type: list
      elements: str
      returned: always
    pod_network:
      description: Whether it is on the built-in pod network, which runs over C(mgmt) and is no VM network.
      type: bool
      returned: always
    possible_nodes:
      description: Nodes that can run it.
      type: list
      elements: str
      returned: always
    other_nodes:
      description: The other nodes, with every reason.
      type: list
      elements: dict
      returned: always
      contains:
        node:
          description: Node.
          type: str
          returned: always
        reasons:
          description: Why it cannot run there.
          type: list
          elements: str
          returned: always
  sample:
    - name: vm1
      namespace: default
      reference: default/vm1
      status: Running
      run_strategy: RerunOnFailure
      phase: Running
      node: node1
      attached: true
      cluster_networks: [storage]
      vm_networks: [default/vlan100]
      mgmt_vm_networks: []
      missing_vm_networks: []
      pod_network: true
      possible_nodes: [node1, node2]
      other_nodes:
        - node: node3
          reasons: ["cluster network 'storage' (VM network default/vlan100) is not active on it"]
nodes:
  description: The nodes by name.
  returned: when gathered
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      returned: always
    ready:
      description: Whether it is Ready.
      type: bool
      returned: always
    cordoned:
      description: Whether nothing new is scheduled on it.
      type: bool
      returned: always
    maintenance:
      description: Whether it is in Harvester's maintenance mode, or on the way into it.
      type: bool
      returned: always
    roles:
      description: Roles in Harvester and in Kubernetes.
      type: list
      elements: str
      returned: always
    internal_ip:
      description: First address of type C(InternalIP); null without one.
      type: str
      returned: always
    addresses:
      description: All addresses.
      type: list
      elements: dict
      returned: always
      contains:
        type:
          description: For example V(InternalIP) or V(Hostname).
          type: str
          returned: always
        address:
          description: Address or name.
          type: str
          returned: always
    active_cluster_networks:
      description: Cluster networks that are active on it.
      type: list
      elements: str
      returned: always
    labels:
      description: Labels.
      type: dict
      returned: always
    machine_id:
      description: Machine id.
      type: str
      returned: always
    boot_id:
      description: The kernel's boot id; another one after every boot.
      type: str
      returned: always
    harvester_version:
      description: Harvester's version by the OS image; null for another OS.
      type: str
      returned: always
    os_image:
      description: OS image.
      type: str
      returned: always
    kernel_version:
      description: Version of the kernel.
      type: str
      returned: always
    kubelet_version:
      description: Version of the kubelet.
      type: str
      returned: always
  sample:
    - name: node1
      ready: true
      cordoned: false
      maintenance: false
      roles: [control-plane, etcd, management]
      internal_ip: 192.0.2.11
      addresses:
        - {type: InternalIP, address: 192.0.2.11}
        - {type: Hostname, address: node1}
      active_cluster_networks: [mgmt, storage]
      labels: {kubernetes.io/hostname: node1, network.harvesterhci.io/mgmt: "true"}
      machine_id: 2f1c8e6a4d5b4d0e9a8c0c7c5f9f2d11
      boot_id: 0b7d33b8-9c2d-4a0e-8f0e-8f8d3f1f3f5e
      harvester_version: v1.8.2
      os_image: Harvester v1.8.2
      kernel_version: 6.12.0-160000.9-default
      kubelet_version: v1.35.2+rke2r1
nics:
  description: Which NICs a new network configuration could use, from LinkMonitor C(nic).
  returned: when gathered
  type: dict
  contains:
    usable:
      description: NICs that can be used on every one of RV(nics.nodes).
      type: list
      elements: str
      returned: always
    nodes:
      description: Nodes that this is about, without witnesses.
      type: list
      elements: str
      returned: always
    links:
      description: An entry per node and NIC, also for a NIC that only other nodes have.
      type: list
      elements: dict
      returned: always
      contains:
        node:
          description: Node.
          type: str
          returned: always
        name:
          description: NIC.
          type: str
          returned: always
        mac:
          description: MAC address; null when it is not known.
          type: str
          returned: always
        state:
          description: V(up), V(down) or V(unknown); null when the node has no such NIC.
          type: str
          returned: always
        master:
          description: Bond or bridge that it is a port of; null without one.
          type: str
          returned: always
        usable:
          description: Whether a new configuration could use it on this node.
          type: bool
          returned: always
        reason:
          description: Why not; null when it could.
          type: str
          returned: always
  sample:
    usable: [ens4]
    nodes: [node1]
    links:
      - node: node1
        name: eno1
        mac: "52:54:00:aa:00:11"
        state: up
        master: mgmt-bo
        usable: false
        reason: it carries the management network
      - {node: node1, name: ens4, mac: "52:54:00:aa:00:14", state: up, master: null, usable: true, reason: null}
versions:
  description: What the cluster runs.
  returned: when gathered
  type: dict
  contains:
    harvester:
      description: Harvester's version, from setting C(server-version); null without one.
      type: str
      returned: always
    running_upgrade:
      description: Name of the upgrade that goes on; null when none does.
      type: str
      returned: always
    nodes:
      description: What each node runs. During an upgrade nodes differ.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: Node.
          type: str
          returned: always
        harvester_version:
          description: Harvester's version by the OS image; null for another OS.
          type: str
          returned: always
        os_image:
          description: OS image.
          type: str
          returned: always
        kernel_version:
          description: Version of the kernel.
          type: str
          returned: always
        kubelet_version:
          description: Version of the kubelet.
          type: str
          returned: always
  sample:
    harvester: v1.8.2
    running_upgrade: null
    nodes:
      - name: node1
        harvester_version: v1.8.2
        os_image: Harvester v1.8.2
        kernel_version: 6.12.0-160000.9-default
        kubelet_version: v1.35.2+rke2r1
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster import _report
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule, read_snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._report_filter import Filter
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError

ARGUMENT_SPEC = {
    "gather": {"type": "list", "elements": "str", "choices": list(_report.SUBSETS)},
    "cluster_networks": {"type": "list", "elements": "str"},
    "nodes": {"type": "list", "elements": "str"},
    "vms": {"type": "list", "elements": "str"},
}


def main() -> None:
    module = ClusterModule(argument_spec=ARGUMENT_SPEC)
    gather = list(_report.SUBSETS) if module.params["gather"] is None else module.params["gather"]
    try:
        snapshot = read_snapshot(module.client(), _report.kinds(gather))
        found = _report.report(snapshot, gather, Filter.read(module.params))
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
