# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's webhooks for NetworkAttachmentDefinitions, rule by rule (facts, 2.4 and 12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from standin_objects import P, cluster, config, nad, network, obj, refusal, refused, setting, vm, vmi

from lab.harvester.kinds import SUBNET
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.webhooks.admission import Refusal, Request, patched
from lab.harvester.webhooks.nad import WEBHOOKS, mutate

HOOK, SETTINGS_HOOK = WEBHOOKS
ROUTE = f"{P}/route"
OVERLAY = {"type": "kube-ovn", "provider": "n.default.ovn"}


def made(new: Obj, *objects: Obj, version: str = "1.8", old: Obj | None = None) -> Obj:
    operation = "UPDATE" if old else "CREATE"
    view = cluster(*objects)
    return patched(new, mutate(Request(operation, old, new), view, VERSIONS[version]))  # type: ignore[arg-type]


def mtu_of(item: Obj) -> int | None:
    return json.loads(item["spec"]["config"]).get("mtu")  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("objects", "given", "mtu"),
    [
        ([network("cn1", "9000")], None, 9000),
        ([network("cn1", "9000")], 1400, 9000),
        ([network("cn1", "1500")], None, None),
        ([network("cn1", "1500")], 0, 0),
        ([network("cn1", "0")], None, None),
        ([config("a", mtu=9000)], None, 9000),
        ([config("a", mtu=0)], None, None),
        ([network("cn1", "1500"), config("a", mtu=9000)], None, None),
        ([], None, None),
        ([], 9000, 1500),
    ],
)
def test_create_writes_the_mtu(objects: list[Obj], given: int | None, mtu: int | None) -> None:
    assert mtu_of(made(nad("n", mtu=given), *objects)) == mtu


def test_create_without_a_cluster_network_is_refused_by_the_mutator() -> None:
    with pytest.raises(Refusal) as caught:
        made(nad("n", "cn2"))
    assert str(caught.value) == ("can't create nad default/n because nad refers to a none-existing cluster network cn2")


@pytest.mark.parametrize(
    ("conf", "labels"),
    [
        ({}, {"type": "L2VlanNetwork", "vlan-id": "100", "clusternetwork": "cn1", "ready": "false"}),
        ({"vlan": 0}, {"type": "UntaggedNetwork", "vlan-id": "0", "clusternetwork": "cn1", "ready": "false"}),
        (
            {"vlan": 0, "vlanTrunk": [{"id": 5}]},
            {"type": "L2VlanTrunkNetwork", "clusternetwork": "cn1", "ready": "false"},
        ),
        (OVERLAY, {"type": "OverlayNetwork", "clusternetwork": "mgmt", "ready": "true"}),
    ],
)
def test_update_writes_labels(conf: dict[str, Any], labels: dict[str, str]) -> None:
    new = nad("n", conf=conf, labels={"own": "x"})
    wanted = {"own": "x", **{f"{P}/{key}": value for key, value in labels.items()}}
    assert made(new, old=new)["metadata"]["labels"] == wanted


def test_the_label_says_whether_the_cluster_network_is_ready() -> None:
    new = nad("n")
    assert made(new, network("cn1", ready=True), old=new)["metadata"]["labels"][f"{P}/ready"] == "true"


def test_another_vlan_makes_the_route_outdated() -> None:
    route = {ROUTE: '{"mode":"auto","cidr":"10.0.0.0/24"}'}
    done = made(nad("n", vlan=200, annotations=route), old=nad("n", annotations=route))
    assert json.loads(done["metadata"]["annotations"][ROUTE]) == {
        "mode": "auto",
        "cidr": "10.0.0.0/24",
        "outdated": True,
    }


@pytest.mark.parametrize(
    ("new", "objects", "said"),
    [
        (nad("n"), [], ""),
        (nad("n", vlan=0), [], ""),
        (nad("n", vlan=4094), [], ""),
        (nad("n", vlan=4095), [], "VLAN ID 4095 is out of range [0..4094]"),
        (nad("n", vlan=0, conf={"vlanTrunk": [{"minID": 1, "maxID": 4094}]}), [], ""),
        (
            nad("n", vlan=0, conf={"vlanTrunk": [{"minID": 0, "maxID": 5}]}),
            [],
            "trunk VLAN ID range 0..5 is out of range [1..4094]",
        ),
        (
            nad("n", vlan=0, conf={"vlanTrunk": [{"id": 4095}]}),
            [],
            "trunk VLAN ID range 4095..4095 is out of range [1..4094]",
        ),
        (nad("n", conf={"vlanTrunk": [{"id": 5}]}), [], "VLAN ID 100 must be 0 when vlanTrunk is set"),
        (nad("n", conf={"bridge": "cn1"}), [], "the length of bridge name cn1 is less than 3"),
        (nad("n", conf={"bridge": "cn1-bridge"}), [], "the bridge name cn1-bridge does not include suffix -br"),
        (
            nad("n", conf={"bridge": "thirteen-char-br"}),
            [],
            "the length of the bridge name thirteen-char-br can't be more than 15",
        ),
        (nad("n", labels={f"{P}/clusternetwork": "cn2"}), [], "the nad label cn2 does not match bridge name cn1"),
        (nad("n", "cn2"), [], "nad refers to a none-existing cluster network cn2"),
        (nad("n", mtu=1500), [], ""),
        (nad("n", mtu=9000), [], "nad MTU 9000 does not match cluster network MTU 1500"),
        (nad("n"), [network("cn1", "9000")], "nad MTU 0 does not match cluster network MTU 9000"),
        (nad("n", mtu=9000), [config("a", mtu=9000)], ""),
        (nad("n", annotations={ROUTE: '{"mode":"auto"}'}), [], ""),
        (nad("n", annotations={ROUTE: '{"mode":"dhcp"}'}), [], "unknown mode dhcp"),
        (nad("n", annotations={ROUTE: '{"mode":"manual","cidr":"10.0.0.0/24","gateway":"10.0.0.1"}'}), [], ""),
        (nad("n", annotations={ROUTE: '{"mode":"manual","cidr":"10.0.0.0","gateway":"10.0.0.1"}'}), [],
         "invalid CIDR 10.0.0.0"),
        (nad("n", annotations={ROUTE: '{"mode":"manual","cidr":"10.0.0.0/24"}'}), [], "invalid gateway "),
        (nad("n", conf=OVERLAY), [], "operation is not permitted as kubeovn is not yet enabled"),
    ],
)  # fmt: skip
def test_create(new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), new=new)
    assert found == (f"can't create nad default/n because {said}" if said else "")


