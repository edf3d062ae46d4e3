# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's webhooks for VlanConfigs, rule by rule (facts, 2.1, 2.2 and 12)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import ALL, P, cluster, config, nad, network, node, refusal, status, vmi

from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.webhooks.admission import CONTROLLERS, Patch, Request, patched
from lab.harvester.webhooks.vlan_config import WEBHOOKS, affected_nodes, mutate

(HOOK,) = WEBHOOKS
MATCHED = f"{P}/matched-nodes"
LABEL = f"{P}/clusternetwork"
STORAGE = nad("storagenetwork-x", "cn1", 50, "harvester-system")


def mutated(new: Obj, old: Obj | None = None, version: str = "1.8", *objects: Obj) -> Patch:
    operation = "UPDATE" if old else "CREATE"
    return mutate(Request(operation, old, new), cluster(*objects), VERSIONS[version])  # type: ignore[arg-type]


# --- mutator


@pytest.mark.parametrize(
    ("selector", "objects", "nodes"),
    [
        (None, [], '["node1","node2","node3"]'),
        ({}, [], '["node1","node2","node3"]'),
        ({"kubernetes.io/hostname": "node2"}, [], '["node2"]'),
        ({"zone": "a"}, [node("node3", labels={"zone": "a"})], '["node3"]'),
        ({"zone": "a", "rack": "b"}, [node("node3", labels={"zone": "a"})], None),
        (None, [node("node2", witness=True)], '["node1","node3"]'),
        ({"zone": "none"}, [], None),
    ],
)
def test_create_gives_label_and_matched_nodes(selector: Any, objects: list[Obj], nodes: str | None) -> None:
    new = config("a", nodes=None, selector=selector, labels={"own": "x"})
    done = patched(new, mutated(new, None, "1.8", *objects))["metadata"]
    assert done["labels"] == {"own": "x", LABEL: "cn1"}
    assert done.get("annotations", {}).get(MATCHED) == nodes


def test_the_witness_label_counts_whatever_its_value() -> None:
    new = config("a", nodes=None)
    done = patched(new, mutated(new, None, "1.8", node("node1", labels={"node-role.harvesterhci.io/witness": ""})))
    assert done["metadata"]["annotations"][MATCHED] == '["node2","node3"]'


@pytest.mark.parametrize("version", ALL)
def test_a_selector_that_matches_nothing_keeps_the_old_nodes(version: str) -> None:
    old = config("a", nodes=["node1"])
    assert mutated(config("a", nodes=["node1"], selector={"zone": "none"}), old, version) == []


@pytest.mark.parametrize(("version", "anew"), [("1.6", False), ("1.7", True), ("1.8", True), ("1.9", True)])
def test_only_metadata_changed(version: str, anew: bool) -> None:
    old = config("a", nodes=["node1"])
    new = config("a", nodes=["node1"], labels={LABEL: "cn1", "own": "x"})
    assert bool(mutated(new, old, version)) is anew


@pytest.mark.parametrize("version", ALL)
def test_a_changed_spec_computes_nodes_anew(version: str) -> None:
    old, new = config("a", nodes=["node1"]), config("a", nodes=["node1"], mtu=9000)
    done = patched(new, mutated(new, old, version))
    assert done["metadata"]["annotations"] == {MATCHED: '["node1","node2","node3"]'}


def test_the_label_follows_the_cluster_network_only_when_that_changes() -> None:
    old = config("a")
    moved = config("a", "cn2", labels={LABEL: "cn1"})
    assert patched(moved, mutated(moved, old))["metadata"]["labels"] == {LABEL: "cn2"}
    bent = config("a", labels={LABEL: "cn2"})
    assert patched(bent, mutated(bent, old))["metadata"]["labels"] == {LABEL: "cn2"}


def test_nothing_is_patched_while_it_is_being_deleted() -> None:
    assert mutated(config("a", deleting=True), config("a")) == []


# --- validator: create and update


