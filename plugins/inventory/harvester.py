# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin harvester: the nodes of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: harvester
short_description: Take the nodes of a Harvester cluster as hosts
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Reads the nodes from the cluster's API, with two list requests however many there are (nodes and LinkMonitors).
  - Each node is a host of group C(harvester_nodes), and of C(harvester_witness), C(harvester_control_plane) or
    C(harvester_workers) by its labels. A node of the control plane that also runs VMs is in C(harvester_control_plane),
    since that decides its turn in reboots.
  - Sets C(ansible_host) to the node's first address of type C(InternalIP). Sets C(harvester_node_name), the name of the
    Kubernetes Node; C(harvester_node_roles); C(harvester_node_labels); C(harvester_node_nics), a list of the physical
    NICs with C(name), C(mac), C(state) and C(master), the bond or bridge that the NIC is a port of; and
    C(harvester_node_version), Harvester's version on the node, by its OS image.
  - Works beside other inventory sources. A node that an earlier source has, under the same name or under another one
    with the host variable C(harvester_node_name), is that host; what the earlier source gave it stays, see
    O(overwrite).
  - As an inventory source of AWX this file lies in the project; a credential of type C(OpenShift or Kubernetes API
    Bearer Token) gives the access.
notes:
  - The file's name is C(harvester.yml) or ends in C(.harvester.yml), or the same with C(.yaml).
  - The cache is told apart by file and by the options and environment variables that name the cluster. It does not see
    when a kubeconfig's current context changes; name it with O(context).
  - C(ansible_host) is a host variable, so it counts more than one in C(group_vars).
extends_documentation_fragment:
  - harvester.network.cluster_api
  - harvester.network.cluster_auth
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [harvester.network.harvester]
  hostname:
    description:
      - Jinja2 expression over the variables above that gives a host its inventory name. The name of the node when
        omitted.
      - Not used for nodes that an earlier source has with C(harvester_node_name).
    type: str
  overwrite:
    description: Whether variables that an earlier source gave a host are set anew.
    type: bool
    default: false
"""

EXAMPLES = r"""
# cluster.harvester.yml: access by K8S_AUTH_KUBECONFIG or ~/.kube/config
plugin: harvester.network.harvester

---
# a group per rack, from a label of the nodes, and another one for nodes with a Mellanox NIC
plugin: harvester.network.harvester
kubeconfig: ~/.kube/harvester.yaml
context: production
keyed_groups:
  - key: harvester_node_labels['topology.kubernetes.io/zone']
    prefix: zone
groups:
  fast: harvester_node_nics | selectattr('name', 'match', 'enp') | length > 0
compose:
  ansible_user: "'rancher'"

---
# names with a domain, kept in a file for an hour
plugin: harvester.network.harvester
hostname: harvester_node_name ~ '.example.com'
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/harvester-inventory
cache_timeout: 3600
"""

import hashlib
import json
import os
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils.cluster._auth import AUTH_ARGSPEC
from ..module_utils.cluster._client import Client
from ..module_utils.cluster._read import read_snapshot
from ..module_utils.cluster._transport import Transport
from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _inventory

NAMES = ("harvester.yml", "harvester.yaml")
CLUSTER_OPTIONS = ("host", "kubeconfig", "context")
"""Options that name a cluster; kubernetes.core reads each from K8S_AUTH_<NAME> too."""


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "harvester.network.harvester"

    def verify_file(self, path: str) -> bool:
        name = os.path.basename(path)
        return bool(super().verify_file(path)) and (name in NAMES or name.endswith(tuple("." + end for end in NAMES)))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        known = self._known_hosts()
        for host in self._hosts(path, cache):
            self._add(host, known)

    def _hosts(self, path: str, cache: bool) -> list[dict[str, Any]]:
        """The hosts from the cache, else from the API. cache: false when the inventory is refreshed."""
        key = self._cache_key(path)
        use = self.get_option("cache")
        if use and cache:
            try:
                found: list[dict[str, Any]] = self._cache[key]
                return found
            except KeyError:
                pass  # not there, or too old
        try:
            client = Client(Transport(self._auth()), retry_timeout=self.get_option("api_retry_timeout"))
            found = _inventory.hosts(read_snapshot(client, _inventory.KINDS))
        except NetworkError as error:
            raise AnsibleParserError(str(error)) from error
        if use:
            self._cache[key] = found
        return found

    def _auth(self) -> dict[str, Any]:
        """The options of the authentication; a lookup in the file, as for a token, is evaluated."""
        self.templar.available_variables = self._vars
        return {name: self.templar.template(self.get_option(name)) for name in AUTH_ARGSPEC}

    def _cache_key(self, path: str) -> str:
        """Another one for every cluster, so that the nodes of one are never taken for those of another."""
        named = [self.get_option(name) or os.environ.get("K8S_AUTH_" + name.upper()) for name in CLUSTER_OPTIONS]
        digest = hashlib.sha256(json.dumps(named, sort_keys=True, default=str).encode()).hexdigest()
        return f"{self.get_cache_key(path)}_{digest[:16]}"

    def _known_hosts(self) -> dict[str, str]:
        """Node -> host, of hosts that an earlier source gave the name of their node."""
        return {
            str(host.vars[_inventory.NAME]): str(host.name)
            for host in self.inventory.hosts.values()
            if host.vars.get(_inventory.NAME)
        }

    def _add(self, found: dict[str, Any], known: dict[str, str]) -> None:
        variables = found["vars"]
        name = known.get(found["node"]) or self._name(found)
        there = self.inventory.get_host(name)
        given = set(there.vars) if there else set()
        self.inventory.add_host(name)
        for variable, value in variables.items():
            if variable not in given or self.get_option("overwrite"):
                self.inventory.set_variable(name, variable, value)
        for group in found["groups"]:
            self.inventory.add_group(group)
            self.inventory.add_child(group, name)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)

    def _name(self, found: dict[str, Any]) -> str:
        expression = self.get_option("hostname")
        if not expression:
            return str(found["node"])
        try:
            name = self._compose(expression, found["vars"])
        except Exception as error:
            raise AnsibleParserError(f"node {found['node']}: hostname={expression}: {error}") from error
        if not isinstance(name, str) or not name:
            raise AnsibleParserError(
                f"node {found['node']}: hostname={expression}: it gives {name!r}, which is no name; give an expression"
                " that is a text for every node"
            )
        return name
