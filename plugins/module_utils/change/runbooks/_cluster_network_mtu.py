# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU of a custom cluster network: which case it is, what speaks against it, and the phases.

The procedure is that of Harvester's documentation, "Change the MTU of a Network Configuration", with and without an
attached storage network. The webhooks force its order: no configuration changes while VMs of the cluster network have
instances, all configurations of one have the same MTU, and one of several cannot get another (NC
pkg/webhook/vlanconfig). So all but one are removed, that one is changed, and the others are put back.

This module util is private to the collection.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...cluster import _nad, _network_mtu, _storage
from ...cluster._attachments import attachments
from ...cluster._config import NetworkConfig
from ...cluster._snapshot import Snapshot
from ...cluster.power._record import Entry
from ...cluster.wanted._network_config import siblings
from ...common import _mtu
from ...common._errors import Problem, ValidationError
from .. import _live, phases
from ..phases import _configs, _settings, _switches, _vms
from . import _mtu_refusals, _network_uses, _probe_gateways
from ._cluster_network import SUBNET, absent, entry, host_phases, hosts_of, links, with_expectations
from ._mtu_refusals import RUNBOOK

OTHERS_OFF, CHANGE, OTHERS_ON = "configs-off", "config-change", "configs-on"


class Wish(NamedTuple):
    """What is asked for.

    mtu_from, mtu_to: bytes. keep: the configuration that stays; empty for the one with most nodes. switches_ready,
    gitops_paused: what the operator vouches for. switches_phase: whether the switches are set in a phase of its own, of
    ``switches_bound`` seconds. legs: whether each leg of the bonds is proved. subnet: of the endpoints of the proof.
    gateways: proofs through a router, with the options of _probe_gateways.ARGUMENT_SPEC. vms: options of role vms
    without their prefix. settings: options of role storage_network without theirs. wait: seconds for agents.
    """

    cluster_network: str
    mtu_from: Any
    mtu_to: Any
    keep: str = ""
    switches_ready: bool = False
    switches_phase: bool = False
    switches_bound: int = _switches.BOUND
    gitops_paused: bool = False
    legs: bool = True
    subnet: str = SUBNET
    gateways: Sequence[Mapping[str, Any]] = ()
    vms: Mapping[str, Any] = {}
    settings: Mapping[str, Any] = {}
    wait: int = _configs.WAIT


class Case(NamedTuple):
    """What there is to do.

    phases: as role change takes them; none when everything has the MTU already. keep: the configuration that stays.
    settings: those that have to let go of their networks. vms: what stops. links: node -> what role link_proof has to
    find there before the first phase. probes: what role path_proof can try ahead, the networks of the proof but those
    whose addresses the hosts still have. cautions: what the operator has to know, a line each.
    """

    phases: Tuple[Mapping[str, Any], ...]
    keep: str
    settings: Tuple[str, ...]
    vms: Tuple[Entry, ...]
    links: Mapping[str, Any]
    probes: Tuple[Mapping[str, Any], ...]
    cautions: Tuple[str, ...]


def analyse(snapshot: Snapshot, wish: Wish, moment: datetime) -> Case:
    """The case of this cluster. moment: now, in UTC and naive.

    Raises ValidationError with everything that speaks against it, ChangeError with a table where ``mtu_from`` is not
    what is there.
    """
    name = wish.cluster_network
    _mtu_refusals.refuse_network(snapshot, name, wish.mtu_from, wish.mtu_to)
    configs = siblings(snapshot, name)
    old, new = _mtu.effective(wish.mtu_from), _mtu.effective(wish.mtu_to)
    live = live_mtus(snapshot, name)
    if all(_mtu.equal(mtu, new) for mtu in live.values()):
        return Case((), "", (), (), links(configs), (), ())
    _live.require("change_mtu_from", old, live, _mtu.equal)
    keep = kept(configs, wish.keep)
    settings = _network_uses.settings_on(snapshot, name)
    selection = {"all": True} if _storage.STORAGE in settings else {"cluster_networks": [name]}
    problems: List[Problem] = []
    entries: Tuple[Entry, ...] = ()
    try:
        entries = _vms.stopping(snapshot, {**selection, **wish.vms}, moment)
    except ValidationError as error:
        problems += error.problems
    problems += _mtu_refusals.refusals(snapshot, wish, configs, raising=new > old)
    if problems:
        raise ValidationError(problems)
    planned = _phases(snapshot, wish, configs, keep, settings, new, (selection, entries))
    cautions = _mtu_refusals.cautions(name, configs, settings, raising=new > old)
    probes = _probes(snapshot, wish, configs)
    return Case(tuple(planned), keep.name, settings, entries, links(configs), probes, tuple(cautions))


def live_mtus(snapshot: Snapshot, name: str) -> Dict[str, Optional[int]]:
    """Place -> MTU of a cluster network wherever the API has it: configurations, annotation, VM networks of users."""
    found: Dict[str, Optional[int]] = {
        "network configuration '%s'" % config.name: config.effective_mtu for config in siblings(snapshot, name)
    }
    item = snapshot.get("clusternetworks", name)
    if item is not None:
        found["cluster network '%s', annotation uplink-mtu" % name] = _network_mtu.of_annotation(item)
    for nad in snapshot.nads_of(name):
        if nad.type == _nad.BRIDGE and not nad.setting and not nad.deleting:
            found["VM network '%s'" % nad.reference] = _mtu.effective(nad.mtu)
    return found


