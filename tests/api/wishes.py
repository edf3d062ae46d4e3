# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of the seeded cluster, wise and unwise, and how the API takes them as dry runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster import rules
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import ApiError, Invalid, Refused
from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

ZONE = "topology.kubernetes.io/zone"
P = "network.harvesterhci.io/"
CONFIGS = ("vmnet-rack-a", "vmnet-rack-b", "storage-rack-a", "storage-rack-b")
NETWORKS = ("vmnet", "storage", "mgmt")
KINDS = tuple(key for key in BY_KEY if key not in ("backups", "migrations", "sriov_devices"))
"""What the rules read."""

Wish = Callable[[Snapshot], Change]


def agree(api: Client, base: Snapshot, wish: Wish) -> None:
    """The API refuses a change exactly when a rule of Harvester's objects to it."""
    change = wish(base)
    objections = rules.objections(base, change)
    said = send(api, base, change)
    own = [str(objection) for objection in objections if objection.by == rules.HARVESTER]
    assert rules.refused(objections) == bool(said), (change, own, said)


def send(api: Client, base: Snapshot, change: Change) -> str:
    """What the API says to a change as a dry run; empty when it takes it."""
    kind = BY_KEY[change.kind]
    old = base.get(change.kind, change.name, change.namespace)
    try:
        if change.object is None:
            api.delete(kind, change.name, change.namespace, dry_run=True)
        elif old is None:
            api.create(kind, change.object, dry_run=True)
        else:
            spec = {key: change.object[key] for key in ("spec",) if key in change.object}
            notes = {"annotations": {**dict.fromkeys(_notes(old)), **_notes(change.object)}}
            api.patch(kind, change.name, {**_nulled(old, spec), "metadata": notes}, change.namespace, dry_run=True)
    except (Refused, Invalid) as error:
        return str(error)
    except ApiError as error:
        raise AssertionError(f"neither taken nor refused: {error}") from error
    return ""


def _notes(item: Mapping[str, Any]) -> dict[str, Any]:
    return dict(item["metadata"].get("annotations") or {})


def _nulled(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch in which keys that are gone are null."""
    found: dict[str, Any] = {}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            found[key] = {**dict.fromkeys(before.keys() - value.keys()), **_nulled(before, value)}
        else:
            found[key] = value
    return found


# -- changes ---------------------------------------------------------------------------------------------------------

mtus = st.sampled_from([None, 0, 575, 576, 1500, 4000, 9000, 9001])
names = st.sampled_from(["new", "vmnet", "storage", "mgmt", "nope", "a-name-too-long"])
selectors = st.sampled_from(
    [None, {}, {ZONE: "rack-a"}, {ZONE: "rack-b"}, {"kubernetes.io/hostname": "node1"}, {"no": "such"}]
)
nics = st.sampled_from([["eno3"], ["ens3f2"], ["eno3", "eno4"], ["nope0"], []])
modes = st.sampled_from([None, "802.3ad", "balance-alb", "no-such-mode"])
vlans = st.sampled_from([-1, 0, 1, 100, 2019, 4094, 4095])


def _uplink(mtu: int | None, ports: list[str], mode: str | None, miimon: int | None) -> dict[str, Any]:
    bond = {key: value for key, value in (("mode", mode), ("miimon", miimon)) if value is not None}
    found: dict[str, Any] = {"nics": ports}
    if mtu is not None:
        found["linkAttributes"] = {"mtu": mtu}
    return {**found, **({"bondOptions": bond} if bond else {})}


uplinks = st.builds(_uplink, mtus, nics, modes, st.sampled_from([None, -1, 0, 100]))


def _put_config(name: str, network: str, selector: Any, uplink: dict[str, Any]) -> Wish:
    def wish(base: Snapshot) -> Change:
        spec = {"clusterNetwork": network, "uplink": uplink, **({} if selector is None else {"nodeSelector": selector})}
        old = base.get("vlanconfigs", name)
        head = {"apiVersion": P + "v1beta1", "kind": "VlanConfig", "metadata": {"name": name}}
        return Change.put("vlanconfigs", {**(old or head), "spec": spec})

    return wish


def _delete(kind: str, name: str, namespace: str = "") -> Wish:
    return lambda _base: Change.delete(kind, namespace, name)


def _describe_config(name: str) -> Wish:
    return lambda base: Change.patch("vlanconfigs", base.get("vlanconfigs", name) or {}, {"spec": {"description": "x"}})


def _put_network(name: str, annotation: str | None) -> Wish:
    def wish(base: Snapshot) -> Change:
        old = base.get("clusternetworks", name)
        item = old or {"apiVersion": P + "v1beta1", "kind": "ClusterNetwork", "metadata": {"name": name}}
        notes = {key: value for key, value in _notes(item).items() if key != P + "uplink-mtu"}
        if annotation is not None:
            notes[P + "uplink-mtu"] = annotation
        return Change.put("clusternetworks", {**item, "metadata": {**item["metadata"], "annotations": notes}})

    return wish


def _put_nad(name: str, network: str, vlan: int, mtu: int | None, suffix: str) -> Wish:
    def wish(base: Snapshot) -> Change:
        config = {
            "cniVersion": "0.3.1",
            "name": name,
            "type": "bridge",
            "bridge": network + suffix,
            "promiscMode": True,
        }
        config |= {"vlan": vlan, "ipam": {}, **({} if mtu is None else {"mtu": mtu})}
        head = {"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition"}
        old = base.get("nads", name, "default")
        item = old or {**head, "metadata": {"name": name, "namespace": "default"}}
        return Change.put("nads", {**item, "spec": {"config": json.dumps(config)}})

    return wish


wishes = st.one_of(
    st.builds(_put_config, st.sampled_from([*CONFIGS, "new"]), names, selectors, uplinks),
    st.builds(_delete, st.just("vlanconfigs"), st.sampled_from(CONFIGS)),
    st.builds(_describe_config, st.sampled_from(CONFIGS)),
    st.builds(_put_network, names, st.sampled_from([None, "0", "575", "1500", "9000", "x"])),
    st.builds(_delete, st.just("clusternetworks"), st.sampled_from(NETWORKS)),
    st.builds(
        _put_nad,
        st.sampled_from(["vlan100", "untagged", "office", "new"]),
        names,
        vlans,
        mtus,
        st.sampled_from(["-br", "-br", "-br", "-bridge"]),
    ),
    st.builds(
        _delete, st.just("nads"), st.sampled_from(["vlan100", "untagged", "trunk", "office"]), st.just("default")
    ),
)
