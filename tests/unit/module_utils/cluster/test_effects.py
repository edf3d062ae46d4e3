# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster after a change, once webhooks and controllers have done their part."""

from __future__ import annotations

import pytest
from cluster_objects import (
    BASE,
    IDLE,
    NETWORK,
    config,
    delete,
    having,
    labelled,
    lacking,
    nad,
    network,
    patch,
    put,
    setting,
    thing,
    vm,
)
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster import _nics, _objects, _storage
from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._effects import after, after_all
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._placement import placements
from ansible_collections.harvester.network.plugins.module_utils.cluster.rules import objections, refused

MTU, SOURCE = NETWORK + "uplink-mtu", NETWORK + "mtu-source-vc"
GOOD = {"clusterNetwork": "cn1", "vlan": 50, "range": "10.9.0.0/24"}


def annotation(snapshot, name, key=MTU):
    return _objects.annotations_of(snapshot.get("clusternetworks", name)).get(key)


def state(snapshot):
    """What a change and its opposite must leave as it was; an MTU of 0 is no other than none."""
    return {
        "configs": {name: (found.raw["spec"], found.nodes) for name, found in snapshot.configs.items()},
        "statuses": sorted((found.cluster_network, found.node, found.config) for found in snapshot.statuses),
        "labels": {name: dict(found.labels) for name, found in snapshot.nodes.items()},
        "mtus": {name: annotation(snapshot, name) for name in ("mgmt", "cn1", "cn2")},
        "nads": {name: (found.mtu or 1500, found.vlan, found.cluster_network) for name, found in snapshot.nads.items()},
        "nics": snapshot.nics,
        "placements": placements(snapshot),
    }


SELECTORS = st.sampled_from([None, {}, {"rack": "a"}, {"rack": "b"}, {"rack": "z"}, {"kubernetes.io/hostname": "n2"}])
CONFIGS = st.builds(
    config,
    st.sampled_from(["x", "y"]),
    st.just("cn2"),
    st.lists(st.sampled_from(["eno4", "eno6"]), unique=True),
    SELECTORS,
    mtu=st.sampled_from([None, 0, 576, 1500, 9000]),
)


@given(CONFIGS)
def test_a_configuration_that_comes_and_goes_leaves_nothing(item):
    start = having(nad("vlan7", "cn2", 7))
    there = after(start, put(item))
    assert state(after(there, Change.delete("vlanconfigs", "", item["metadata"]["name"]))) == state(start)


@given(CONFIGS)
def test_what_is_there_already_changes_nothing(item):
    once = after(BASE, put(item))
    stored = once.get("vlanconfigs", item["metadata"]["name"])
    assert state(after(once, put(stored))) == state(once)


@given(st.sampled_from(["a", "b", "z", None]), st.sampled_from(["n1", "n2", "n3"]))
def test_a_label_that_comes_and_goes_leaves_nothing(rack, name):
    there = after(IDLE, labelled(name, IDLE, rack=rack))
    back = after(there, Change.put("nodes", {**IDLE.get("nodes", name), "metadata": _unlabelled(there, name)}))
    assert state(back)["configs"] == state(IDLE)["configs"]
    assert state(back)["statuses"] == state(IDLE)["statuses"]
    assert state(back)["labels"] == state(IDLE)["labels"]


def _unlabelled(snapshot, name):
    """The metadata that the node has, with the rack that it had at first."""
    found = snapshot.get("nodes", name)["metadata"]
    return {**found, "labels": {**found["labels"], "rack": IDLE.nodes[name].labels["rack"]}}


def test_a_configuration_comes_up_on_its_nodes():
    there = after(BASE, put(config("x", "cn2", ["eno4"], {"rack": "b"}, mtu=9000)))
    assert there.configs["x"].nodes == ("n3",)
    assert there.configs["x"].label == "cn2"
    assert there.statuses_of("cn2")["n3"].ready is True
    assert there.active_nodes("cn2") == ("n3",)
    assert (annotation(there, "cn2"), annotation(there, "cn2", SOURCE)) == ("9000", "x")
    assert _objects.condition(there.get("clusternetworks", "cn2"), "ready").true


def test_witness_nodes_are_left_out():
    assert after(BASE, put(config("x", "cn2", ["eno4"]))).configs["x"].nodes == ("n1", "n2", "n3")