def test_overlay_networks_with_kube_ovn() -> None:
    view = cluster(served=[SUBNET])
    assert refusal(HOOK, view, new=nad("n", conf=OVERLAY)) == ""
    assert refusal(HOOK, view, new=nad("n", conf={**OVERLAY, "provider": "m.default.ovn"})) == (
        "can't create nad default/n because invalid provider name m.default.ovn for nad n default"
    )
    view.put(SUBNET, obj(SUBNET, "s", spec={"provider": "n.default.ovn"}))
    assert refusal(HOOK, view, old=nad("n", conf=OVERLAY)) == (
        "can't delete nad default/n because subnet s is still using the nad n default"
    )


USED = "it's still used by VM(s) default/v which must be stopped at first"


@pytest.mark.parametrize(
    ("new", "objects", "said"),
    [
        (nad("n", vlan=200), [], ""),
        (nad("n", conf=OVERLAY), [], "nad cannot be updated from network type bridge to network type kube-ovn"),
        (nad("n", "cn2"), [network("cn2")], "nad bridge name can't be changed from cn1-br to cn2-br"),
        (nad("n", vlan=200), [vmi("v", ["n"])], USED),
        (nad("n", vlan=200), [vmi("v", ["default/n"], phase="Succeeded", on="node9")], USED),
        (nad("n", vlan=200), [vmi("v", ["n"], on="", phase="Pending")], USED),
        (nad("n", vlan=200), [vm("v", ["n"])], ""),
        (nad("n", labels={f"{P}/clusternetwork": "cn1", "own": "x"}), [vmi("v", ["n"])], ""),
        (nad("n", vlan=200, deleting=True), [vmi("v", ["n"])], ""),
    ],
)
def test_update(new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=nad("n"), new=new)
    assert found == (f"can't update nad default/n because {said}" if said else "")


def test_the_storage_networks_nad_cannot_be_changed() -> None:
    old, new = nad("storagenetwork-x"), nad("storagenetwork-x", vlan=200)
    assert refusal(HOOK, cluster(), old=old, new=new) == (
        "can't update nad default/storagenetwork-x because it is used by storagenetwork"
    )


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([], ""),
        ([vmi("v", ["n"], phase="Failed")], USED),
        (
            [vm("v", ["n"])],
            "it's still used by VM(s) default/v which must remove the related networks and interfaces",
        ),
        ([vm("v", ["other"]), vmi("w", ["other"])], ""),
    ],
)
def test_delete(objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=nad("n"))
    assert found == (f"can't delete nad default/n because {said}" if said else "")


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("storage-network", "storage-network.settings.harvesterhci.io"),
        ("rwx-network", "rwx-network.settings.harvesterhci.io"),
    ],
)
def test_a_setting_that_names_the_nad_keeps_it(name: str, prefix: str) -> None:
    view = cluster(setting(name, annotations={f"{prefix}/net-attach-def": "harvester-system/x"}))
    found = refused(SETTINGS_HOOK, view, old=nad("x", namespace="harvester-system"))
    assert found is not None
    assert (found.code, found.message) == (
        400,
        f"network-attach-definition harvester-system/x is still used by setting {name}",
    )
    assert refused(SETTINGS_HOOK, view, old=nad("x")) is None


def test_an_mtu_of_mgmt_without_its_annotation_stops_vm_networks_in_1_9() -> None:
    own = config("mgmt-vlanconfig-node1", "mgmt", mtu=9000)
    new = made(nad("n", "mgmt"), own, version="1.9")
    assert refusal(HOOK, cluster(own), new=new, version="1.9") == (
        "can't create nad default/n because nad MTU 0 does not match cluster network MTU 9000"
    )
    annotated = network("mgmt", "9000")
    new = made(nad("n", "mgmt"), own, annotated, version="1.9")
    assert refusal(HOOK, cluster(own, annotated), new=new, version="1.9") == ""


def test_an_exclusive_vlan_of_the_storage_network_from_1_9() -> None:
    key = "storage-network.settings.harvesterhci.io/exclusivevlan"
    view = cluster(nad("storagenetwork-x", vlan=50, labels={f"{P}/clusternetwork": "cn1", key: "true"}))
    said = "can't create nad default/n because VLAN ID 50 is exclusively used by storage network nad storagenetwork-x"
    trunk = nad("n", vlan=0, conf={"vlanTrunk": [{"minID": 40, "maxID": 60}]})
    assert refusal(HOOK, view, new=nad("n", vlan=50)) == ""
    assert refusal(HOOK, view, new=nad("n", vlan=50), version="1.9") == said
    assert refusal(HOOK, view, new=trunk, version="1.9") == said
    assert refusal(HOOK, view, new=nad("n", vlan=51), version="1.9") == ""
