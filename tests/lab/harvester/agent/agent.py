# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node's agent: looks at the cluster and at the node's links, does what a plan says, reports.

A stopped agent does nothing. What was deleted meanwhile it never hears of: VlanStatus and configuration are gone when
it comes back, and with them the only trace of the bond and the bridge that stay (chapter 12 of the facts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kinds import CLUSTER_NETWORK, HOST_NETWORK_CONFIG, LINK_MONITOR, NAD, NODE, VLAN_CONFIG, VLAN_STATUS
from ..lookups import configs_of, nads_of
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    MATCHED_NODES,
    MGMT,
    NODE_LABEL,
    VLAN_CONFIG_LABEL,
    Obj,
    cluster_network_of,
    full_name,
    is_deleting,
    is_overlay,
    is_witness,
    label_selected,
    labels,
    matched_nodes,
    nad_config,
    name,
    selected,
    spec,
    status,
    vlan_ids,
)
from ..versions import Version
from ..view import View, get
from ..writes import Create, Delete, Patch, Write
from . import reports
from .links import Links
from .node import LinkError, NodeLinks
from .operations import SetAddress
from .plan import Plan, host_device, mgmt_config, port_vids, remove_host_device, setup, teardown, wanted_uplink

KINDS = (NODE, CLUSTER_NETWORK, VLAN_CONFIG, VLAN_STATUS, LINK_MONITOR, HOST_NETWORK_CONFIG, NAD)
"""What an agent looks at."""