def kept(configs: Sequence[NetworkConfig], wanted: str = "") -> NetworkConfig:
    """The configuration that is changed while the others are away: the wanted one, else the one with most nodes; of
    several the first by name. Raises ValidationError."""
    if wanted:
        found = [config for config in configs if config.name == wanted]
        if not found:
            rule = "is no network configuration of cluster network '%s'" % configs[0].cluster_network
            remedy = "give one of %s" % ", ".join(config.name for config in configs)
            raise ValidationError([Problem(RUNBOOK, "change_keep", wanted, rule, remedy)])
        return found[0]
    return min(configs, key=lambda config: (-len(config.nodes), config.name))


def _phases(
    snapshot: Snapshot,
    wish: Wish,
    configs: Sequence[NetworkConfig],
    keep: NetworkConfig,
    settings: Sequence[str],
    new: int,
    stopping: Tuple[Mapping[str, Any], Sequence[Entry]],
) -> List[Mapping[str, Any]]:
    """All phases in their order, each with what it does. The state of the cluster before each says what is expected on
    the hosts after it."""
    stop, start = _vms.phases(snapshot, stopping[0], wish.vms, stopping[1])
    before: List[Dict[str, Any]] = [stop]
    after: List[Dict[str, Any]] = [start]
    if settings:
        off, on = _settings.phases(wish.settings, settings)
        before.append(off)
        after.insert(0, on)
    names = [entry.reference for entry in stopping[1]]
    inside = [one.guest for one in attachments(snapshot) if wish.cluster_network in one.cluster_networks]
    _vms.looked_into(start, [name for name in inside if name in names], new)
    for last in after:
        last["input"]["expect"] = _ports(wish.cluster_network, configs, new)
    hosts = hosts_of(snapshot, wish.cluster_network)
    if hosts:
        active = snapshot.active_nodes(wish.cluster_network)
        off, on = host_phases(snapshot, hosts, new, active, wish.wait)
        before.append(off)
        after.insert(0, on)
    middle = _config_phases(snapshot, wish, configs, keep, new)
    if wish.switches_phase:
        middle = _switches.around(middle, _mtu.effective(wish.mtu_from), new, wish.switches_bound)
    return with_expectations(phases.with_steps([*before, *middle, *after], snapshot, {}), snapshot)


def _config_phases(
    snapshot: Snapshot, wish: Wish, configs: Sequence[NetworkConfig], keep: NetworkConfig, new: int
) -> List[Dict[str, Any]]:
    """The others go, the one that stays is changed, the others come back. On the way back the first one is last."""
    told: Dict[str, Any] = {"wait_timeout": wish.wait}
    others = [config for config in configs if config.name != keep.name]
    nodes = {node for config in configs for node in config.nodes}
    before: Dict[str, Any] = {
        "paths_back": _network_uses.paths(snapshot, wish.cluster_network, nodes, _mtu.effective(wish.mtu_from))
    }
    changed = {"configs": [entry(keep.name, with_mtu(keep, new), keep.raw)]}
    proof = _proof(snapshot, wish, keep.nodes)
    if not others:
        return [_configs.phase(CHANGE, changed, **proof, **before, **told)]
    change = _configs.phase(CHANGE, changed, **proof, **told)
    gone = {"configs": [entry(config.name, None, config.raw) for config in others]}
    back = {"configs": [entry(config.name, with_mtu(config, new), None) for config in others]}
    proof = _proof(snapshot, wish, nodes)
    before["subnet"] = wish.subnet
    return [
        _configs.phase(OTHERS_OFF, gone, OTHERS_ON, expect=absent(wish.cluster_network, others), **before, **told),
        change,
        _configs.phase(OTHERS_ON, back, of=OTHERS_OFF, **proof, **told),
    ]


def _ports(name: str, configs: Sequence[NetworkConfig], new: int) -> Dict[str, Any]:
    """VMs and pods get the MTU when their interfaces are made: the hosts' ends are ports of the bridge."""
    nodes = sorted({node for config in configs for node in config.nodes})
    return {node: {"devices": [{"name": name + _nad.BRIDGE_SUFFIX, "ports_mtu": new}], "absent": []} for node in nodes}


def _proof(snapshot: Snapshot, wish: Wish, nodes: Iterable[str]) -> Dict[str, Any]:
    gateways = [{"vlan_id": item["vlan_id"], **_probe_gateways.options(item)} for item in wish.gateways]
    paths = _network_uses.paths(snapshot, wish.cluster_network, nodes, _mtu.effective(wish.mtu_to), gateways)
    return {"paths": paths, "legs": wish.legs and bool(paths), "subnet": wish.subnet}


def _probes(snapshot: Snapshot, wish: Wish, configs: Sequence[NetworkConfig]) -> Tuple[Mapping[str, Any], ...]:
    """Without sizes, since the bridges have the old MTU, and without VLANs of host network configurations: their own
    addresses are on the nodes until these go."""
    found = _proof(snapshot, wish, {node for config in configs for node in config.nodes})["paths"]
    hosts = _network_uses.carried(snapshot, wish.cluster_network).hosts
    return tuple(
        {name: value for name, value in path.items() if name != "mtu"} for path in found if path["vlan_id"] not in hosts
    )


def with_mtu(config: NetworkConfig, mtu: int) -> Dict[str, Any]:
    """The object of a configuration with this MTU, explicit in any case: an agent takes 0 for no change."""
    item: Dict[str, Any] = copy.deepcopy(dict(config.raw))
    uplink = item["spec"].setdefault("uplink", {})
    uplink["linkAttributes"] = {**(uplink.get("linkAttributes") or {}), "mtu": mtu}
    return item
