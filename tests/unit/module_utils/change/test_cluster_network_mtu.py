# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case analysis of a cluster network's MTU: phases, what is kept, what stops, and everything that is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from cluster_objects import (
    WORKERS,
    agent,
    config,
    having,
    host_config,
    instance_manager,
    lacking,
    nad,
    network,
    node,
    setting,
    status,
    vm,
    vmi,
    volume,
)

from ansible_collections.harvester.network.plugins.module_utils.change import _plan, phases
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _network_uses
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Case,
    Wish,
    analyse,
    live_mtus,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

NOW = datetime(2026, 11, 26)
NO_SHARE = '{"share-storage-network":false}'
LOWER = Wish("cn1", "9000", "1500")

# Cluster network cn1 at 9000 on n1 and n2 by rack-a, on n3 by rack-b; vm1 runs on it, pod1 on the pod network.
CLUSTER = having(
    node("n3", "cn1", rack="b"),
    config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"]),
    status("cn1", "rack-b", "n3"),
    setting("rwx-network", NO_SHARE, default=NO_SHARE),
    setting("vm-migration-network", ""),
)
SINGLE = lacking("vlanconfigs/rack-b", "vlanstatuses/cn1-n3-0", on=having(node("n3", rack="b"), on=CLUSTER))


def text(vlan: int = 50, cluster_network: str = "cn1") -> str:
    return json.dumps({"vlan": vlan, "clusterNetwork": cluster_network, "range": f"10.{vlan}.0.0/24"})


def stored(on: Snapshot = CLUSTER) -> Snapshot:
    """With the storage network on cn1."""
    managers = (instance_manager(name, "10.50.0.%d" % place) for place, name in enumerate(WORKERS, 10))
    return having(setting("storage-network", text()), *managers, on=on)


def ids(case: Case) -> list[str]:
    return [phase["id"] for phase in case.phases]


def named(case: Case, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(phase for phase in case.phases if phase["id"] == name)
    return found


def objections(case: Case, on: Snapshot) -> list[str]:
    return [str(objection) for objection in _plan.plan(on, case.phases).all_objections]


ALONE = ["vms-stop", "config-change", "vms-start"]
SEVERAL = ["vms-stop", "configs-off", "config-change", "configs-on", "vms-start"]
CASES: list[tuple[str, Snapshot, list[str], tuple[str, ...], list[str]]] = [
    ("two configurations", CLUSTER, SEVERAL, (), ["default/vm1"]),
    ("one configuration", SINGLE, ALONE, (), ["default/vm1"]),
    (
        "one per node",
        having(
            config("node-1", selector={"kubernetes.io/hostname": "n1"}, matched=["n1"]),
            config("node-2", selector={"kubernetes.io/hostname": "n2"}, matched=["n2"]),
            status("cn1", "node-1", "n1"),
            status("cn1", "node-2", "n2"),
            on=lacking("vlanconfigs/rack-a", on=CLUSTER),
        ),
        SEVERAL,
        (),
        ["default/vm1"],
    ),
    (
        "the storage network on it",
        stored(),
        [SEVERAL[0], "storage-off", *SEVERAL[1:4], "storage-on", SEVERAL[4]],
        ("storage-network",),
        ["default/pod1", "default/vm1"],
    ),
    (
        "the storage network elsewhere",
        having(setting("storage-network", text(50, "cn2")), on=CLUSTER),
        SEVERAL,
        (),
        ["default/vm1"],
    ),
    (
        "the migration network on it",
        having(setting("vm-migration-network", text(60)), on=CLUSTER),
        [SEVERAL[0], "storage-off", *SEVERAL[1:4], "storage-on", SEVERAL[4]],
        ("vm-migration-network",),
        ["default/vm1"],
    ),
    (
        "an RWX network of its own on it",
        having(setting("rwx-network", '{"network":%s}' % text(70), default=NO_SHARE), on=CLUSTER),
        [SEVERAL[0], "storage-off", *SEVERAL[1:4], "storage-on", SEVERAL[4]],
        ("rwx-network",),
        ["default/vm1"],
    ),
    (
        "RWX volumes share the storage network on it",
        having(setting("rwx-network", '{"share-storage-network":true}', default=NO_SHARE), on=stored()),
        [SEVERAL[0], "storage-off", *SEVERAL[1:4], "storage-on", SEVERAL[4]],
        ("rwx-network", "storage-network"),
        ["default/pod1", "default/vm1"],
    ),
    (
        "a host network configuration on it",
        having(host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"rack": "b"}}), on=CLUSTER),
        [SEVERAL[0], "host-configs-off", *SEVERAL[1:4], "host-configs-on", SEVERAL[4]],
        (),
        ["default/vm1"],
    ),
    ("no VM on it", lacking("vmis/default/vm1", "vms/default/vm1", on=SINGLE), ALONE, (), []),
]


