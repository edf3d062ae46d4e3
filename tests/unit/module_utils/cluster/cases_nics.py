# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: our rules about NICs."""

from __future__ import annotations

from cluster_objects import config, having, lacking, link, monitor, nics, patch, put, uplink
from rule_case import case

B = {"rack": "b"}


def on_n3(*names, network="cn2"):
    return put(config("x", network, names, B))


def on_all(*names):
    return put(config("x", "cn2", names))


BARE = having(monitor("nic", {"n1": nics(True), "n2": [link("eno1", 2, 10)], "n3": nics(False)}))
USED = having(config("y", "cn2", ["eno4"], B, matched=["n3"]))
WIDER = patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": None}})
RENAMED = having(monitor("nic", {"n1": [link("eno3np0", 4, 20)], "n2": nics(True), "n3": nics(False)}))
TEAMED = having(monitor("nic", {"n3": [link("eno4", 5, 30)]}))
LABELLED = having(monitor("cn3", {"n3": [link("team0", 30)]}), on=TEAMED)
DOWN_IN_PLACE = having(monitor("nic", {name: [link("eno3", 4, 20, "down"), link("eno4", 5)] for name in ("n1", "n2")}))
AGENT_CONFIG = having(
    config("mgmt-vlanconfig-n3", "mgmt", ["eno6"], matched=["n3"]),
)

