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
    case("hostnetworkconfig-served", "1.7", put(host_config("x")), "?", version="1.7.3"),
    case("hostnetworkconfig-served", "1.8", put(host_config("x"))),
    case("hostnetworkconfig-fields", "none of them", put(host_config("x", "", 0, "")), "?", "?", "?"),
    case("hostnetworkconfig-fields", "4095", put(host_config("x", vid=4095)), "?"),
    case("hostnetworkconfig-fields", "all of them", put(host_config("x"))),
    case("hostnetworkconfig-ips", "static without", put(host_config("x", mode="static")), "?"),
    case(
        "hostnetworkconfig-ips",
        "no prefix length",
        put(host_config("x", mode="static", ips={"n1": "10.9.0.1", "n2": "x/24"})),
        "?",
        "?",
    ),
    case(
        "hostnetworkconfig-ips", "501", put(host_config("x", ips={"n%d" % n: "10.9.0.1/16" for n in range(501)})), "?"
    ),
    case("hostnetworkconfig-ips", "static", put(host_config("x", mode="static", ips=STATIC))),
    case("hostnetworkconfig-name", "16 characters", put(host_config("x", "abcdefghi", 2030)), "?"),
    case("hostnetworkconfig-name", "15 characters", put(host_config("x", "abcdefg", 2030))),
    case("hostnetworkconfig-network", "unknown", put(host_config("x", "cn9")), "?"),
    case("hostnetworkconfig-network", "mgmt", put(host_config("x"))),
    case("hostnetworkconfig-fixed", "another VLAN", spec("hosts", {"vlanID": 7}, ONE), "?", on=ONE),
    case("hostnetworkconfig-fixed", "another network", spec("hosts", {"clusterNetwork": "cn1"}, ONE), "?", on=ONE),
    case("hostnetworkconfig-fixed", "another mode", spec("hosts", {"mode": "static", "ips": STATIC}, ONE), on=ONE),
    case(
        "hostnetworkconfig-overlay-vms",
        "switched off",
        spec("under", {"underlay": False}, OVERLAY_VM),
        "?",
        on=OVERLAY_VM,
    ),
    case("hostnetworkconfig-overlay-vms", "no such VM", spec("under", {"underlay": False}, UNDER), on=UNDER),
    case("hostnetworkconfig-one-underlay", "a second", put(host_config("x", underlay=True)), "?", on=UNDER),
    case("hostnetworkconfig-one-underlay", "no underlay", put(host_config("x")), on=UNDER),
    case(
        "hostnetworkconfig-one-underlay", "its own", spec("under", {"mode": "static", "ips": STATIC}, UNDER), on=UNDER
    ),
    case("hostnetworkconfig-duplicate", "the same VLAN", put(host_config("x")), "?", on=ONE),
    case("hostnetworkconfig-duplicate", "another VLAN", put(host_config("x", vid=7)), on=ONE),
    case("hostnetworkconfig-duplicate", "another network", put(host_config("x", "cn1")), on=ONE),
    case(
        "hostnetworkconfig-static",
        "two nodes forgotten",
        put(host_config("x", mode="static", ips={"n1": "10.9.0.1/24", "n2": "10.9.0.2/24"})),
        "?",
        "?",
    ),
    case(
        "hostnetworkconfig-static",
        "two subnets",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.8.0.3/24"})),
        "?",
    ),
    case(
        "hostnetworkconfig-static",
        "two lengths",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.9.0.3/23"})),
        "?",
    ),
    case(
        "hostnetworkconfig-static",
        "selected nodes only",
        put(host_config("x", mode="static", nodeSelector=RACK_A, ips={"n1": "10.9.0.1/24", "n2": "10.9.0.2/24"})),
    ),
    case("hostnetworkconfig-ready", "no status", put(host_config("x", "cn2")), "?"),
    case("hostnetworkconfig-ready", "one not ready", put(host_config("x", "cn1", nodeSelector=RACK_A)), "?", on=DOWN),
    case("hostnetworkconfig-ready", "ready", put(host_config("x", "cn1", nodeSelector=RACK_A))),
    case("hostnetworkconfig-ready", "mgmt", put(host_config("x"))),
    case("hostnetworkconfig-underlay", "a node without the network", put(host_config("x", "cn1", underlay=True)), "?"),
    case("hostnetworkconfig-underlay", "no configuration", put(host_config("x", "cn2", underlay=True)), "?"),
    case(
        "hostnetworkconfig-underlay", "selected nodes", put(host_config("x", nodeSelector=RACK_A, underlay=True)), "?"
    ),
    case("hostnetworkconfig-underlay", "everywhere", put(host_config("x", "cn1", underlay=True)), on=WIDE),
    case("hostnetworkconfig-underlay", "mgmt", put(host_config("x", underlay=True))),
    case("hostnetworkconfig-delete", "an underlay", delete("hostnetworkconfigs", "under"), "?", on=UNDER),
    case("hostnetworkconfig-delete", "another", delete("hostnetworkconfigs", "hosts"), on=ONE),
    # ours
    case("host-config-vlan-profile", "on one host", put(host_config("x")), "?", on=PROFILES),
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
        "?",
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
        "?",
    ),
    case("host-config-inactive", "all have it", put(host_config("x", "cn1", nodeSelector=RACK_A))),
    case("host-config-inactive", "mgmt", put(host_config("x"))),
    case(
        "host-config-address-twice",
        "on two nodes",
        put(host_config("x", mode="static", ips={**STATIC, "n3": "10.9.0.1/24"})),
        "?",
    ),
    case("host-config-address-twice", "one each", put(host_config("x", mode="static", ips=STATIC))),
]
