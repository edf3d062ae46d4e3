# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster network, a network configuration, one of hosts, or a VM network is removed, added or changed.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict

from ...cluster import _objects
from ...cluster._kinds import BY_KEY
from ...cluster._plan import step
from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _cluster_network, _host_config, _network_config, _vm_network
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind


def _of(kind: str, state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """Without ``object`` it is removed; with it, it is as the object says: what is not named there stays as it is."""
    name = given["name"]
    namespace = (given.get("namespace") or "default") if BY_KEY[kind].namespaced else ""
    before = state.get(kind, name, namespace)
    wanted = given.get("object")
    if wanted is None:
        if before is None and start.get(kind, name, namespace) is None:
            raise ValidationError([Problem(where, "name", name, "the cluster has no such %s" % BY_KEY[kind].title)])
        return Effect(step(kind, before, None))
    shown = _objects.dig(wanted, "metadata", "name")
    if shown not in (None, name):
        raise ValidationError(
            [Problem(where, "object.metadata.name", shown, "is not the name '%s' of the step" % name)]
        )
    return Effect(step(kind, before, _merged(kind, before, wanted, name, namespace)))


def _merged(kind: str, before: Any, wanted: Any, name: str, namespace: str) -> Dict[str, Any]:
    known = BY_KEY[kind]
    found: Dict[str, Any] = _objects.merged(before or {}, wanted)
    metadata = {**(found.get("metadata") or {}), "name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": known.api_version, "kind": known.kind, **found, "metadata": metadata}


def _config(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return _of("vlanconfigs", state, start, given, where)


def _host(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return _of("hostnetworkconfigs", state, start, given, where)


def _network(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return _of("clusternetworks", state, start, given, where)


def _vm(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return _of("nads", state, start, given, where)


NETWORK_KIND = StepKind(("name",), ("object",), _cluster_network.KINDS, _network)
VM_KIND = StepKind(("name",), ("namespace", "object"), _vm_network.KINDS, _vm)
KIND = StepKind(("name",), ("object",), _network_config.KINDS, _config)
HOST_KIND = StepKind(("name",), ("object",), _host_config.KINDS, _host)
