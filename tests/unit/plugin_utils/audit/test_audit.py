# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the standing audit, each silent on a healthy cluster, and saying one thing on one that is broken."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from audit_samples import (
    CLUSTER,
    INSTALLED,
    NODES,
    PROFILES,
    audit,
    bond,
    changed,
    cluster,
    config,
    host,
    links,
    networks,
    node,
    pod,
    vlan,
    vm_network,
    without,
)

from ansible_collections.harvester.network.plugins.plugin_utils.audit._checks import OF_CLUSTER, OF_HOSTS, checks
from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Host, usual

ROOT = Path(__file__).parents[4]
BAD_ARP = {
    "device": "mgmt-br",
    "own": 0,
    "all": 2,
    "effective": 2,
    "set_by": [{"path": "/etc/sysctl.d/90.conf", "line": 3}],
}
LACP = {"mode": "802.3ad", "aggregator": 1, "partner_mac": "00:00:00:00:00:01"}


def replaced(name: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    return [item if known["name"] == item["name"] else known for known in links(int(name[1:]))]


def old_mtu(name: str, *devices: str) -> list[dict[str, Any]]:
    return [{**item, "mtu": 1500} if item["name"] in devices else item for item in links(int(name[1:]))]


def profile(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{**item, **fields} if place == number else item for place, item in enumerate(PROFILES)]


BOND_PORTS = {"vlans": ["1 pvid untagged", "2017"]}
HNC = {"name": "backup", "device": "mgmt-br.2030", "cluster_network": "mgmt"}
VMNET_GONE = {"active_nodes": ["n1", "n2"], "inactive_nodes": ["n3"]}

FAILING: dict[str, tuple[Audit, list[tuple[str, str, str, str]]]] = {
    "a host that is away": (
        audit(Host("n2", "n2", "not reached: timed out")),
        [("reached", "n2", "yes", "not reached: timed out")],
    ),
    "a node without a host": (
        audit(cluster=cluster(nodes=[*CLUSTER["nodes"], node("n4", roles=["witness"])])),
        [("covered", "node n4", "yes", "no host")],
    ),
    "a host that is no node": (
        audit(host("n9", info={"nics": []}, installed=None)),
        [("member", "n9", "yes", "the cluster has no node n9")],
    ),
    "a host of another cluster": (
        audit(host("n1", info={"machine_id": "other", "boot_id": "b-n1", "nics": [{"name": "eno2"}]}, installed=None)),
        [("identity", "n1", "m-n1", "other")],
    ),
    "a node that is not Ready": (
        audit(cluster=cluster(nodes=[node("n1", "vmnet", ready=False), *CLUSTER["nodes"][1:]])),
        [("ready", "node n1", "yes", "no")],
    ),
    "a change that is half done": (
        audit(open_change="20261126t010203z-mgmt-mtu"),
        [("open_change", "cluster", "none", "20261126t010203z-mgmt-mtu")],
    ),
    "a node with another MTU on one device": (
        audit(host("n2", links=changed("n2", "mgmt-br", mtu=1500))),
        [("mgmt_mtu", "n2", "9000", "mgmt-bo 9000, mgmt-br 1500, mgmt-br.2017 9000")],
    ),
    "a node without its bridge": (
        audit(host("n2", links=without("n2", "mgmt-br"))),
        [("mgmt_mtu", "n2", "9000", "mgmt-bo 9000, mgmt-br nothing, mgmt-br.2017 9000")],
    ),
    "no annotation on jumbo hosts": (
        audit(cluster=cluster(cluster_networks=networks({"mtu": 1500, "uplink_mtu": None}))),
        [
            ("mgmt_annotation", "cluster network mgmt", "9000", "no annotation, which means 1500"),
            *(("link_mtu", f"{name} mgmt-br.2018", "1500", "9000") for name in NODES),
        ],
    ),
    "an annotation 0 on jumbo hosts": (
        audit(cluster=cluster(cluster_networks=networks({"mtu": 1500, "uplink_mtu": "0"}))),
        [
            ("mgmt_annotation", "cluster network mgmt", "9000", "0, which means 1500"),
            *(("link_mtu", f"{name} mgmt-br.2018", "1500", "9000") for name in NODES),
        ],
    ),
    "another annotation than the hosts": (
        audit(
            *(host(name, links=without(name, "mgmt-br.2018"), vlans={}, profiles=[]) for name in NODES),
            cluster=cluster(cluster_networks=networks({"mtu": 8000, "uplink_mtu": "8000"}), vm_networks=[]),
        ),
        [("mgmt_annotation", "cluster network mgmt", "9000", "8000")],
    ),
    "profiles with other VLAN ids": (
        audit(host("n3", profiles=profile(0, bridge_port=BOND_PORTS))),
        [("mgmt_bond_vlans", "n3", "2017, 2018", "2017")],
    ),
    "a bridge profile with other VLAN ids": (
        audit(host("n3", profiles=profile(1, bridge={"vlans": ["2017"]}))),
        [("mgmt_bridge_vlans", "n3", "2017, 2018", "2017")],
    ),
    "VLAN ids that were stripped": (
        audit(host("n1", hints={"stripped": [{"device": "mgmt-bo", "vlans": [2018]}]})),
        [("mgmt_vlans_live", "n1", "all", "2018 missing")],
    ),
    "an overlay that is too large": (
        audit(host("n1", links=changed("n1", "flannel.1", mtu=8951))),
        [("flannel", "n1", "8950", "8951")],
    ),
    "an overlay that is missing": (
        audit(host("n1", links=without("n1", "flannel.1"))),
        [("flannel", "n1", "8950", "no flannel.1")],
    ),
    "an installed MTU that would come back": (
        audit(host("n1", installed=INSTALLED | {"mtu": 0})),
        [("installed", "n1", "9000", "1500")],
    ),
    "an installed MTU that is no number": (
        audit(host("n1", installed=INSTALLED | {"mtu": "big"})),
        [("installed", "n1", "9000", "big")],
    ),
    "another VLAN installed": (
        audit(host("n1", installed=INSTALLED | {"vlan_id": 1})),
        [("installed", "n1", "2017", "0")],
    ),
    "another NIC installed": (
        audit(host("n1", installed=INSTALLED | {"interfaces": [{"name": "eno1"}]})),
        [("installed", "n1", "eno1, eno2", "eno1")],
    ),
    "other bond options installed": (
        audit(host("n1", installed=INSTALLED | {"bond_options": {"mode": "802.3ad", "xmit_hash_policy": "layer2"}})),
        [("installed", "n1", "active-backup", "802.3ad"), ("installed", "n1", "not set", "layer2")],
    ),
    "arp_ignore": (
        audit(host("n1", info={"nics": [], "arp_ignore": [BAD_ARP]}, installed=None)),
        [("arp_ignore", "n1 mgmt-br", "0 or 1", "2")],
    ),
    "a port without link": (
        audit(
            host(
                "n1",
                links=replaced(
                    "n1",
                    bond(
                        "mgmt-bo",
                        "eno1",
                        "eno2",
                        ports=[{"name": "eno1", "mii_status": "down"}, {"name": "eno2", "mii_status": "up"}],
                    ),
                ),
            )
        ),
        [("bond_health", "n1 mgmt-bo", "all", "eno1 without link")],
    ),
    "a bond without ports": (
        audit(host("n1", links=replaced("n1", bond("mgmt-bo")))),
        [("bond_health", "n1 mgmt-bo", "all", "no port")],
    ),
    "LACP without a partner": (
        audit(host("n1", links=replaced("n1", bond("mgmt-bo", "eno1", **LACP | {"partner_mac": "00:00:00:00:00:00"})))),
        [("bond_health", "n1 mgmt-bo", "all", "no LACP partner")],
    ),
    "LACP ports apart": (
        audit(host("n1", links=replaced("n1", bond("mgmt-bo", "eno1", "eno2", **LACP | {"aggregator": 2})))),
        [("bond_health", "n1 mgmt-bo", "all", "eno1, eno2 in another aggregator")],
    ),
    "a port with another MTU than its bond": (
        audit(host("n1", links=changed("n1", "eno2", mtu=1500))),
        [("port_mtu", "n1 mgmt-bo", "9000", "eno2 1500")],
    ),
    "links that a configuration does not have": (
        audit(
            host("n1", links=replaced("n1", bond("vmnet-bo", "eno4", mode="802.3ad", aggregator=1, partner_mac="a")))
        ),
        [
            (
                "links",
                "n1 vmnet",
                "vmnet-bo of eno3, active-backup, up",
                "its ports are eno4; its mode is 802.3ad",
            )
        ],
    ),
    "no bond for a configuration": (
        audit(host("n1", links=without("n1", "vmnet-bo"))),
        [("links", "n1 vmnet", "vmnet-bo of eno3, active-backup, up", "no vmnet-bo")],
    ),
    "a bridge that is not up": (
        audit(host("n1", links=changed("n1", "vmnet-br", operstate="unknown"))),
        [("links", "n1 vmnet", "vmnet-bo of eno3, active-backup, up", "vmnet-br is unknown")],
    ),
    "a bond outside its bridge": (
        audit(host("n1", links=changed("n1", "vmnet-bo", controller=None))),
        [("links", "n1 vmnet", "vmnet-bo of eno3, active-backup, up", "vmnet-bo is in nothing")],
    ),
    "links at the old MTU": (
        audit(host("n1", links=old_mtu("n1", "vmnet-bo", "eno3"))),
        [("link_mtu", "n1 vmnet-bo", "9000", "1500")],
    ),
    "a host network configuration at the old MTU": (
        audit(
            host("n1", links=[*links(1), vlan("mgmt-br", 2030, mtu=1500)]),
            cluster=cluster(host_network_configs=[HNC]),
        ),
        [("link_mtu", "n1 mgmt-br.2030", "9000", "1500")],
    ),
    "VLAN ids that will be stripped": (
        audit(host("n1", links=without("n1", "mgmt-br.2018"))),
        [("vlans_kept", "n1 mgmt-bo", "all", "2018 will be stripped")],
    ),
    "VLAN ids of a custom network that will be stripped": (
        audit(host("n1", vlans={"vmnet-bo": ["1 pvid untagged", "50", "100", "300-301"]})),
        [("vlans_kept", "n1 vmnet-bo", "all", "300, 301 will be stripped")],
    ),
    "a bond that no configuration owns": (
        audit(host("n1", links=[*links(1), bond("old-bo", "eno4")])),
        [("leftover_link", "n1 old-bo", "a configuration", "none")],
    ),
    "a bridge and a label that no configuration owns": (
        audit(
            cluster=cluster(
                nodes=[node("n1", "vmnet", "old"), *CLUSTER["nodes"][1:]],
                network_configs=[config(nodes=["n1", "n2"])],
            )
        ),
        [
            ("leftover_link", "n3 vmnet-bo", "a configuration", "none"),
            ("leftover_link", "n3 vmnet-br", "a configuration", "none"),
            ("leftover_label", "node n1 network.harvesterhci.io/old", "a configuration", "none"),
            ("leftover_label", "node n3 network.harvesterhci.io/vmnet", "a configuration", "none"),
        ],
    ),
    "a VlanStatus that no configuration owns": (
        audit(
            cluster=cluster(vlan_statuses=[{"name": "vmnet-n1-0", "network_config": "gone", "node": "n1"}]),
        ),
        [("leftover_status", "VlanStatus vmnet-n1-0", "a configuration", "gone, which is gone")],
    ),
    "a cluster network without a configuration": (
        audit(
            cluster=cluster(
                cluster_networks=[*CLUSTER["cluster_networks"], {**networks()[1], "name": "empty", "active_nodes": []}]
            )
        ),
        [("configured", "cluster network empty", "one or more", "none")],
    ),
    "configurations that differ": (
        audit(
            host("n3", links=replaced("n3", bond("vmnet-bo", "eno3", **LACP))),
            cluster=cluster(
                network_configs=[config("all", nodes=["n1", "n2"]), config("b", nodes=["n3"], mode="802.3ad")]
            ),
        ),
        [
            (
                "configs_equal",
                "cluster network vmnet",
                "the same",
                "all: MTU 9000, active-backup, miimon 100; b: MTU 9000, 802.3ad, miimon 100",
            )
        ],
    ),
    "links that nothing watches": (
        audit(cluster=cluster(network_configs=[config(miimon=0)])),
        [("miimon", "network configuration all", "miimon above 0, or not given", "0")],
    ),
    "a VlanStatus that is not ready": (
        audit(
            cluster=cluster(
                cluster_networks=networks(
                    vmnet={"not_ready": [{"node": "n2", "network_config": "all", "message": "Link not found"}]}
                )
            )
        ),
        [("vlan_status", "node n2 vmnet", "ready", "Link not found")],
    ),
    "a VM network at another MTU": (
        audit(cluster=cluster(vm_networks=[vm_network("prod", mtu=1500), CLUSTER["vm_networks"][1]])),
        [("vm_network_mtu", "VM network default/prod", "9000", "1500")],
    ),
    "a VM network that is not ready": (
        audit(cluster=cluster(vm_networks=[vm_network("prod", ready=False), CLUSTER["vm_networks"][1]])),
        [("vm_network_ready", "VM network default/prod", "ready", "not ready")],
    ),
    "a VM network without its cluster network": (
        audit(cluster=cluster(vm_networks=[*CLUSTER["vm_networks"], vm_network("lost", "gone")])),
        [("vm_network_ready", "VM network default/lost", "a cluster network", "gone, which is not there")],
    ),
    "VLAN ids that are not on the bond": (
        audit(host("n2", vlans={"vmnet-bo": ["1 pvid untagged", "50"]})),
        [("vm_network_vlans", "n2 vmnet-bo", "all", "100 missing")],
    ),
    "a storage network that is not taken up": (
        audit(cluster=cluster(longhorn={**CLUSTER["longhorn"], "unsettled": ["waiting for volumes"]})),
        [("storage_settled", "setting storage-network", "taken up", "waiting for volumes")],
    ),
    "a storage network at another MTU": (
        audit(cluster=cluster(storage_network={"enabled": True, "cluster_network": "vmnet", "mtu": 1500})),
        [("storage_mtu", "setting storage-network", "9000", "1500")],
    ),
    "a storage network that does not reach every node": (
        audit(
            cluster=cluster(
                nodes=[node("n1", "vmnet"), node("n2", "vmnet"), node("n3")],
                cluster_networks=networks(vmnet=VMNET_GONE),
            )
        ),
        [("storage_nodes", "setting storage-network", "every node", "not on n3")],
    ),
    "a pod without an address": (
        audit(
            cluster=cluster(
                longhorn={
                    "unsettled": [],
                    "pods": [*CLUSTER["longhorn"]["pods"][:2], pod("n3", problem="has no lhnet1")],
                }
            )
        ),
        [("longhorn_pod", "node n3 instance-manager im-n3", "runs", "has no lhnet1")],
    ),
    "a backing-image-manager that does not run": (
        audit(
            cluster=cluster(
                longhorn={
                    "unsettled": [],
                    "pods": [
                        *CLUSTER["longhorn"]["pods"],
                        pod(
                            "n3", name="bim", component="backing-image-manager", running=False, problem="is not Running"
                        ),
                    ],
                }
            )
        ),
        [("longhorn_pod", "node n3 backing-image-manager bim", "runs", "is not Running")],
    ),
    "a node without an instance-manager": (
        audit(cluster=cluster(longhorn={"unsettled": [], "pods": CLUSTER["longhorn"]["pods"][:2]})),
        [("instance_manager", "node n3", "yes", "none that runs")],
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_is_broken_is_found_and_nothing_else(name: str) -> None:
    given, expected = FAILING[name]
    failed = [check for check in checks(given) if not check.passed]
    assert [(check.id, check.where, check.expected, check.seen) for check in failed] == expected
    assert [check.where for check in failed if not check.remedy] == []


def test_a_healthy_cluster_fails_no_check_and_makes_every_one() -> None:
    found = checks(audit())
    assert [check for check in found if not check.passed or check.remedy] == []
    broken = {expected[0] for _given, failures in FAILING.values() for expected in failures}
    assert broken <= {check.id for check in found}


def test_every_kind_of_check_is_seen_failing() -> None:
    """So that a new check comes with a row."""
    made = {check.id for check in checks(audit())}
    assert made - {expected[0] for _given, failures in FAILING.values() for expected in failures} == set()


def test_no_check_is_made_twice() -> None:
    counts = Counter((check.id, check.what, check.where) for check in checks(audit()))
    assert [key for key, count in counts.items() if count > 1] == []


def test_without_an_api_only_hosts_are_judged() -> None:
    rules = {check.id for check in checks(audit(cluster=None))}
    assert rules == {
        "reached",
        "mgmt_mtu",
        "mgmt_bond_vlans",
        "mgmt_bridge_vlans",
        "mgmt_vlans_live",
        "flannel",
        "installed",
        "arp_ignore",
        "bond_health",
        "port_mtu",
    }
    assert not set(OF_HOSTS) & set(OF_CLUSTER)


def test_a_storage_network_that_is_off_has_one_check() -> None:
    given = audit(cluster=cluster(storage_network={"enabled": False}))
    assert [check.id for check in checks(given) if check.where == "setting storage-network"] == ["storage_settled"]


def test_a_witness_has_no_cluster_network_and_no_instance_manager() -> None:
    witness = host("n4", links=[item for item in links(4) if not item["name"].startswith("vmnet")], installed=None)
    given = audit(witness, cluster=cluster(nodes=[*CLUSTER["nodes"], node("n4", roles=["witness"])]))
    assert [check for check in checks(given) if not check.passed] == []


def test_nothing_is_compared_with_a_flannel_that_no_node_has() -> None:
    given = audit(*(host(name, links=without(name, "flannel.1")) for name in NODES))
    assert "flannel" not in {check.id for check in checks(given)}


def test_an_overlay_is_no_business_of_the_bridge() -> None:
    item = vm_network("pods", "mgmt", type="overlay", vlan_id=None, mtu=1400)
    given = audit(cluster=cluster(vm_networks=[*CLUSTER["vm_networks"], item]))
    assert [check for check in checks(given) if not check.passed] == []


def test_an_annotation_0_on_hosts_at_1500_is_what_it_means() -> None:
    """Harvester takes it; its VM networks then have MTU 0, which module network_info reads as what it means, too."""
    small = [{**link, "mtu": {9000: 1500, 8950: 1450}.get(link["mtu"], link["mtu"])} for link in links(1)]
    hosts = [host(name, links=[{**link} for link in small], installed=None) for name in NODES]
    mgmt = networks({"mtu": 1500, "uplink_mtu": "0"})[0]
    given = audit(*hosts, cluster=cluster(cluster_networks=[mgmt], network_configs=[], vm_networks=[]))
    (check,) = [check for check in checks(given) if check.id == "mgmt_annotation"]
    assert (check.expected, check.seen, check.passed) == ("1500", "0, which means 1500", True)


REPAIRS = {
    "a port with another MTU than its bond": "on n1: ip link set eno2 mtu 9000",
    "a node with another MTU on one device": (
        "ansible-playbook harvester.network.mgmt_network -i inventory --limit n2, with harvester_mgmt.mtu=9000"
    ),
    "a host network configuration at the old MTU": (
        "delete host network configuration backup and create it again: it does not follow its network"
    ),
    "links at the old MTU": (
        "ansible-playbook harvester.network.cluster_network -i inventory, with uplink.mtu given for vmnet"
    ),
    "arp_ignore": "set it to 0 or 1, for 'all' as well (/etc/sysctl.d/90.conf line 3)",
    "a pod without an address": (
        "kubectl -n longhorn-system delete pod im-n3, once volumes are healthy without node n3"
    ),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_what_repairs_it(name: str) -> None:
    assert [check.remedy for check in checks(FAILING[name][0]) if not check.passed] == [REPAIRS[name]]


def test_every_playbook_that_a_remedy_names_is_there() -> None:
    remedies = " ".join(check.remedy for given, _failures in FAILING.values() for check in checks(given))
    named = set(re.findall(r"harvester\.network\.(\w+)", remedies))
    assert named
    assert {name for name in named if not (ROOT / f"playbooks/{name}.yml").exists()} == set()


@pytest.mark.parametrize(
    ("values", "preferred", "expected"),
    [([1500, 9000, 9000], None, 9000), ([1500, 9000], None, 9000), ([1500, 9000], 1500, 1500), ([], 9000, None)],
)
def test_the_usual_value(values: list[int], preferred: int | None, expected: int | None) -> None:
    assert usual(values, preferred) == expected