MTU_SAID = (
    "the vlanconfig a MTU 9000 is different with another vlanconfig b MTU 1500, all vlanconfigs on one clusternetwork "
    "need to have same MTU"
)
WANTED: list[tuple[Obj, list[Obj], str]] = [
    (config("a"), [], ""),
    (config("a", mtu=0), [], ""),
    (config("a", mtu=None), [], ""),
    (config("a", mtu=576), [], ""),
    (config("a", mtu=9000), [], ""),
    (config("a", mtu=575), [], "the MTU 575 is out of range [0, 576..9000]"),
    (config("a", mtu=9001), [], "the MTU 9001 is out of range [0, 576..9000]"),
    (config("a", "mgmt"), [], "cluster network can't be mgmt"),
    (config("a", "cn2"), [], "it refers to a none-existing cluster network cn2"),
    (config("a", mtu=9000), [config("b", nodes=["node2"])], MTU_SAID),
    (config("a", mtu=0), [config("b", nodes=["node2"], mtu=1500)], ""),
    (config("a", mtu=9000), [config("b", nodes=["node2"], deleting=True)], ""),
    (config("a", mtu=9000), [config("b", "cn2", nodes=["node2"])], ""),
    (config("a"), [status("s", "b", "node1")], "it overlaps with other vlanconfigs matching node(s) [node1]"),
    (config("a", nodes=["node1", "node2"]), [status("s", "b", "node2")],
     "it overlaps with other vlanconfigs matching node(s) [node2]"),
    (config("a"), [status("s", "b", "node1", ready=False)],
     "it overlaps with other vlanconfigs matching node(s) [node1]"),
    (config("a"), [status("s", "a", "node1")], ""),
    (config("a"), [status("s", "b", "node2")], ""),
    (config("a"), [status("s", "b", "node1", "cn2")], ""),
]  # fmt: skip


@pytest.mark.parametrize(("new", "objects", "said"), WANTED)
def test_create(new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), new=new)
    assert found == (f"can't create vlanConfig a because {said}" if said else "")


@pytest.mark.parametrize(("new", "objects", "said"), WANTED)
def test_update(new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=config("a", nodes=[]), new=new)
    assert found == (f"can't update vlanConfig a because {said}" if said else "")


def test_the_length_of_the_name_is_judged_at_creation() -> None:
    long = config("a", "thirteen-char")
    assert refusal(HOOK, cluster(), new=long) == (
        "can't create vlanConfig a because the length of the clusterNetwork name thirteen-char is more than 12"
    )
    view = cluster(network("thirteen-char"))
    assert refusal(HOOK, view, old=long, new=config("a", "thirteen-char", mtu=9000)) == ""


ACCEPTED = {
    "selector that matches nothing": config("a", nodes=None, selector={"zone": "none"}),
    "no NICs": config("a", nics=[]),
    "NIC that is not there": config("a", nics=["nope0"]),
    "mgmt's NIC": config("a", nics=["eno1"]),
    "mgmt's bond": config("a", nics=["mgmt-bo"]),
    "NIC of another cluster network": config("a", nics=["eno4"]),
    "other bond mode": config("a", bond={"mode": "802.3ad"}),
    "no link monitoring": config("a", bond={"miimon": 0}),
}