CASES = [
    case(
        "config-no-nics",
        "an empty list",
        on_n3(),
        "network configuration 'x': its uplink has no NICs; name at least one NIC",
    ),
    case(
        "config-no-nics",
        "no list",
        put(config("x", "cn2", None, B)),
        "network configuration 'x': its uplink has no NICs; name at least one NIC",
    ),
    case(
        "config-no-nics",
        "all taken away",
        uplink("rack-a", nics=[]),
        "network configuration 'rack-a': its uplink has no NICs; name at least one NIC",
    ),
    case("config-no-nics", "one", on_n3("eno4")),
    case(
        "config-nic-twice",
        "twice",
        on_n3("eno4", "eno4"),
        "network configuration 'x': NIC 'eno4' is named more than once; name it once",
    ),
    case("config-nic-twice", "two", on_n3("eno4", "eno6")),
    case(
        "config-nic-unknown",
        "no entry",
        on_n3("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n3: LinkMonitor 'nic' tells nothing of the "
            "node; see that the node's network agent runs"
        ),
        on=having(monitor("nic", {"n1": nics(True)})),
    ),
    case(
        "config-nic-unknown",
        "no LinkMonitor",
        on_n3("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n3: LinkMonitor 'nic' tells nothing of the "
            "node; see that the node's network agent runs"
        ),
        on=lacking("linkmonitors/nic"),
    ),
    case("config-nic-unknown", "an entry", on_n3("eno4")),
    case(
        "config-nic-missing",
        "on its node",
        on_n3("eno9"),
        (
            "network configuration 'x': NIC 'eno9' cannot be used on node n3: the node has no such NIC; make a "
            "configuration of their own for nodes with other NICs"
        ),
    ),
    case(
        "config-nic-missing",
        "on some nodes",
        on_all("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n2: the node has no such NIC; make a "
            "configuration of their own for nodes with other NICs"
        ),
        on=BARE,
    ),
    case(
        "config-nic-missing",
        "on two nodes",
        on_all("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on nodes n2 and n3: the node has no such NIC; make "
            "a configuration of their own for nodes with other NICs"
        ),
        on=having(monitor("nic", {"n1": nics(True), "n2": [], "n3": []})),
    ),
    case(
        "config-nic-missing",
        "renamed meanwhile",
        uplink("rack-a", linkAttributes={"mtu": 1500}),
        (
            "network configuration 'rack-a': NIC 'eno3' cannot be used on node n1: the node has no such NIC; make a "
            "configuration of their own for nodes with other NICs"
        ),
        on=RENAMED,
    ),
    case(
        "config-nic-missing",
        "on a node that joins",
        WIDER,
        (
            "network configuration 'rack-a': NIC 'eno3' cannot be used on node n3: the node has no such NIC; make a "
            "configuration of their own for nodes with other NICs"
        ),
        on=having(monitor("nic", {"n1": nics(True), "n2": nics(True), "n3": []})),
    ),
    case(
        "config-nic-missing",
        "nothing that concerns NICs",
        patch("vlanconfigs", "rack-a", {"spec": {"description": "x"}}),
        on=RENAMED,
    ),
    case("config-nic-missing", "there", on_n3("eno4")),
    case(
        "config-nic-down",
        "down",
        on_n3("eno5"),
        (
            "network configuration 'x': NIC 'eno5' cannot be used on node n3: it is down; look at its cable and "
            "switch port, or leave it out"
        ),
    ),
    case(
        "config-nic-down",
        "unknown is not down",
        on_n3("eno4"),
        on=having(monitor("nic", {"n3": [link("eno4", 5, state="unknown")]})),
    ),
    case("config-nic-down", "its own, in place", uplink("rack-a", linkAttributes={"mtu": 1500}), on=DOWN_IN_PLACE),
    case("config-nic-down", "up", on_n3("eno4")),
    case(
        "config-nic-port",
        "of a device that is not known",
        on_n3("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n3: it is a port of the link with index "
            "30; free it, or use another NIC"
        ),
        on=TEAMED,
    ),
    case(
        "config-nic-port",
        "of a device that is known",
        on_n3("eno4"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n3: it is a port of team0; free it, or use "
            "another NIC"
        ),
        on=LABELLED,
    ),
    case(
        "config-nic-port",
        "left behind by a configuration",
        put(config("x", "cn2", ["eno3"], {"kubernetes.io/hostname": "n1"})),
        (
            "network configuration 'x': NIC 'eno3' cannot be used on node n1: it is a port of cn1-bo; free it, or "
            "use another NIC"
        ),
        on=lacking("vlanconfigs/rack-a"),
    ),
    case("config-nic-port", "its own bond", uplink("rack-a", nics=["eno3", "eno4"])),
    case(
        "config-nic-port",
        "its own bond, made again after it was left behind",
        put(config("again", selector={"kubernetes.io/hostname": "n1"})),
        on=lacking("vlanconfigs/rack-a", "vlanstatuses/cn1-n1-0"),
    ),
    case(
        "config-nic-used",
        "by another cluster network",
        put(config("x", "cn2", ["eno3"], {"rack": "a"})),
        (
            "network configuration 'x': NIC 'eno3' cannot be used on nodes n1 and n2: network configuration 'rack-a' "
            "of cluster network 'cn1' uses it; take it out of that configuration first, or use another NIC"
        ),
    ),
    case(
        "config-nic-used",
        "by a sibling",
        on_n3("eno4", network="cn1"),
        (
            "network configuration 'x': NIC 'eno4' cannot be used on node n3: network configuration 'y' of cluster "
            "network 'cn2' uses it; take it out of that configuration first, or use another NIC"
        ),
        on=USED,
    ),
    case("config-nic-used", "on another node", put(config("x", "cn2", ["eno3"], B))),
    case(
        "config-nic-used",
        "by one that is being deleted",
        on_n3("eno4", network="cn1"),
        on=having(config("y", "cn2", ["eno4"], B, matched=["n3"], deleting=True)),
    ),
    case(
        "config-nic-mgmt",
        "a NIC",
        on_n3("eno1"),
        (
            "network configuration 'x': NIC 'eno1' cannot be used on node n3: it carries the management network; use "
            "another NIC; taking this one cuts the node off"
        ),
    ),
    case(
        "config-nic-mgmt",
        "the bond",
        on_n3("mgmt-bo"),
        (
            "network configuration 'x': NIC 'mgmt-bo' cannot be used on node n3: it is a device of the management "
            "network; use another NIC; taking this one cuts the node off"
        ),
    ),
    case(
        "config-nic-mgmt",
        "a VLAN of the bridge",
        on_n3("mgmt-br.2017"),
        (
            "network configuration 'x': NIC 'mgmt-br.2017' cannot be used on node n3: it is a device of the "
            "management network; use another NIC; taking this one cuts the node off"
        ),
    ),
    case(
        "config-nic-mgmt",
        "one that the agent's configuration names",
        on_n3("eno6"),
        (
            "network configuration 'x': NIC 'eno6' cannot be used on node n3: it carries the management network; use "
            "another NIC; taking this one cuts the node off"
        ),
        on=AGENT_CONFIG,
        version="1.9",
    ),
    case("config-nic-mgmt", "another NIC", on_n3("eno4")),
    case(
        "config-nic-device",
        "a bond",
        on_n3("cn1-bo"),
        (
            "network configuration 'x': NIC 'cn1-bo' cannot be used on node n3: it is a device of cluster network "
            "'cn1'; name physical NICs"
        ),
    ),
    case(
        "config-nic-device",
        "a bridge",
        on_n3("cn1-br"),
        (
            "network configuration 'x': NIC 'cn1-br' cannot be used on node n3: it is a device of cluster network "
            "'cn1'; name physical NICs"
        ),
    ),
    case(
        "config-nic-device",
        "a NIC that is only called so",
        on_n3("sfp-bo"),
        on=having(monitor("nic", {"n3": [link("sfp-bo", 8)]})),
    ),
]
