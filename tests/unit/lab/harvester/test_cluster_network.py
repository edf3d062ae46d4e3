# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's webhook for ClusterNetworks, rule by rule (facts, 2.3 and 12)."""

from __future__ import annotations

import pytest
from standin_objects import DELETED, P, cluster, config, nad, network, refusal, vmi

from lab.harvester.objects import Obj
from lab.harvester.webhooks.cluster_network import WEBHOOKS

(HOOK,) = WEBHOOKS
STORAGE = nad("storagenetwork-x", "mgmt", 50, "harvester-system")
OVERLAY = nad("over", "mgmt", conf={"type": "kube-ovn", "provider": "over.default.ovn"})
NOT_MGMT = f"annotation {P}/uplink-mtu can't be added"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (network("twelve-chars"), ""),
        (
            network("thirteen-char"),
            (
                "can't create cluster network thirteen-char because the length of the clusterNetwork name "
                "thirteen-char is more than 12"
            ),
        ),
        (network("cn2", mtu="1500"), f"can't create cluster network cn2 because {NOT_MGMT}"),
    ],
)
def test_create(new: Obj, said: str) -> None:
    assert refusal(HOOK, cluster(), new=new) == said


@pytest.mark.parametrize(
    ("mtu", "configs", "said"),
    [
        ("9000", [config("a", mtu=9000)], ""),
        (None, [config("a", mtu=1500)], ""),
        ("1500", [config("a", mtu=0)], ""),
        ("0", [config("a", mtu=1500)], ""),
        ("9000", [config("a", mtu=1500)], "clusternetwork has MTU 9000, but the vlanconfigs a has another MTU 1500"),
        (None, [config("a", mtu=9000)], "clusternetwork has MTU 1500, but the vlanconfigs a has another MTU 9000"),
        ("many", [], "annotation many value is not int"),
        ("575", [], "annotation 575 value is not in range [0, 576..9000]"),
        ("9001", [], "annotation 9001 value is not in range [0, 576..9000]"),
    ],
)
def test_the_annotation_follows_the_configurations(mtu: str | None, configs: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*configs), old=network("cn1"), new=network("cn1", mtu))
    assert found == (f"can't update cluster network cn1 because {said}" if said else "")


@pytest.mark.parametrize(("version", "accepted"), [("1.6", False), ("1.7", False), ("1.8", True), ("1.9", True)])
def test_a_configuration_that_is_being_deleted_counts_until_1_7(version: str, accepted: bool) -> None:
    view = cluster(config("a", mtu=9000, deleting=True))
    found = refusal(HOOK, view, old=network("cn1", "9000"), new=network("cn1"), version=version)
    assert (found == "") is accepted


@pytest.mark.parametrize(
    ("before", "after", "objects", "said"),
    [
        (None, "9000", [], ""),
        (None, "1500", [vmi("v", ["default/n"]), nad("n", "mgmt")], ""),
        ("0", None, [vmi("v", ["default/n"]), nad("n", "mgmt")], ""),
        ("9000", None, [], ""),
        ("1500", "9001", [], "annotation 9001 value is not in range [0, 576..9000]"),
        (
            None,
            "9000",
            [STORAGE],
            "the MTU can't be changed from 1500 to 9000 as storage network nad storagenetwork-x is still attached",
        ),
        (
            "9000",
            "1500",
            [nad("n", "mgmt"), vmi("v", ["n"]), vmi("w", ["default/n"], on="", phase="Succeeded")],
            (
                "the MTU can't be changed from 9000 to 1500 as following VMs must be stopped at first: "
                "default/v, default/w"
            ),
        ),
        (
            None,
            "9000",
            [OVERLAY, vmi("v", ["over"])],
            "the MTU can't be changed from 1500 to 9000 as following VMs must be stopped at first: default/v",
        ),
        (None, "9000", [nad("n", "cn1"), vmi("v", ["n"])], ""),
        (None, "9000", [vmi("pod-network-only", [])], ""),
    ],
)
def test_the_annotation_of_mgmt(before: str | None, after: str | None, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=network("mgmt", before), new=network("mgmt", after))
    assert found == (f"can't update cluster network mgmt because {said}" if said else "")


def test_other_system_networks_block_mgmt_from_1_9() -> None:
    view = cluster(nad("rwx-network-x", "mgmt", 60, "harvester-system"))
    change = {"old": network("mgmt"), "new": network("mgmt", "9000")}
    assert refusal(HOOK, view, **change) == ""
    assert refusal(HOOK, view, **change, version="1.9") == (
        "can't update cluster network mgmt because the MTU can't be changed from 1500 to 9000 as system network nad "
        "rwx-network-x is still attached"
    )


def test_a_storage_nad_that_is_being_deleted_does_not_block() -> None:
    gone = nad("storagenetwork-x", "mgmt", 50, "harvester-system", deleting=True)
    assert gone["metadata"]["deletionTimestamp"] == DELETED
    assert refusal(HOOK, cluster(gone), old=network("mgmt"), new=network("mgmt", "9000")) == ""


@pytest.mark.parametrize(
    ("old", "objects", "said"),
    [
        (network("cn1"), [], ""),
        (network("mgmt"), [], "it is not allowed"),
        (
            network("cn1"),
            [config("b"), config("a"), config("c", "cn2")],
            "vlanconfig(s) [a b] under this clusternetwork are still existing",
        ),
        (network("cn1"), [nad("n"), nad("m", "cn2")], "nads(s) default/n under this clusternetwork are still existing"),
    ],
)
def test_delete(old: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=old)
    assert found == (f"can't delete cluster network {old['metadata']['name']} because {said}" if said else "")
