# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host network configurations: Harvester's rules and ours."""

from __future__ import annotations

from cluster_objects import (
    OBJECTS,
    config,
    delete,
    having,
    host_config,
    nad,
    patch,
    put,
    snapshot,
    status,
    vm,
)
from rule_case import case

STATIC = {"n1": "10.9.0.1/24", "n2": "10.9.0.2/24", "n3": "10.9.0.3/24", "w1": "10.9.0.4/24"}
RACK_A = {
    "matchLabels": {"rack": "a"},
    "matchExpressions": [{"key": "node-role.harvesterhci.io/witness", "operator": "DoesNotExist"}],
}
ONE = having(host_config("hosts"))
UNDER = having(host_config("under", vid=2031, underlay=True))
OVERLAY_VM = having(nad("over", "mgmt", None, type="kube-ovn"), vm("vm9", "over"), on=UNDER)
DOWN = having(status("cn1", "rack-a", "n2", up=False, message="get link eno3 failed"))
WIDE = having(config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"]))
PROFILES = snapshot(*OBJECTS, vlans={"n1": ["mgmt-br.2030"], "n3": ["mgmt-br.2031"]})


def spec(name, values, on):
    return patch("hostnetworkconfigs", name, {"spec": values}, on=on)


CASES = [
    case(
        "hostnetworkconfig-served",
        "1.7",
        put(host_config("x")),
        (
            "host network configuration 'x': Harvester 1.7.3 does not serve HostNetworkConfig, which came with 1.8; "
            "add the VLAN on the hosts (playbook mgmt_vlans), or upgrade first"
        ),
        version="1.7.3",
    ),
    case(
        "hostnetworkconfig-served",
        "1.7, not on mgmt",
        put(host_config("x", "cn1")),
        (
            "host network configuration 'x': Harvester 1.7.3 does not serve HostNetworkConfig, which came with 1.8; "
            "upgrade first"
        ),
        version="1.7.3",
    ),
    case(
        "hostnetworkconfig-served",
        "1.6, where no host is changed",
        put(host_config("x")),
        (
            "host network configuration 'x': Harvester 1.6.1 does not serve HostNetworkConfig, which came with 1.8; "
            "upgrade first"
        ),
        version="1.6.1",
    ),
    case("hostnetworkconfig-served", "1.8", put(host_config("x"))),
    case(
        "hostnetworkconfig-fields",
        "none of them",
        put(host_config("x", "", 0, "")),
        (
            "host network configuration 'x': spec.clusterNetwork: Required value; name a cluster network, mgmt for "
            "the management network"
        ),
        "host network configuration 'x': spec.vlanID: Invalid value: 0: it must be within 1..4094; give a VLAN id",
        "host network configuration 'x': spec.mode: Unsupported value: \"\"; give static or dhcp",
    ),
    case(
        "hostnetworkconfig-fields",
        "4095",
        put(host_config("x", vid=4095)),
        "host network configuration 'x': spec.vlanID: Invalid value: 4095: it must be within 1..4094; give a VLAN id",
    ),
    case("hostnetworkconfig-fields", "all of them", put(host_config("x"))),
    case(
        "hostnetworkconfig-ips",
        "static without",
        put(host_config("x", mode="static")),
        (
            "host network configuration 'x': spec.ips must be specified and non-empty when mode is static; give each "
            "node an address such as 10.1.2.3/24"
        ),
    ),
    case(
        "hostnetworkconfig-ips",
        "no prefix length",
        put(host_config("x", mode="static", ips={"n1": "10.9.0.1", "n2": "x/24"})),
        (
            "host network configuration 'x': spec.ips[n1]: Invalid value: \"10.9.0.1\": Invalid CIDR format; give an "
            "address with its prefix length, such as 10.1.2.3/24"
        ),
        (
            "host network configuration 'x': spec.ips[n2]: Invalid value: \"x/24\": Invalid CIDR format; give an "
            "address with its prefix length, such as 10.1.2.3/24"
        ),
    ),
    case(
        "hostnetworkconfig-ips",
        "501",
        put(host_config("x", ips={"n%d" % n: "10.9.0.1/16" for n in range(501)})),
        "host network configuration 'x': spec.ips: Too many: 501: must have at most 500 items; use mode dhcp",
    ),
    case("hostnetworkconfig-ips", "static", put(host_config("x", mode="static", ips=STATIC))),
    case(
        "hostnetworkconfig-name",
        "16 characters",
        put(host_config("x", "abcdefghi", 2030)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because the host network interface "
            "name abcdefghi-br.2030 is longer than 15 characters; use a cluster network with a shorter name, or a "
            "VLAN id with fewer digits"
        ),
    ),
    case("hostnetworkconfig-name", "15 characters", put(host_config("x", "abcdefg", 2030))),
    case(
        "hostnetworkconfig-network",
        "unknown",
        put(host_config("x", "cn9")),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because it refers to a none-existing "
            "cluster network cn9; create cluster network 'cn9' first"
        ),
    ),
    case("hostnetworkconfig-network", "mgmt", put(host_config("x"))),
    case(
        "hostnetworkconfig-fixed",
        "another VLAN",
        spec("hosts", {"vlanID": 7}, ONE),
        (
            "host network configuration 'hosts': can't update hostnetworkConfig hosts because cannot update "
            "clusterNetwork or vlanID field; delete it and create a new one"
        ),
        on=ONE,
    ),
    case(
        "hostnetworkconfig-fixed",
        "another network",
        spec("hosts", {"clusterNetwork": "cn1"}, ONE),
        (
            "host network configuration 'hosts': can't update hostnetworkConfig hosts because cannot update "
            "clusterNetwork or vlanID field; delete it and create a new one"
        ),
        on=ONE,
    ),
    case("hostnetworkconfig-fixed", "another mode", spec("hosts", {"mode": "static", "ips": STATIC}, ONE), on=ONE),
    case(
        "hostnetworkconfig-overlay-vms",
        "switched off",
        spec("under", {"underlay": False}, OVERLAY_VM),
        (
            "host network configuration 'under': can't update hostnetworkConfig under because it's still used by "
            "VM(s) default/vm9 which must remove the related networks and interfaces; take the overlay networks out "
            "of these VMs first"
        ),
        on=OVERLAY_VM,
    ),
    case("hostnetworkconfig-overlay-vms", "no such VM", spec("under", {"underlay": False}, UNDER), on=UNDER),
    case(
        "hostnetworkconfig-one-underlay",
        "a second",
        put(host_config("x", underlay=True)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because hostnetworkconfig under "
            "already exists for cluster network mgmt vlanid 2031 with underlay enabled; disable the underlay of host "
            "network configuration 'under' first"
        ),
        on=UNDER,
    ),
    case("hostnetworkconfig-one-underlay", "no underlay", put(host_config("x")), on=UNDER),
    case(
        "hostnetworkconfig-one-underlay", "its own", spec("under", {"mode": "static", "ips": STATIC}, UNDER), on=UNDER
    ),
    case(
        "hostnetworkconfig-duplicate",
        "the same VLAN",
        put(host_config("x")),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because hostnetworkconfig hosts "
            "already exists for cluster network mgmt with vlanID 2030; change host network configuration 'hosts' "
            "instead"
        ),
        on=ONE,
    ),
    case("hostnetworkconfig-duplicate", "another VLAN", put(host_config("x", vid=7)), on=ONE),
    case("hostnetworkconfig-duplicate", "another network", put(host_config("x", "cn1")), on=ONE),
    case(
        "hostnetworkconfig-static",
        "two nodes forgotten",
        put(host_config("x", mode="static", ips={"n1": "10.9.0.1/24", "n2": "10.9.0.2/24"})),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because static IP not found for node "
            "n3; give it an address in spec.ips"
        ),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because static IP not found for node "
            "w1; give it an address in spec.ips"
        ),
    ),
    case(
        "hostnetworkconfig-static",
        "two subnets",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.8.0.3/24"})),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because static IPs are not in the same "
            "subnet: 10.8.0.0/24, 10.9.0.0/24; give addresses of one subnet with one prefix length"
        ),
    ),
    case(
        "hostnetworkconfig-static",
        "two lengths",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.9.0.3/23"})),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because static IPs are not in the same "
            "subnet: 10.9.0.0/23, 10.9.0.0/24; give addresses of one subnet with one prefix length"
        ),
    ),
    case(
        "hostnetworkconfig-static",
        "selected nodes only",
        put(host_config("x", mode="static", nodeSelector=RACK_A, ips={"n1": "10.9.0.1/24", "n2": "10.9.0.2/24"})),
    ),
    case(
        "hostnetworkconfig-ready",
        "no status",
        put(host_config("x", "cn2")),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because vlan status not present for "
            "cluster network cn2; give cluster network 'cn2' a network configuration first"
        ),
    ),
    case(
        "hostnetworkconfig-ready",
        "one not ready",
        put(host_config("x", "cn1", nodeSelector=RACK_A)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because vs cn1-n2-0 status is not "
            "Ready; repair the uplink on node n2: get link eno3 failed"
        ),
        on=DOWN,
    ),
    case("hostnetworkconfig-ready", "ready", put(host_config("x", "cn1", nodeSelector=RACK_A))),
    case("hostnetworkconfig-ready", "mgmt", put(host_config("x"))),
    case(
        "hostnetworkconfig-underlay",
        "a node without the network",
        put(host_config("x", "cn1", underlay=True)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because vlanconfig does not span n3; "
            "give cluster network 'cn1' a network configuration there"
        ),
    ),
    case(
        "hostnetworkconfig-underlay",
        "no configuration",
        put(host_config("x", "cn2", underlay=True)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because vlan config not present for "
            "cluster network cn2; give the cluster network configurations for all nodes first"
        ),
    ),
    case(
        "hostnetworkconfig-underlay",
        "selected nodes",
        put(host_config("x", nodeSelector=RACK_A, underlay=True)),
        (
            "host network configuration 'x': can't create hostnetworkConfig x because node selector does not match "
            "all nodes; leave spec.nodeSelector out; it does not match n3 and w1"
        ),
    ),
    case("hostnetworkconfig-underlay", "everywhere", put(host_config("x", "cn1", underlay=True)), on=WIDE),
    case("hostnetworkconfig-underlay", "mgmt", put(host_config("x", underlay=True))),
    case(
        "hostnetworkconfig-delete",
        "an underlay",
        delete("hostnetworkconfigs", "under"),
        (
            "host network configuration 'under': can't delete hostnetworkConfig under because underlay is enabled, "
            "disable underlay first; set spec.underlay to false first"
        ),
        on=UNDER,
    ),
    case("hostnetworkconfig-delete", "another", delete("hostnetworkconfigs", "hosts"), on=ONE),
    # ours
    case(
        "host-config-vlan-profile",
        "on one host",
        put(host_config("x")),
        (
            "host network configuration 'x': a VLAN profile of NetworkManager already makes mgmt-br.2030 on node n1; "
            "remove the profile first (playbook mgmt_vlans), or keep it and leave this out"
        ),
        on=PROFILES,
    ),
    case("host-config-vlan-profile", "another VLAN", put(host_config("x", vid=7)), on=PROFILES),
    case(
        "host-config-vlan-profile",
        "on hosts that are not selected",
        put(host_config("x", vid=2031, nodeSelector=RACK_A)),
        on=PROFILES,
    ),
    case(
        "host-config-no-node",
        "nothing matches",
        put(host_config("x", nodeSelector={"matchLabels": {"rack": "z"}})),
        (
            "host network configuration 'x': its selector matches no node; correct spec.nodeSelector, or leave it "
            "out for all nodes"
        ),
    ),
    case("host-config-no-node", "all nodes", put(host_config("x", nodeSelector={}))),
    case(
        "host-config-inactive",
        "one node lacks it",
        put(
            host_config(
                "x", "cn1", nodeSelector={"matchExpressions": [{"key": "rack", "operator": "In", "values": ["a", "b"]}]}
            )
        ),
        (
            "host network configuration 'x': cluster network 'cn1' is not active on nodes n3 and w1; select only "
            "nodes of a network configuration of it"
        ),
    ),
    case("host-config-inactive", "all have it", put(host_config("x", "cn1", nodeSelector=RACK_A))),
    case("host-config-inactive", "mgmt", put(host_config("x"))),
    case(
        "host-config-address-twice",
        "on two nodes",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.9.0.1/24"})),
        "host network configuration 'x': address 10.9.0.1 is given to n1 and n3; give each node its own",
    ),
    case("host-config-address-twice", "one each", put(host_config("x", mode="static", ips=STATIC))),
]