def test_a_selector_that_matches_nothing_leaves_the_nodes():
    stale = after(BASE, patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": {"rack": "z"}}}))
    assert stale.configs["rack-a"].nodes == ("n1", "n2")
    assert stale.active_nodes("cn1") == ("n1", "n2")


def test_the_node_controller_corrects_stale_nodes():
    stale = after(BASE, patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": {"rack": "z"}}}))
    corrected = after(stale, labelled("n3", stale, zone="x"))
    assert corrected.configs["rack-a"].nodes == ()
    assert corrected.active_nodes("cn1") == ()


@pytest.mark.parametrize(("version", "nodes"), [("1.6.1", ("n1",)), ("1.7.0", ("n1", "n2"))])
def test_a_description_computes_matched_nodes_anew_or_not(version, nodes):
    """From 1.7 on every update does, before it only one of the spec; a description is part of the spec."""
    stale = having(config("rack-a", selector={"rack": "a"}, matched=["n1"]))
    touched = patch("vlanconfigs", "rack-a", {"metadata": {"annotations": {"a": "b"}}}, on=stale)
    assert after(stale, touched, version).configs["rack-a"].nodes == nodes


def test_a_change_of_the_mtu_reaches_the_vm_networks():
    lower = after(IDLE, patch("vlanconfigs", "rack-a", {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}}))
    assert annotation(lower, "cn1") == "1500"
    assert lower.nads["default/vlan100"].mtu == 1500
    assert lower.nads["default/mgmt200"].mtu is None


def test_mtu_0_says_1500_to_the_vm_networks():
    zero = after(IDLE, patch("vlanconfigs", "rack-a", {"spec": {"uplink": {"linkAttributes": {"mtu": 0}}}}))
    assert annotation(zero, "cn1") == "1500"
    assert zero.nads["default/vlan100"].mtu == 1500


@pytest.mark.parametrize("value", ["0", None])
def test_mgmt_without_an_mtu_gives_0(value):
    big = after(BASE, patch("clusternetworks", "mgmt", {"metadata": {"annotations": {MTU: "9000"}}}))
    assert big.nads["default/mgmt200"].mtu == 9000
    none = after(big, patch("clusternetworks", "mgmt", {"metadata": {"annotations": {MTU: value}}}, on=big))
    assert none.nads["default/mgmt200"].mtu == 0


@pytest.mark.parametrize(("version", "mtu"), [("1.7.3", "9000"), ("1.8.0", None)])
def test_the_annotation_when_the_last_configuration_goes(version, mtu):
    assert annotation(after(IDLE, delete("vlanconfigs", "rack-a"), version), "cn1") == mtu


def test_the_annotation_gets_another_source():
    two = after(IDLE, put(config("rack-b", nics=["eno4"], selector={"rack": "b"})))
    one = after(two, delete("vlanconfigs", "rack-a"))
    assert (annotation(one, "cn1"), annotation(one, "cn1", SOURCE)) == ("9000", "rack-b")


def test_mtu_in_phases_as_the_manual_does_it():
    """All but one away, the last one changed, the others back: each step accepted in the state before it."""
    rack_b = config("rack-b", nics=["eno4"], selector={"rack": "b"})
    start = after(lacking("nads/default/vlan100", on=IDLE), put(rack_b))
    changes = [
        delete("vlanconfigs", "rack-b"),
        patch("vlanconfigs", "rack-a", {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}}, on=start),
        put(config("rack-b", nics=["eno4"], selector={"rack": "b"}, mtu=1500)),
    ]
    current = start
    for change in changes:
        assert not refused(objections(current, change))
        current = after(current, change)
    assert state(after_all(start, changes)) == state(current)
    assert {found.effective_mtu for found in current.configs_of("cn1")} == {1500}
    assert current.active_nodes("cn1") == ("n1", "n2", "n3")


@pytest.mark.parametrize(("version", "up"), [("1.6.1", "down"), ("1.7.0", "up")])
def test_released_nics_are_free_again(version, up):
    gone = after(IDLE, delete("vlanconfigs", "rack-a"), version)
    assert (gone.nics["n1"]["eno3"].master, gone.nics["n1"]["eno3"].state) == (0, up)
    obstacle = _nics.obstacle(gone, "n1", "eno3", "cn2")
    assert (obstacle.code if obstacle else None) == (_nics.DOWN if up == "down" else None)


def test_a_nic_that_is_dropped_is_free_again():
    other = after(IDLE, patch("vlanconfigs", "rack-a", {"spec": {"uplink": {"nics": ["eno4"]}}}))
    assert other.nics["n2"]["eno3"].master == 0
    assert other.nics["n2"]["eno1"].master == 10


def test_a_move_to_another_cluster_network():
    moved = after(IDLE, patch("vlanconfigs", "rack-a", {"spec": {"clusterNetwork": "cn2"}}))
    assert (moved.active_nodes("cn1"), moved.active_nodes("cn2")) == ((), ("n1", "n2"))
    assert moved.configs["rack-a"].label == "cn2"
    assert (annotation(moved, "cn1"), annotation(moved, "cn2")) == (None, "9000")
    assert not _objects.condition(moved.get("clusternetworks", "cn1"), "ready").true


