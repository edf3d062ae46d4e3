# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the audit: which hosts were reached, and whether they are the cluster. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator

from ._model import PLAYBOOK, Audit, Check, checked, where

REACHED = ("reached", "host is reached and can be read")
MEMBER = ("member", "host is a node of the cluster")
COVERED = ("covered", "node is a host of harvester_nodes")
IDENTITY = ("identity", "host is the machine that the cluster knows by this name")
READY = ("ready", "node is Ready")
NO_CHANGE = ("open_change", "no change of the network is half done")


def reached(audit: Audit) -> Iterator[Check]:
    """A host that is away, or that modules fail on, is a failed check and never an abort."""
    for host in audit.hosts:
        remedy = f"see whether ansible reaches {host.name} (ansible {host.name} -i inventory -m ansible.builtin.ping)"
        yield checked(REACHED, host.name, "yes", host.problem or "yes", remedy)


def membership(audit: Audit) -> Iterator[Check]:
    """The API's list of nodes against the hosts of the inventory: none is missing, none is too many."""
    nodes = [str(node["name"]) for node in audit.part("nodes")]
    for host in audit.hosts:
        remedy = f"take {host.name} out of harvester_nodes, or set harvester_node_name to the node's name"
        seen = "yes" if host.node in nodes else f"the cluster has no node {host.node}"
        yield checked(MEMBER, host.name, "yes", seen, remedy)
    known = {host.node for host in audit.hosts}
    for name in nodes:
        remedy = f"add {name} to harvester_nodes; until then nothing on it is looked at"
        yield checked(COVERED, where("node", name), "yes", "yes" if name in known else "no host", remedy)


def identity(audit: Audit) -> Iterator[Check]:
    """Machine id and boot id are those that the node's kubelet reports."""
    nodes = {node["name"]: node for node in audit.part("nodes")}
    for host in audit.readable:
        node = nodes.get(host.node)
        for word, key in (("machine id", "machine_id"), ("boot id", "boot_id")):
            here = (host.info or {}).get(key) or (host.checked or {}).get(key)
            if node is None or not here or not node.get(key):
                continue
            remedy = "see whether ansible_host and kubeconfig mean the same cluster"
            yield checked((IDENTITY[0], f"{IDENTITY[1]} ({word})"), host.name, node[key], here, remedy)


def ready(audit: Audit) -> Iterator[Check]:
    """With one node away, the next one may be one too many."""
    for node in audit.part("nodes"):
        name = str(node["name"])
        seen = "yes" if node["ready"] else "no"
        yield checked(READY, where("node", name), "yes", seen, f"kubectl describe node {name} says why")


def open_change(audit: Audit) -> Iterator[Check]:
    """A change that has ended in the middle explains most of what else is found."""
    remedy = f"go on with the same playbook and variables, or go back: {PLAYBOOK % 'rollback'}"
    yield checked(NO_CHANGE, "cluster", "none", audit.open_change or "none", remedy)