@pytest.mark.parametrize("new", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted_without_a_word(new: Obj) -> None:
    other = [network("cn2"), config("b", nodes=["node2"]), config("c", "cn2", nics=["eno4"]), status("s", "b", "node2")]
    assert refusal(HOOK, cluster(*other), new=new) == ""


# --- validator: running VMs and the storage network


@pytest.mark.parametrize(
    ("new", "nodes"),
    [
        (config("a", nodes=["node1", "node2"]), set()),
        (config("a", nodes=["node1", "node2"], mtu=9000), {"node1", "node2"}),
        (config("a", nodes=["node1", "node2"], nics=["eno3", "eno4"]), {"node1", "node2"}),
        (config("a", nodes=["node1", "node2"], bond={"miimon": 100}), {"node1", "node2"}),
        (config("a", nodes=["node1", "node2"], mtu=None), {"node1", "node2"}),
        (config("a", "cn2", nodes=["node1", "node2"]), {"node1", "node2"}),
        (config("a", nodes=["node1"]), {"node2"}),
        (config("a", nodes=["node1", "node2", "node3"]), set()),
    ],
)
def test_affected_nodes(new: Obj, nodes: set[str]) -> None:
    assert affected_nodes(config("a", nodes=["node1", "node2"]), new) == nodes


BLOCKED = "it is blocked by VM(s) default/v which must be stopped at first"


@pytest.mark.parametrize(
    ("instances", "said"),
    [
        ([vmi("v", ["default/n"])], BLOCKED),
        ([vmi("v", ["n"])], BLOCKED),
        ([vmi("v", ["n"], phase="Succeeded")], BLOCKED),
        ([vmi("v", ["n"], phase="Failed")], BLOCKED),
        ([vmi("v", ["n"], on="", phase="Pending")], ""),
        ([vmi("v", ["n"], on="node2")], ""),
        ([vmi("v", ["n"], namespace="other")], ""),
        ([vmi("v", ["default/other"])], ""),
        ([vmi("v", [])], ""),
        (
            [vmi("w", ["n"]), vmi("v", ["other", "n"])],
            "it is blocked by VM(s) default/v, default/w which must be stopped at first",
        ),
    ],
)
def test_vms_on_affected_nodes_block(instances: list[Obj], said: str) -> None:
    view = cluster(nad("n"), nad("other", "cn2"), *instances)
    old, new = config("a"), config("a", nics=["eno3", "eno4"])
    assert refusal(HOOK, view, old=old, new=new) == (f"can't update vlanConfig a because {said}" if said else "")
    assert refusal(HOOK, view, old=old) == (f"can't delete vlanConfig a because {said}" if said else "")


def test_what_affects_no_node_is_not_blocked() -> None:
    view = cluster(nad("n"), STORAGE, vmi("v", ["n"]))
    old, described = config("a"), config("a")
    described["spec"]["description"] = "x"
    assert refusal(HOOK, view, old=old, new=described) == ""
    assert refusal(HOOK, view, old=old, new=config("a", nodes=["node1", "node2"])) == ""
    assert refusal(HOOK, view, old=old, new=config("a", mtu=9000, deleting=True)) == ""
    # the old matched-nodes stays, so no node is lost
    assert refusal(HOOK, view, old=old, new=config("a", selector={"zone": "none"})) == ""


@pytest.mark.parametrize(
    ("version", "attached", "said"),
    [
        ("1.8", STORAGE, "the storage network nad storagenetwork-x is still attached"),
        ("1.9", STORAGE, "the system network nad storagenetwork-x is still attached"),
        ("1.8", nad("rwx-network-x", namespace="harvester-system"), ""),
        (
            "1.9",
            nad("rwx-network-x", namespace="harvester-system"),
            "the system network nad rwx-network-x is still attached",
        ),
        ("1.8", nad("storagenetwork-x", deleting=True), ""),
        (
            "1.8",
            nad("named", annotations={"storage-network.settings.harvesterhci.io": "true"}),
            "the storage network nad named is still attached",
        ),
        ("1.8", nad("storagenetwork-x", "cn2"), ""),
    ],
)
def test_the_storage_network_blocks(version: str, attached: Obj, said: str) -> None:
    found = refusal(HOOK, cluster(attached), old=config("a"), version=version)
    assert found == (f"can't delete vlanConfig a because {said}" if said else "")


# --- 1.9


def test_label_guard_of_1_9() -> None:
    old, new = config("a"), config("a", labels={LABEL: "cn2"})
    assert refusal(HOOK, cluster(), old=old, new=new) == ""
    assert refusal(HOOK, cluster(), old=old, new=new, version="1.9") == (
        "can't update vlanConfig a because cluster network label cn2 is invalid and must not be updated by user"
    )


def test_configurations_of_mgmt_are_the_controllers_from_1_9() -> None:
    own = config("mgmt-vlanconfig-node1", "mgmt", mtu=9000)
    view = cluster(config("mgmt-vlanconfig-node2", "mgmt", nodes=["node2"]))
    assert refusal(HOOK, view, new=own, version="1.9", user=CONTROLLERS) == ""
    reason = "cluster network can't be mgmt, its vlanConfigs are kept by the controller only"
    said = f"vlanConfig mgmt-vlanconfig-node1 because {reason}"
    assert refusal(HOOK, view, new=own, version="1.9") == f"can't create {said}"
    assert refusal(HOOK, view, old=own, new=own, version="1.9") == f"can't update {said}"
    assert refusal(HOOK, view, old=own, version="1.9") == f"can't delete {said}"