@pytest.mark.parametrize(
    ("on", "wanted", "settings", "stops"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_cases(on: Snapshot, wanted: list[str], settings: tuple[str, ...], stops: list[str]) -> None:
    """The phases, and that nothing speaks against them one after the other."""
    case = analyse(on, LOWER, NOW)
    assert (ids(case), case.settings, [entry.reference for entry in case.vms]) == (wanted, settings, stops)
    assert objections(case, on) == []
    found = _plan.plan(on, case.phases)
    assert set(live_mtus(found.end, "cn1").values()) == {1500}
    assert {name: item.run_strategy for name, item in found.end.vms.items()} == {
        name: item.run_strategy for name, item in on.vms.items()
    }
    assert {config.name: config.selector for config in found.end.configs.values()} == {
        config.name: config.selector for config in on.configs.values()
    }
    for name in ("storage-network", "rwx-network", "vm-migration-network"):
        before, after = on.get("settings", name) or {}, found.end.get("settings", name) or {}
        assert after.get("value") == before.get("value")


@pytest.mark.parametrize(
    ("keep", "stays", "removed"), [("", "rack-a", ["rack-b"]), ("rack-b", "rack-b", ["rack-a"])], ids=["most", "asked"]
)
def test_what_stays(keep: str, stays: str, removed: list[str]) -> None:
    case = analyse(CLUSTER, LOWER._replace(keep=keep), NOW)
    assert case.keep == stays
    assert [entry["name"] for entry in named(case, "configs-off")["input"]["configs"]] == removed
    assert [entry["name"] for entry in named(case, "config-change")["input"]["configs"]] == [stays]
    assert [entry["name"] for entry in named(case, "configs-on")["input"]["configs"]] == removed


def test_of_as_many_nodes_the_first_by_name_stays() -> None:
    one = having(
        config("rack-a", selector={"rack": "a"}, matched=["n1"]), on=lacking("vlanstatuses/cn1-n2-0", on=CLUSTER)
    )
    assert analyse(one, LOWER, NOW).keep == "rack-a"


def test_what_the_phases_are_told() -> None:
    case = analyse(CLUSTER, LOWER, NOW)
    off, change, on = (named(case, name)["input"] for name in ("configs-off", "config-change", "configs-on"))
    spec = {
        "clusterNetwork": "cn1",
        "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 9000}},
        "nodeSelector": {"rack": "b"},
    }
    # The label and the annotation of Harvester's webhook are made anew, and not recorded.
    assert off["configs"] == [{"name": "rack-b", "object": None, "expected": {"metadata": {}, "spec": spec}}]
    assert off["expect"] == {"n3": {"devices": [], "absent": ["cn1-bo", "cn1-br"]}}
    new = {**spec, "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 1500}}}
    assert on["configs"] == [{"name": "rack-b", "object": {"metadata": {}, "spec": new}, "expected": None}]
    bond = {
        "name": "cn1-bo",
        "mtu": 1500,
        "mode": "active-backup",
        "ports": ["eno3"],
        "controller": "cn1-br",
        "up": True,
        "vlans": ["100"],
    }
    bridge = {"name": "cn1-br", "mtu": 1500, "up": True}
    assert change["expect"] == {name: {"devices": [bond, bridge], "absent": []} for name in ("n1", "n2")}
    path = {"name": "VLAN 100 of cn1", "vlan_id": 100, "bridge": "cn1-br", "mtu": 1500}
    assert change["paths"] == [{**path, "nodes": ["n1", "n2"]}]
    assert on["paths"] == [{**path, "nodes": ["n1", "n2", "n3"]}]
    # Undone last, so what is proved before a VM starts again.
    assert off["paths_back"] == [{**path, "mtu": 9000, "nodes": ["n1", "n2", "n3"]}]
    assert "paths_back" not in change and "paths_back" not in on
    assert [phase.get("until") for phase in case.phases] == ["vms-start", "configs-on", None, None, None]
    assert [phase["input"].get("of") for phase in case.phases] == [None, None, None, "configs-off", "vms-stop"]


def test_guests_on_it_are_looked_at_from_inside() -> None:
    """With the storage network on it pod1 stops too, and keeps its MTU."""
    case = analyse(stored(), LOWER, NOW)
    assert named(case, "vms-start")["input"]["guests"] == {"vms": ["default/vm1"], "mtu": 1500}


@pytest.mark.parametrize("name", ["storage-on", "vms-start"])
def test_interfaces_of_vms_and_pods_have_the_new_mtu(name: str) -> None:
    ports = {"devices": [{"name": "cn1-br", "ports_mtu": 1500}], "absent": []}
    assert named(analyse(stored(), LOWER, NOW), name)["input"]["expect"] == dict.fromkeys(WORKERS, ports)


def test_labels_and_annotations_of_users_are_recorded() -> None:
    item = config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
    item["metadata"]["labels"]["team"] = "storage"
    item["metadata"]["annotations"]["note"] = "second rack"
    case = analyse(having(item, on=CLUSTER), LOWER, NOW)
    wanted = {"labels": {"team": "storage"}, "annotations": {"note": "second rack"}}
    assert named(case, "configs-off")["input"]["configs"][0]["expected"]["metadata"] == wanted
    assert named(case, "configs-on")["input"]["configs"][0]["object"]["metadata"] == wanted


def test_links_before_the_first_phase() -> None:
    links = analyse(CLUSTER, LOWER, NOW).links
    assert sorted(links) == ["n1", "n2", "n3"]
    assert links["n3"]["devices"] == [
        {"name": "cn1-bo", "mtu": 9000, "ports": ["eno4"], "up": True},
        {"name": "cn1-br", "mtu": 9000, "up": True},
    ]


def test_host_network_configurations_are_made_again_at_the_new_mtu() -> None:
    on = having(host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"rack": "b"}}), on=CLUSTER)
    case = analyse(on, LOWER, NOW)
    assert named(case, "host-configs-off")["input"]["expect"] == {"n3": {"devices": [], "absent": ["cn1-br.300"]}}
    assert named(case, "host-configs-on")["input"]["expect"] == {
        "n3": {"devices": [{"name": "cn1-br.300", "mtu": 1500}], "absent": []}
    }