def test_a_node_that_goes():
    gone = after(IDLE, delete("nodes", "n2"))
    assert gone.configs["rack-a"].nodes == ("n1",)
    assert set(gone.statuses_of("cn1")) == {"n1"}


def test_a_new_vm_network_gets_the_mtu_and_the_labels():
    there = after(BASE, put(nad("vlan7", "cn1", 7, label="")))
    found = there.nads["default/vlan7"]
    assert (found.mtu, found.cluster_network) == (9000, "cn1")
    assert _objects.labels_of(found.raw) == {
        NETWORK + "clusternetwork": "cn1",
        NETWORK + "type": "L2VlanNetwork",
        NETWORK + "vlan-id": "7",
        NETWORK + "ready": "true",
    }


def test_a_new_vm_network_on_a_default_mtu_has_none():
    assert after(BASE, put(nad("flat", "mgmt", 0))).nads["default/flat"].mtu is None


def test_a_vm_gets_the_affinity_of_its_networks():
    own = {"key": "gpu", "operator": "Exists"}
    stale = {"key": NETWORK + "cn2", "operator": "In", "values": ["true"]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [own, stale]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    there = after(BASE, put(vm("x", "vlan100", "mgmt200", strategy="Halted", affinity=affinity)))
    assert there.vms["default/x"].affinity == (
        {
            "matchExpressions": [
                own,
                {"key": NETWORK + "cn1", "operator": "In", "values": ["true"]},
                {"key": NETWORK + "mgmt", "operator": "In", "values": ["true"]},
            ]
        },
    )


def test_a_vm_without_networks_loses_their_affinity():
    with_network = after(BASE, put(vm("x", "vlan100", strategy="Halted")))
    found = with_network.get("vms", "x", "default")
    networks = {"spec": {"template": {"spec": {"networks": [{"name": "default", "pod": {}}]}}}}
    assert after(with_network, Change.patch("vms", found, networks)).vms["default/x"].affinity == ()


def test_a_vm_that_is_stopped_and_started():
    stopped = after(BASE, patch("vms", "vm1", {"spec": {"runStrategy": "Halted"}}, "default"))
    assert "default/vm1" not in stopped.vmis
    assert stopped.vms["default/vm1"].stopped(None)
    change = patch("vms", "vm1", {"spec": {"runStrategy": "Always"}}, "default", on=stopped)
    started = after(stopped, change)
    assert started.vms["default/vm1"].run_strategy == "RerunOnFailure"
    assert (started.vmis["default/vm1"].node, started.vmis["default/vm1"].phase) == ("n1", "Running")


def test_a_vm_starts_with_the_strategy_that_harvester_noted():
    noted = having(vm("x", strategy="Halted", annotations={"harvesterhci.io/vmRunStrategy": "Always"}))
    change = patch("vms", "x", {"spec": {"runStrategy": "Manual"}}, "default", on=noted)
    assert after(noted, change).vms["default/x"].run_strategy == "Always"


def test_a_vm_that_no_node_can_run_waits():
    waiting = after(BASE, put(vm("x", "none")))
    assert (waiting.vmis["default/x"].node, waiting.vmis["default/x"].phase) == ("", "Scheduling")


def test_the_storage_network_on_and_off():
    longhorn = having(thing("longhorn_settings", "storage-network", "longhorn-system", value=""), on=IDLE)
    on = after(longhorn, put(setting("storage-network", GOOD)))
    made = [found for found in on.nads.values() if found.setting == "storage-network"]
    assert [(found.cluster_network, found.vlan, found.mtu) for found in made] == [("cn1", 50, 9000)]
    assert on.get("longhorn_settings", "storage-network", "longhorn-system")["value"] == made[0].reference
    assert not _storage.in_progress(on.get("settings", "storage-network"))
    off = after(on, put(setting("storage-network")))
    assert state(off) == state(longhorn)
    assert off.get("longhorn_settings", "storage-network", "longhorn-system")["value"] == ""
    digest = _objects.annotations_of(off.get("settings", "storage-network"))[
        "storage-network.settings.harvesterhci.io/hash"
    ]
    assert digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_other_kinds_are_put_and_deleted():
    there = after(BASE, put(network("cn3")))
    assert there.get("clusternetworks", "cn3") is not None
    assert after(there, delete("clusternetworks", "cn3")).get("clusternetworks", "cn3") is None


def test_a_snapshot_shares_what_did_not_change():
    other = after(BASE, put(network("cn3")))
    for kind in set(BY_KEY) - {"clusternetworks"}:
        assert all(one is two for one, two in zip(BASE.all(kind), other.all(kind), strict=True))
