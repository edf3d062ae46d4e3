# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of the network, seen on the hosts and, where there is one, in the API.

Pure; private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..module_utils.common._vlans import VlanList
from ..module_utils.nm._host_support import version
from . import _node_facts

ERROR, WARNING = "error", "warning"
BOND = "-bo"
MGMT_BOND, MGMT_BRIDGE = "mgmt-bo", "mgmt-br"
# From this value of arp_ignore on a device does not answer for its addresses to other subnets.
ARP_LIMIT = 2
VLAN_FILTER_LIMIT = 512
"""VLAN ids that a NIC is taken to filter in hardware; more fail on mlx5 and XL710 (Harvester issues 7650, 5678)."""


class Finding(NamedTuple):
    """One finding.

    severity: "error" when a change has to be refused, else "warning". check: which check found it. node: inventory
    name; empty when it is about several. message: what is wrong. next_step: what to do.
    """

    severity: str
    check: str
    node: str
    message: str
    next_step: str

    def line(self) -> str:
        """For people: "node1: ...; ..."."""
        where = "%s: " % self.node if self.node else ""
        return "%s%s; %s" % (where, self.message, self.next_step)


class Host(NamedTuple):
    """One node as it was read.

    name: in the inventory. node_name: in Kubernetes. checked: fact of role node_check. info, profiles: results of
    modules host_info and profile_info; empty for a node that modules cannot run on.
    """

    name: str
    node_name: str
    checked: Mapping[str, Any]
    info: Mapping[str, Any]
    profiles: Mapping[str, Any]

    @property
    def links(self) -> dict[str, Mapping[str, Any]]:
        return {link["name"]: link for link in self.profiles.get("links") or self.checked.get("links", ())}

    @property
    def vlans(self) -> Mapping[str, Any]:
        return self.profiles.get("vlans") or self.checked.get("vlans") or {}

    @property
    def hints(self) -> Mapping[str, Any]:
        return self.profiles.get("hints") or {}

    @property
    def uplinks(self) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """Each bond of Harvester's with the NICs that are its ports."""
        for name in sorted(self.links):
            if name.endswith(BOND):
                yield name, [nic for nic in self.info.get("nics", ()) if nic["controller"] == name]


Check = Callable[[Sequence[Host], Mapping[str, Any]], Iterable[Finding]]


def findings(
    hosts: Sequence[Host], cluster: Mapping[str, Any] | None = None, wanted: Sequence[Mapping[str, Any]] = ()
) -> list[Finding]:
    """Everything that was found, errors first, then by node.

    cluster: result of module network_info, with at least ``nodes`` and ``versions``; None without an API. wanted:
    results of the modules that judged the wanted state in check mode.
    """
    found = [finding for check in CHECKS for finding in check(hosts, {} if cluster is None else cluster)]
    if cluster is not None:
        found += [finding for check in CLUSTER_CHECKS for finding in check(hosts, cluster)]
        found += refused(wanted)
    return sorted(found, key=lambda finding: (finding.severity != ERROR, finding.node, finding.check))