class Agent:
    """The agent of one node. ``write`` carries writes out and says whether all were taken; ``now`` is RFC 3339."""

    def __init__(
        self,
        node: str,
        links: NodeLinks,
        version: Version,
        write: Callable[[list[Write]], bool],
        now: Callable[[], str],
    ) -> None:
        self.node = node
        self.links = links
        self.version = version
        self._take = write
        self._now = now
        self._set_up: dict[str, object] = {}
        """VlanConfigs set up here, each with the change of it that was."""
        self._vids_for: dict[str, object] = {}
        """Cluster networks whose port has its ids, each with what they were computed from."""
        self._devices: dict[str, tuple[str, int]] = {}
        """HostNetworkConfigs set up here: uid -> cluster network, VLAN id."""
        self._devices_for: dict[str, object] = {}
        """The same, each with what it was set up from."""
        self._failed = False

    def start(self) -> None:
        """A restart: everything is set up and every port's ids are looked at as if never before (3.2, 3.7)."""
        self._set_up.clear()
        self._vids_for.clear()
        self._devices_for.clear()

    def look(self, view: View) -> bool:
        """One look at everything; returns True when something failed and is to be tried again soon."""
        node = get(view, NODE, self.node)
        if node is None:
            return False
        self._failed = False
        if not is_witness(node):
            if self._removals(view):
                # what follows is to see the cluster without what just went
                return True
            self._setups(view)
            self._host_devices(view, node)
            self._port_vids(view)
        self._monitors(view, node)
        return self._failed

    # --- configurations

    def _statuses(self, view: View) -> list[Obj]:
        return [item for item in view.list(VLAN_STATUS) if labels(item).get(NODE_LABEL) == self.node]

    def _removals(self, view: View) -> bool:
        """Take down what is no longer wanted here; True when there was something."""
        found = False
        for item in self._statuses(view):
            config = get(view, VLAN_CONFIG, status(item)["vlanConfig"])
            if config is None:
                # its VlanStatus goes by its owner reference
                continue
            matched = self.node in (matched_nodes(config) or []) and not is_deleting(config)
            moved = status(item)["clusterNetwork"] != cluster_network_of(config)
            if not matched or moved:
                self._teardown(view, item)
                found = True
        return found

    def _teardown(self, view: View, vlan_status: Obj) -> None:
        cluster_network = status(vlan_status)["clusterNetwork"]
        self._set_up.pop(status(vlan_status)["vlanConfig"], None)
        if cluster_network != MGMT:
            error = self._act(teardown, cluster_network, self.version)
        else:
            error = ""
        self._vids_for.pop(cluster_network, None)
        node = get(view, NODE, self.node)
        wanted = reports.labels_after_teardown(node, vlan_status) if node else {}
        if node and wanted:
            self._write(Patch(NODE, self.node, {"metadata": {"labels": wanted}}))
        if error:
            self._failed = True
            condition = reports.dated({"type": "ready", "status": "False", "message": error}, vlan_status, self._now())
            self._write(Patch(VLAN_STATUS, name(vlan_status), {"status": {"conditions": [condition]}}))
        else:
            self._write(Delete(VLAN_STATUS, name(vlan_status)))

    def _setups(self, view: View) -> None:
        """As upstream: when the configuration changed, after a failure, after the agent's start; not on any drift."""
        for config in sorted(view.list(VLAN_CONFIG), key=name):
            if is_deleting(config) or self.node not in (matched_nodes(config) or []):
                continue
            change = (config["metadata"]["uid"], config["metadata"].get("resourceVersion"))
            if self._set_up.get(name(config)) == change:
                continue
            error = "" if cluster_network_of(config) == MGMT else self._setup(config)
            taken = self._report(view, config, error)
            if error:
                self._failed = True
            elif taken:
                self._set_up[name(config)] = change
        if self.version.mgmt_vlan_configs:
            self._keep_mgmt_config(view)

    def _setup(self, config: Obj) -> str:
        uplink = wanted_uplink(config, self.version)
        before = len(self.links.done)
        error = self._act(setup, uplink, self.version)
        if len(self.links.done) > before:
            # a new bond has no VLAN ids
            self._vids_for.pop(uplink.cluster_network, None)
        return error

    def _report(self, view: View, config: Obj, error: str) -> bool:
        before = get(view, VLAN_STATUS, reports.status_name(cluster_network_of(config), self.node))
        wanted = reports.vlan_status(config, self.node, error, before, self._now())
        taken = True
        if before is None:
            taken = self._write(Create(VLAN_STATUS, wanted))
        elif not reports.same(before, wanted):
            taken = self._write(Patch(VLAN_STATUS, name(before), wanted))
        node = get(view, NODE, self.node)
        missing = reports.labels_after_setup(node, config) if node and not error else {}
        known = before is not None and status(before)["vlanConfig"] == name(config) and name(config) not in self._set_up
        if known:
            # after a start: of several configurations of this node the one that the label names stays
            missing.pop(VLAN_CONFIG_LABEL, None)
        if missing and cluster_network_of(config) != MGMT:
            taken &= self._write(Patch(NODE, self.node, {"metadata": {"labels": missing}}))
        return taken

    def _keep_mgmt_config(self, view: View) -> None:
        seen = self._seen()
        wanted = mgmt_config(seen, self.node) if seen else None
        if wanted is None:
            return
        there = get(view, VLAN_CONFIG, wanted["metadata"]["name"])
        annotation = {MATCHED_NODES: f'["{self.node}"]'}
        if there is None:
            metadata = {**wanted["metadata"], "labels": {CLUSTER_NETWORK_LABEL: MGMT}, "annotations": annotation}
            self._write(Create(VLAN_CONFIG, {**wanted, "metadata": metadata}))
        elif spec(there) != wanted["spec"]:
            self._write(Patch(VLAN_CONFIG, name(there), {"spec": wanted["spec"]}))

    # --- VLAN ids and host devices

    def _port_vids(self, view: View) -> None:
        """As upstream: when the cluster network or its VM networks changed, not whenever somebody touched the port."""
        for cluster_network in view.list(CLUSTER_NETWORK):
            key = name(cluster_network)
            nads = [item for item in nads_of(view, key) if not is_overlay(item) and not is_deleting(item)]
            reason = (
                cluster_network["metadata"].get("resourceVersion"),
                tuple((full_name(item), spec(item).get("config")) for item in nads),
                tuple(sorted(self._devices.values())),
            )
            if self._vids_for.get(key) == reason:
                continue
            vids = {vid for item in nads for vid in vlan_ids(nad_config(item))}
            # an error is swallowed, as upstream does
            self._act(port_vids, key, vids, self.version)
            self._vids_for[key] = reason

    def _host_devices(self, view: View, node: Obj) -> None:
        wanted: dict[str, Obj] = {}
        for config in view.list(HOST_NETWORK_CONFIG) if self.version.host_network_config else []:
            if not is_deleting(config) and label_selected(spec(config).get("nodeSelector"), labels(node)):
                wanted[config["metadata"]["uid"]] = config
        for uid in self._devices.keys() - wanted.keys():
            cluster_network, vlan = self._devices.pop(uid)
            self._devices_for.pop(uid, None)
            self._act(remove_host_device, cluster_network, vlan)
        for uid, config in wanted.items():
            reason = (config["metadata"].get("generation"), self._set_up_on(view, cluster_network_of(config)))
            if self._devices_for.get(uid) == reason:
                continue
            error = self._act(self._host_plan, config)
            taken = self._report_host_device(config, error)
            if error:
                self._failed = True
            elif taken:
                self._devices[uid] = (cluster_network_of(config), int(spec(config)["vlanID"]))
                self._devices_for[uid] = reason

    def _set_up_on(self, view: View, cluster_network: str) -> tuple[object, ...]:
        """Configurations of a cluster network as set up: a HostNetworkConfig is looked at again after them (3.8)."""
        return tuple(self._set_up.get(name(item)) for item in configs_of(view, cluster_network))

    def _host_plan(self, links: Links, config: Obj) -> Plan:
        plan = host_device(links, config)
        address = (spec(config).get("ips") or {}).get(self.node)
        if plan.error or not plan.operations or not address:
            return plan
        device = f"{cluster_network_of(config)}-br.{spec(config)['vlanID']}"
        return Plan((*plan.operations, SetAddress(device, address)))

    def _report_host_device(self, config: Obj, error: str) -> bool:
        before = (status(config).get("nodeStatus") or {}).get(self.node) or {}
        condition: dict[str, Any] = {"type": "ready", "status": "False" if error else "True"}
        if error:
            condition["message"] = error
        wanted = {
            "clusterNetwork": cluster_network_of(config),
            "vlanID": spec(config)["vlanID"],
            "mode": spec(config)["mode"],
            "conditions": [reports.dated(condition, {"status": before}, self._now())],
        }
        if before == wanted:
            return True
        said = {"status": {"nodeStatus": {self.node: wanted}}}
        return self._write(Patch(HOST_NETWORK_CONFIG, name(config), said, status=True))

    # --- link monitors

    def _monitors(self, view: View, node: Obj) -> None:
        seen = self._seen()
        for monitor in view.list(LINK_MONITOR):
            if seen is None or not selected(spec(monitor).get("nodeSelector"), labels(node)):
                continue
            found = reports.link_statuses(seen, monitor, self.version)
            if (status(monitor).get("linkStatus") or {}).get(self.node) != found:
                self._write(Patch(LINK_MONITOR, name(monitor), {"status": {"linkStatus": {self.node: found}}}))

    # --- the node, the API

    def _write(self, write: Write) -> bool:
        """One write of what is this agent's alone, so no version is compared; one that is not taken is tried again."""
        taken = self._take([write])
        self._failed |= not taken
        return taken

    def _seen(self) -> Links | None:
        try:
            return self.links.look()
        except LinkError:
            self._failed = True
            return None

    def _act(self, plan_for: Callable[..., Plan], *wanted: object) -> str:
        """Look, plan, do; returns the error, '' when all is as wanted."""
        try:
            plan = plan_for(self.links.look(), *wanted)
            self.links.do(plan.operations)
        except LinkError as error:
            return str(error)
        return plan.error