PATHS: list[tuple[str, list[Any], list[tuple[int, bool]]]] = [
    ("VLANs", [nad("vlan200", vlan=200, mtu=9000)], [(100, False), (200, False)]),
    ("an untagged network", [nad("plain", vlan=0, mtu=9000)], [(1, False), (100, False)]),
    (
        "a trunk: the ends of its ranges",
        [nad("trunk", vlan=0, mtu=9000, vlanTrunk=[{"minID": 300, "maxID": 310}, {"id": 400}])],
        [(100, False), (300, False), (310, False), (400, False)],
    ),
    ("the storage network, whose id is away", [setting("storage-network", text())], [(50, True), (100, False)]),
    ("host network configurations", [host_config("hosts", "cn1", 300)], [(100, False), (300, True)]),
    ("an id that a VM network has too", [host_config("hosts", "cn1", 100)], [(100, False)]),
    ("networks of others", [nad("other", "cn2", 300), host_config("hosts", "cn2", 301)], [(100, False)]),
]


@pytest.mark.parametrize(("items", "wanted"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_what_is_proved_on_the_wire(items: list[Any], wanted: list[tuple[int, bool]]) -> None:
    found = _network_uses.paths(having(*items, on=CLUSTER), "cn1", {"n2", "n1"}, 1500)
    assert [(path["vlan_id"], path.get("uplink") == "cn1-bo") for path in found] == wanted
    assert all((path["nodes"], path["mtu"], path["bridge"]) == (["n1", "n2"], 1500, "cn1-br") for path in found)


def test_a_single_node_has_nobody_to_send_to() -> None:
    assert _network_uses.paths(CLUSTER, "cn1", {"n1"}, 1500) == []


# --- proofs through a router

GATEWAY: dict[str, Any] = {"vlan_id": 100, "subnet": "192.168.100.0/24", "gateway": "192.168.100.1"}
OUTSIDE = {**GATEWAY, "range_start": "192.168.100.100", "target": "8.8.8.8", "target_mtu": 1400}


def through(*gateways: Mapping[str, Any], on: Snapshot = CLUSTER) -> Case:
    return analyse(on, LOWER._replace(gateways=gateways), NOW)


def test_a_vlan_is_proved_through_its_router_too() -> None:
    plain, case = analyse(CLUSTER, LOWER, NOW), through(OUTSIDE)
    wanted = {name: value for name, value in OUTSIDE.items() if name != "vlan_id"}
    for name in ("config-change", "configs-on"):
        (before,), (path,) = named(plain, name)["input"]["paths"], named(case, name)["input"]["paths"]
        assert path == {**before, **wanted}


def test_the_plan_says_what_is_proved() -> None:
    on = having(nad("plain", vlan=0, mtu=9000), nad("v101", vlan=101, mtu=9000), on=CLUSTER)
    found = _plan.plan(on, through(OUTSIDE, {**GATEWAY, "vlan_id": 101}, on=on).phases)
    assert {phase.id: phase.proves for phase in found.phases if phase.proves} == {
        phase: (
            f"1500 bytes between {count} nodes on VLAN 100-101 and untagged frames of cn1",
            f"1400 bytes from {count} nodes to 8.8.8.8 through 192.168.100.1 on VLAN 100 of cn1",
            f"1500 bytes from {count} nodes to 192.168.100.1 on VLAN 101 of cn1",
        )
        for phase, count in (("config-change", 2), ("configs-on", 3))
    }
    assert (
        "   proves: 1500 bytes between 2 nodes on VLAN 100-101 and untagged frames of cn1, 1400 bytes from 2 nodes to"
        " 8.8.8.8 through 192.168.100.1 on VLAN 100 of cn1, 1500 bytes from 2 nodes to 192.168.100.1 on VLAN 101 of cn1"
    ) in _plan.lines(found)


def test_what_is_not_proved_is_not_in_the_plan() -> None:
    planned = [{**phase, "input": {**phase["input"], "prove": False}} for phase in through(OUTSIDE).phases]
    assert not any(phase.proves for phase in _plan.plan(CLUSTER, phases.with_steps(planned, CLUSTER, {})).phases)


def test_a_single_node_has_its_gateway_to_send_to() -> None:
    on = lacking("vlanconfigs/rack-a", "vlanstatuses/cn1-n1-0", "vlanstatuses/cn1-n2-0", on=CLUSTER)
    (path,) = named(through(GATEWAY, on=on), "config-change")["input"]["paths"]
    assert (path["nodes"], path["gateway"]) == (["n3"], "192.168.100.1")
    (line,) = _plan.plan(on, through(GATEWAY, on=on).phases).phases[1].proves
    assert line == "1500 bytes from 1 node to 192.168.100.1 on VLAN 100 of cn1"


IDS: list[tuple[str, list[Any], int, bool]] = [
    (
        "inside a range of a trunk",
        [nad("trunk", mtu=9000, vlan=0, vlanTrunk=[{"minID": 300, "maxID": 310}])],
        305,
        False,
    ),
    ("untagged, on request", [], 1, False),
    ("of the storage network, away", [setting("storage-network", text())], 50, True),
]


@pytest.mark.parametrize(("items", "vid", "added"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_vlans_that_can_have_a_router(items: list[Any], vid: int, added: bool) -> None:
    found = _network_uses.paths(having(*items, on=CLUSTER), "cn1", {"n1", "n2"}, 1500, [{**GATEWAY, "vlan_id": vid}])
    (path,) = (path for path in found if path["vlan_id"] == vid)
    assert (path["gateway"], path.get("uplink") == "cn1-bo") == ("192.168.100.1", added)


def test_what_can_be_tried_ahead() -> None:
    """All of it at the size that the bridges have, but for VLANs whose addresses are on the hosts until these go."""
    on = having(host_config("hosts", "cn1", 300), nad("v101", vlan=101, mtu=9000), on=CLUSTER)
    case = through(GATEWAY, {**GATEWAY, "vlan_id": 300}, on=on)
    nodes = ["n1", "n2", "n3"]
    assert case.probes == (
        {
            "name": "VLAN 100 of cn1",
            "vlan_id": 100,
            "bridge": "cn1-br",
            "nodes": nodes,
            "subnet": "192.168.100.0/24",
            "gateway": "192.168.100.1",
        },
        {"name": "VLAN 101 of cn1", "vlan_id": 101, "bridge": "cn1-br", "nodes": nodes},
    )


WHERE = "change_probe_gateways, VLAN 100: "
WRONG: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    (
        "a VLAN that no network has",
        [{**GATEWAY, "vlan_id": 77}],
        [
            (
                "change_probe_gateways: vlan_id=77: no network of cluster network 'cn1' has this VLAN; its VLANs are"
                " 100; 1 stands for untagged frames"
            )
        ],
    ),
    ("a VLAN twice", [GATEWAY, GATEWAY], ["change_probe_gateways: vlan_id=100: is there twice; give each VLAN once"]),
    (
        "no network",
        [{**GATEWAY, "subnet": "192.168.100.1/24"}],
        [
            WHERE + "subnet=192.168.100.1/24: is no IPv4 network; give the network in CIDR form, as 192.168.100.0/24",
        ],
    ),
    (
        "a network without room",
        [{**GATEWAY, "subnet": "192.168.100.0/31"}],
        [WHERE + "subnet=192.168.100.0/31: the prefix length must be 8 to 30; give the subnet of the VLAN"],
    ),
    (
        "addresses elsewhere",
        [{**GATEWAY, "gateway": "192.168.101.1", "range_start": "192.168.100.0", "range_end": "last"}],
        [
            WHERE + "gateway=192.168.101.1: is not an address that a host of 192.168.100.0/24 can have; give one inside"
            " the subnet of the VLAN",
            WHERE + "range_start=192.168.100.0: is not an address that a host of 192.168.100.0/24 can have; give one"
            " inside the subnet of the VLAN",
            WHERE + "range_end=last: is no IPv4 address; names are not looked up",
        ],
    ),
    (
        "a range that goes backwards",
        [{**GATEWAY, "range_start": "192.168.100.9", "range_end": "192.168.100.5"}],
        [WHERE + "range_start=192.168.100.9: is after range_end=192.168.100.5; exchange the two"],
    ),
    (
        "fewer addresses than nodes, one of them the gateway's",
        [{**GATEWAY, "range_end": "192.168.100.3"}],
        [
            WHERE + "subnet=192.168.100.0/24: has 2 addresses beside the gateway from 192.168.100.1 to 192.168.100.3,"
            " and 3 nodes take one each; give a larger range of free addresses"
        ],
    ),
    (
        "a target that is no address",
        [{**GATEWAY, "target": "example.com"}],
        [WHERE + "target=example.com: is no IPv4 address; names are not looked up"],
    ),
    (
        "a target on the VLAN itself",
        [{**GATEWAY, "target": "192.168.100.7"}],
        [
            WHERE + "target=192.168.100.7: is in 192.168.100.0/24, so no router lies before it; give it as gateway,"
            " without a target"
        ],
    ),
    (
        "a target that is no host",
        [{**GATEWAY, "target": "224.0.0.1"}],
        [WHERE + "target=224.0.0.1: is no address that a host can have; give one behind the gateway"],
    ),
    (
        "a size above the MTU",
        [{**GATEWAY, "target_mtu": 1501}],
        [
            WHERE
            + "target_mtu=1501: must be within 576..1500 bytes, the MTU that the cluster network is to have; leave"
            " it out for that MTU"
        ],
    ),
]


@pytest.mark.parametrize(("gateways", "messages"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_refused_gateways(gateways: list[dict[str, Any]], messages: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        through(*gateways)
    assert str(caught.value).splitlines() == messages


def test_a_target_that_is_a_node_is_refused() -> None:
    item = node("n2", "cn1", rack="a")
    item["status"]["addresses"] = [{"type": "InternalIP", "address": "10.0.0.12"}]
    on = having(item, on=CLUSTER)
    with pytest.raises(ValidationError) as caught:
        through({**GATEWAY, "target": "10.0.0.12"}, on=on)
    assert str(caught.value) == (
        WHERE + "target=10.0.0.12: is an address of node 'n2', whose real traffic a probe could slow; give another"
        " address behind the gateway"
    )


RAISE = Wish("cn1", "1500", "9000", switches_ready=True)


def helm(name: str) -> Any:
    item = config(name, selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
    item["metadata"]["annotations"]["meta.helm.sh/release-name"] = "net"
    return item


REFUSED: list[tuple[str, Snapshot, Wish, str]] = [
    (
        "mgmt",
        CLUSTER,
        LOWER._replace(cluster_network="mgmt"),
        (
            "cluster network 'mgmt': the MTU of the management network is changed on the hosts; use playbook"
            " harvester.network.mgmt_mtu"
        ),
    ),
    (
        "unknown",
        CLUSTER,
        LOWER._replace(cluster_network="cn11"),
        "cluster network 'cn11': the cluster has no such cluster network; did you mean 'cn1'?",
    ),
    (
        "no configuration",
        CLUSTER,
        LOWER._replace(cluster_network="cn2"),
        (
            "cluster network 'cn2': it has no network configuration, so it has no MTU; create one with the MTU, see"
            " module cluster_network"
        ),
    ),
    (
        "out of bounds",
        CLUSTER,
        LOWER._replace(mtu_to="9216"),
        "cluster_network_mtu: change_mtu_to=9216: the MTU must be 0 (meaning 1500) or within 576..9000 bytes",
    ),
    (
        "no number",
        CLUSTER,
        LOWER._replace(mtu_from="jumbo"),
        "cluster_network_mtu: change_mtu_from=jumbo: it is not a whole number of bytes",
    ),
    (
        "the same",
        CLUSTER,
        LOWER._replace(mtu_to="9000"),
        "cluster_network_mtu: change_mtu_to=9000: is change_mtu_from too; there is nothing to change",
    ),
    (
        "keep of another network",
        CLUSTER,
        LOWER._replace(keep="rack-c"),
        (
            "cluster_network_mtu: change_keep=rack-c: is no network configuration of cluster network 'cn1'; give one of"
            " rack-a, rack-b"
        ),
    ),
    (
        "a node that is not Ready",
        having(node("n2", "cn1", up=False, rack="a"), on=CLUSTER),
        LOWER,
        "node 'n2': it is not Ready, and every node takes part; bring it back first",
    ),
    (
        "an agent that does not run",
        having(agent("n3", up=False), on=CLUSTER),
        LOWER,
        (
            "node 'n3': its network agent does not run; it would lose the removal of a configuration for good; see that"
            " pod harvester-network-controller of namespace harvester-system is Running there"
        ),
    ),
    (
        "underlay",
        having(host_config("hosts", "cn1", 300, underlay=True), on=CLUSTER),
        LOWER,
        (
            "host network configuration 'hosts': it is the underlay of overlay networks, and Harvester refuses to"
            " delete it; stop the VMs on overlay networks and set underlay to false first"
        ),
    ),
    (
        "managed by others",
        having(helm("rack-b"), on=CLUSTER),
        LOWER,
        (
            "network configuration 'rack-b': Helm release net manages it and would put it back; pause that, and give"
            " change_gitops_paused=true"
        ),
    ),
]


@pytest.mark.parametrize(("on", "wish", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refusals(on: Snapshot, wish: Wish, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        analyse(on, wish, NOW)
    assert str(caught.value) == message


def test_everything_is_told_at_once() -> None:
    on = having(agent("n3", up=False), helm("rack-b"), on=CLUSTER)
    with pytest.raises(ValidationError) as caught:
        analyse(on, LOWER, NOW)
    assert len(caught.value.problems) == 2
    assert analyse(having(helm("rack-b"), on=CLUSTER), LOWER._replace(gitops_paused=True), NOW).phases


def test_an_mtu_that_is_not_there_is_told_in_a_table() -> None:
    on = having(nad("odd", vlan=200), network("cn1", 9000, "rack-a"), on=CLUSTER)
    with pytest.raises(ChangeError) as caught:
        analyse(on, LOWER, NOW)
    assert str(caught.value).splitlines() == [
        "change_mtu_from=9000 is not what is there in 1 of 5 places:",
        "where                     expected  live",
        "VM network 'default/odd'  9000      1500",
        "Bring them to one value, or correct change_mtu_from",
    ]


def test_what_has_the_mtu_already_needs_nothing() -> None:
    case = analyse(CLUSTER, Wish("cn1", "1500", "9000"), NOW)
    assert (case.phases, sorted(case.links)) == ((), ["n1", "n2", "n3"])


# --- the manual's own example: cn-data with nc-1 at 1500 is to have 9000; VM network vm100

MANUAL = having(
    network("cn-data", 1500, "nc-1"),
    config("nc-1", "cn-data", nics=["eno4"], matched=list(WORKERS), mtu=1500),
    *(status("cn-data", "nc-1", name) for name in WORKERS),
    *(node(name, "cn1", "cn-data", rack="a") for name in ("n1", "n2")),
    node("n3", "cn-data", rack="b"),
    nad("vm100", "cn-data", 100),
    vm("guest", "vm100", strategy="Always"),
    vmi("guest", "vm100", on="n2"),
    on=CLUSTER,
)
READY = Wish("cn-data", 1500, 9000, switches_ready=True)


def test_the_example_of_the_manual() -> None:
    on = lacking("vlanconfigs/rack-b", "vlanstatuses/cn1-n3-0", on=MANUAL)
    case = analyse(on, READY, NOW)
    assert ids(case) == ALONE
    assert [entry.reference for entry in case.vms] == ["default/guest"]
    assert objections(case, on) == []
    change = named(case, "config-change")["input"]
    for name in WORKERS:
        assert {"name": "cn-data-br", "mtu": 9000, "up": True} in change["expect"][name]["devices"]
    assert [(path["vlan_id"], path["mtu"]) for path in change["paths"]] == [(100, 9000)]
    assert [(path["vlan_id"], path["mtu"]) for path in change["paths_back"]] == [(100, 1500)]
    end = _plan.plan(on, case.phases).end
    manual = json.loads((end.get("nads", "vm100", "default") or {})["spec"]["config"])
    assert manual == {
        "cniVersion": "0.3.1",
        "name": "vm100",
        "type": "bridge",
        "bridge": "cn-data-br",
        "promiscMode": True,
        "vlan": 100,
        "ipam": {},
        "mtu": 9000,
    }


def test_raising_needs_the_switches() -> None:
    on = lacking("vlanconfigs/rack-b", "vlanstatuses/cn1-n3-0", on=MANUAL)
    with pytest.raises(ValidationError) as caught:
        analyse(on, READY._replace(switches_ready=False), NOW)
    assert str(caught.value) == (
        "cluster_network_mtu: change_switches_ready=false: a larger MTU needs switches and routers that pass it; set"
        " their ports first, then give change_switches_ready=true; it is proved before VMs start again"
    )


@pytest.mark.parametrize(
    ("on", "wish", "wanted", "proves"),
    [
        (MANUAL, READY._replace(switches_ready=False), ["vms-stop", "switches", "config-change", "vms-start"], ""),
        (CLUSTER, LOWER, [*SEVERAL[:4], "switches", "vms-start"], "configs-on"),
        (SINGLE, LOWER, ["vms-stop", "config-change", "switches", "vms-start"], "config-change"),
    ],
    ids=["up", "down", "down, one configuration"],
)
def test_switches_that_are_set_in_the_middle(on: Snapshot, wish: Wish, wanted: list[str], proves: str) -> None:
    case = analyse(on, wish._replace(switches_phase=True, switches_bound=60), NOW)
    assert ids(case) == wanted
    found = named(case, "switches")
    assert (found["role"], found["bound"]) == ("harvester.network.switches", 60)
    assert found["input"] == {
        "mtu_from": int(wish.mtu_from),
        "mtu_to": int(wish.mtu_to),
        "proves": proves,
    }
    assert objections(case, on) == []


# --- a change that goes on


def record(case: Case, *states: str, **images: Any) -> Record:
    """The change after some of its phases; the last of the states is that of the phase that has begun."""
    found = []
    for place, phase in enumerate(case.phases):
        state = states[place] if place < len(states) else "planned"
        begun = "2026-11-26T00:00:00Z" if state != "planned" else ""
        ended = begun if state == "done" else ""
        image = {"cluster": images.get(phase["id"].replace("-", "_"))} if begun else None
        found.append(Phase(phase["id"], phase["role"], phase["bound"], phase["input"], image, state, begun, ended))
    return Record(
        "20261126t000000z-cluster-network-mtu", "cluster_network_mtu", "2026-11-26T00:00:00Z", phases=tuple(found)
    )


VM1 = {"namespace": "default", "name": "vm1", "uid": "", "run_strategy": "RerunOnFailure"}


def test_a_change_that_goes_on_has_its_recorded_phases_and_does_what_is_left() -> None:
    case = analyse(CLUSTER, LOWER, NOW)
    half = _plan.plan(CLUSTER, case.phases[:2]).end
    images = {"vms_stop": {"vms": [VM1]}, "configs_off": {}}
    found = phases.recorded(record(case, "done", "done", "started", **images), half)
    keys = ("id", "role", "bound", "input", "until")
    same = [[{key: phase.get(key) for key in keys} for phase in some] for some in (found, case.phases)]
    assert same[0] == same[1]
    assert [[step["kind"] for step in phase["steps"]] for phase in found] == [
        [],
        [],
        ["network_config", "interruption", "proof"],
        ["network_config", "interruption", "proof"],
        ["vm_power"],
    ]
    plan = _plan.plan(half, found)
    assert plan.all_objections == []
    assert set(live_mtus(plan.end, "cn1").values()) == {1500}
    assert plan.end.vms["default/vm1"].run_strategy == "RerunOnFailure"


def test_a_removal_that_was_interrupted_removes_the_rest() -> None:
    on = having(
        config("rack-c", selector={"rack": "c"}, matched=["n2"], nics=["eno4"]),
        config("rack-a", selector={"rack": "a"}, matched=["n1"]),
        status("cn1", "rack-c", "n2"),
        node("n2", "cn1", rack="c"),
        on=CLUSTER,
    )
    case = analyse(on, LOWER, NOW)
    assert [entry["name"] for entry in named(case, "configs-off")["input"]["configs"]] == ["rack-b", "rack-c"]
    half = lacking("vlanconfigs/rack-b", on=_plan.plan(on, case.phases[:1]).end)
    found = phases.recorded(record(case, "done", "started", vms_stop={"vms": [VM1]}), half)
    assert found[1]["steps"] == [
        {"kind": "network_config", "name": "rack-c"},
        {"kind": "interruption", "text": "traffic of cluster network 'cn1'"},
    ]


def test_settings_come_back_as_they_were_recorded() -> None:
    on = stored()
    case = analyse(on, LOWER, NOW)
    half = _plan.plan(on, case.phases[:3]).end
    recorded = [{"setting": "storage-network", "value": text()}]
    images = {"vms_stop": {"vms": [VM1]}, "storage_off": {"recorded": recorded}}
    found = phases.recorded(record(case, "done", "done", "done", "started", **images), half)
    (step,) = next(phase["steps"] for phase in found if phase["id"] == "storage-on")
    assert step == {"kind": "storage_network", "setting": "storage-network", "value": text()}


def test_a_mounted_rwx_volume_is_told_by_the_plan() -> None:
    on = having(
        setting("rwx-network", '{"network":%s}' % text(70), default=NO_SHARE),
        volume("pvc-9", claim="shared", accessMode="rwx"),
        on=CLUSTER,
    )
    case = analyse(on, LOWER, NOW)
    assert (
        objections(case, on)
        == [
            (
                "setting 'rwx-network': RWX volumes are still attached: default/shared; stop the workloads that use"
                " these volumes"
            )
        ]
        * 2
    )