def refused(wanted: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """What would be refused of the wanted state: the modules' objections, each with its rule, and their failures."""
    for result in wanted:
        objections = result.get("objections") or ()
        for item in objections:
            whose = "Harvester" if item["by"] == "harvester" else "this collection"
            message = "%s: %s (rule %s of %s)" % (item["object"], item["message"], item["rule"], whose)
            yield Finding(ERROR, "wanted", "", message, item["next_step"])
        # failed_when hides `failed`, a failure has a msg.
        if not objections and result.get("msg") and not result.get("skipped"):
            message, _semicolon, step = str(result["msg"]).rpartition("; ")
            yield Finding(ERROR, "wanted", "", message or step, step if message else "correct the wanted state")


# -- host alone ------------------------------------------------------------------------------------------------------


def support(hosts: Sequence[Host], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """What role node_check refuses. On Harvester 1.6 and older that is changes of profiles, not what the API does."""
    for host in hosts:
        severity = WARNING if cluster and host.checked.get("old") else ERROR
        for text in _node_facts.objections(host.checked):
            message, _semicolon, step = text.rpartition("; ")
            yield Finding(severity, "support", host.name, message or text, step if message else "see README")


def arp_ignore(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """arp_ignore of 2 and more breaks host networking (Harvester's manual), whichever file sets it."""
    for host in hosts:
        for item in host.info.get("arp_ignore", ()):
            if item["effective"] < ARP_LIMIT:
                continue
            lines = ["%s line %d (%s=%s)" % (at["path"], at["line"], at["key"], at["value"]) for at in item["set_by"]]
            source = "set by %s" % ", ".join(lines) if lines else "set by a program, no file of sysctl.d has it"
            yield Finding(
                ERROR,
                "arp_ignore",
                host.name,
                "%s: arp_ignore is %d, %s" % (item["device"], item["effective"], source),
                "set it to 0 or 1, for 'all' as well",
            )


def link_of_uplinks(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Link, duplex and speed of the ports of each bond."""
    for host in hosts:
        for bond, nics in host.uplinks:
            dark = [nic["name"] for nic in nics if not nic["carrier"]]
            if dark:
                whole = len(dark) == len(nics)
                yield Finding(
                    ERROR if whole else WARNING,
                    "link",
                    host.name,
                    "%s: %s no link%s" % (bond, _have(dark), ", so it has none at all" if whole else ""),
                    "see cables and switch ports",
                )
            half = [nic["name"] for nic in nics if nic["duplex"] == "half"]
            if half:
                yield Finding(
                    WARNING, "duplex", host.name, "%s: %s half duplex" % (bond, _have(half)), "see the switch ports"
                )
            speeds = {nic["name"]: nic["speed"] for nic in nics if nic["speed"]}
            if len(set(speeds.values())) > 1:
                shown = ", ".join("%s %d Mb/s" % pair for pair in sorted(speeds.items()))
                yield Finding(
                    WARNING,
                    "speed",
                    host.name,
                    "%s: its ports differ in speed (%s)" % (bond, shown),
                    "use equal ports, or take the bond as the slower of them",
                )


def driver_limits(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """The MTU of a bond is within what its NICs' drivers take."""
    for host in hosts:
        for bond, nics in host.uplinks:
            mtu = int(host.links[bond]["mtu"])
            for nic in nics:
                if nic["max_mtu"] is not None and nic["max_mtu"] < mtu:
                    yield Finding(
                        ERROR,
                        "max_mtu",
                        host.name,
                        "%s: MTU %d is above the %d that %s (%s) takes"
                        % (bond, mtu, nic["max_mtu"], nic["name"], nic["driver"]),
                        "lower the MTU, or use another NIC",
                    )


def vlan_ids(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """VLAN ids per uplink, and those that the next boot strips."""
    for host in hosts:
        for name, entries in sorted(host.vlans.items()):
            count = len(VlanList.parse(list(entries)).ids()) if name.endswith(BOND) else 0
            if count > VLAN_FILTER_LIMIT:
                yield Finding(
                    WARNING,
                    "vlan_ids",
                    host.name,
                    "%s: %d VLAN ids, more than the %d that some NICs can filter" % (name, count, VLAN_FILTER_LIMIT),
                    "take out what no network uses",
                )
        for item in host.hints.get("stripped", ()):
            yield Finding(
                WARNING,
                "stripped",
                host.name,
                "%s: VLAN ids %s of profile %s are not on it, Harvester's agent strips them at every boot"
                % (item["device"], ", ".join(map(str, item["vlans"])), item["profile"]),
                "hold them with a device (playbook mgmt_vlans does), or take them out",
            )


def waits_for_reboot(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Profiles that only a boot makes live."""
    for host in hosts:
        reasons = host.hints.get("reboot", ())
        if reasons:
            yield Finding(
                WARNING,
                "reboot",
                host.name,
                "its profiles wait for a reboot: %s" % ", ".join(reasons),
                "reboot it in order (playbook reboot)",
            )


def double_profiles(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """A profile id belongs to one keyfile."""
    for host in hosts:
        for name, paths in sorted((host.hints.get("doubles") or {}).items()):
            yield Finding(
                ERROR, "doubles", host.name, "profile '%s' is in several files: %s" % (name, _listed(paths)), "keep one"
            )


def equal_mtus(hosts: Sequence[Host], _cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """All nodes have the same MTU on the management network; Harvester checks this nowhere."""
    devices: dict[str, dict[int, list[str]]] = {}
    for host in hosts:
        for name, link in host.links.items():
            if name in (MGMT_BOND, MGMT_BRIDGE) or (name.startswith(MGMT_BRIDGE + ".") and _own(link)):
                devices.setdefault(name, {}).setdefault(int(link["mtu"]), []).append(host.name)
    for name, mtus in sorted(devices.items()):
        if len(mtus) > 1:
            shown = ", ".join("%d on %s" % (mtu, _listed(names)) for mtu, names in sorted(mtus.items()))
            yield Finding(
                ERROR,
                "mtu",
                "",
                "%s: the MTU differs: %s" % (name, shown),
                "bring all nodes to one (playbook mgmt_network)",
            )


# -- host and API ----------------------------------------------------------------------------------------------------


def identity(hosts: Sequence[Host], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Hosts and API are the same cluster: machine id and boot id are those that the node's kubelet reports."""
    nodes = {node["name"]: node for node in cluster.get("nodes", ())}
    for host in hosts:
        node = nodes.get(host.node_name)
        if node is None:
            yield Finding(
                ERROR,
                "identity",
                host.name,
                "the cluster has no node '%s', only %s" % (host.node_name, _listed(nodes) or "none"),
                "set harvester_node_name, or use the kubeconfig of this cluster",
            )
            continue
        for word, key in (("machine id", "machine_id"), ("boot id", "boot_id")):
            here, there = host.info.get(key) or host.checked.get(key), node.get(key)
            if here and here != there:
                yield Finding(
                    ERROR,
                    "identity",
                    host.name,
                    "the host's %s is %s, node '%s' of the cluster reports %s" % (word, here, host.node_name, there),
                    "see whether ansible_host and kubeconfig mean the same cluster"
                    + (", or wait until the kubelet has reported the last boot" if key == "boot_id" else ""),
                )
                break


def coverage(hosts: Sequence[Host], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Nodes of the cluster that this run does not look at."""
    missing = {node["name"] for node in cluster.get("nodes", ())} - {host.node_name for host in hosts}
    if missing:
        yield Finding(
            WARNING,
            "coverage",
            "",
            "not in this run: %s of the cluster" % _listed(missing),
            "put all nodes of the cluster into harvester_nodes, and run without --limit",
        )


def ready(_hosts: Sequence[Host], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Every node of the cluster is Ready: with one away, the next one may be one too many."""
    for node in cluster.get("nodes", ()):
        if node.get("ready") is False:
            message = "node '%s' of the cluster is not Ready" % node["name"]
            yield Finding(ERROR, "ready", "", message, "bring it back before a change")


def versions(hosts: Sequence[Host], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """One version of Harvester everywhere, and no upgrade on the way."""
    found = cluster.get("versions") or {}
    if found.get("running_upgrade"):
        yield Finding(
            ERROR,
            "upgrade",
            "",
            "upgrade '%s' of Harvester is running" % found["running_upgrade"],
            "wait until it has completed, or has failed",
        )
    wanted = found.get("harvester")
    for host in hosts:
        here = host.checked.get("harvester_version")
        if wanted and here and version(here) != version(wanted):
            yield Finding(
                ERROR,
                "version",
                host.name,
                "it runs Harvester %s, the cluster says %s" % (here, wanted),
                "finish the upgrade of this node first",
            )


CHECKS: tuple[Check, ...] = (
    support,
    arp_ignore,
    link_of_uplinks,
    driver_limits,
    vlan_ids,
    waits_for_reboot,
    double_profiles,
    equal_mtus,
)
"""Run always; they do not look at the API."""
CLUSTER_CHECKS: tuple[Check, ...] = (identity, coverage, ready, versions)


def _own(link: Mapping[str, Any]) -> bool:
    """Whether NetworkManager gave the device its address; that of a host network configuration is the agent's."""
    return any(item["managed"] for item in link.get("addresses", ()))


def _have(names: Sequence[str]) -> str:
    return "%s %s" % (_listed(names), "has" if len(names) == 1 else "have")


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    return found[0] if len(found) == 1 else "%s and %s" % (", ".join(found[:-1]), found[-1]) if found else ""
