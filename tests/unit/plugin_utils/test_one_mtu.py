# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU that is the cluster's where Harvester has noted none: who may be brought to it, and what is told else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._one_mtu import BY_HAND, FILE, installed, refusal


def host(mtu: int, **others: int) -> dict[str, Any]:
    """What profile_info says; others: devices that have another MTU, underscores for dashes."""
    given = {name.replace("_", "-"): value for name, value in others.items()}
    address = {"address": "192.0.2.11/24", "managed": True, "scope": "global"}
    return {
        "links": [
            {"name": name, "mtu": given.get(name, mtu), "addresses": [address] if name == "mgmt-br.2017" else []}
            for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017", "mgmt-br.2030")
        ]
    }


NODES = [{"name": name} for name in ("n1", "n2", "n3")]
NONE: dict[str, Any] = {"cluster_networks": [{"mtu": 1500, "uplink_mtu": None}], "nodes": NODES}
NOTED: dict[str, Any] = {"cluster_networks": [{"mtu": 9000, "uplink_mtu": "9000"}], "nodes": NODES}
JUMBO = {"n1": host(9000), "n2": host(9000), "n3": host(1500)}
SINGLE = {"n1": host(1500), "n2": host(1500), "n3": host(9000)}
HEAD = "n3: harvester_mgmt: mtu=%d: the management network of the cluster has %s; nodes with another MTU lose large"
NO_SINGLE = (
    "n3: harvester_mgmt: mtu=9000: annotation uplink-mtu of cluster network mgmt is missing, so the cluster's MTU is"
    " what all other nodes have, and they have no single one:\n%s\n%s. Nothing was changed."
)
SEE = "See that every node of the cluster is in harvester_nodes and answers"
ALL = "mgmt-bo 9000, mgmt-br 9000, mgmt-br.2017 9000"

# Result of network_info, what is on the hosts, the MTU that n3 is to have, and the message.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], int, str]] = {
    "the annotation's": (NOTED, {}, 9000, ""),
    "not the annotation's": (
        NOTED,
        {},
        1500,
        HEAD
        % (1500, "9000 (annotation uplink-mtu)")
        + " packets silently. Change all of them with playbook mgmt_mtu (change_mtu_from=9000, change_mtu_to=1500), or"
        " give 9000 here. Nothing was changed.",
    ),
    "no annotation, brought to what all others have": (NONE, JUMBO, 9000, ""),
    "no annotation, away from what all others have": (
        NONE,
        JUMBO,
        1500,
        HEAD
        % (1500, "9000 (all other nodes; Harvester has not noted it, annotation uplink-mtu is missing)")
        + " packets silently. Have it noted with playbook mgmt_mtu_annotate, then change all with playbook mgmt_mtu"
        " (change_mtu_from=9000, change_mtu_to=1500), or give 9000 here. Nothing was changed.",
    ),
    "no annotation, back to the default of all others": (NONE, SINGLE, 1500, ""),
    "no annotation, away from the default": (
        NONE,
        SINGLE,
        9000,
        HEAD
        % (9000, "1500 (no annotation uplink-mtu, and all other nodes)")
        + " packets silently. Change all of them with playbook mgmt_mtu (change_mtu_from=1500, change_mtu_to=9000), or"
        " give 1500 here. Nothing was changed.",
    ),
    "no annotation, others differ": (
        NONE,
        {**JUMBO, "n2": host(9000, mgmt_br=1500)},
        9000,
        NO_SINGLE % (f"  n1: {ALL}\n  n2: mgmt-bo 9000, mgmt-br 1500, mgmt-br.2017 9000", BY_HAND),
    ),
    "no annotation, a node that could not be read": (
        NONE,
        {**JUMBO, "n2": {"unreachable": True}},
        9000,
        NO_SINGLE % (f"  n1: {ALL}\n  n2: could not be read", SEE),
    ),
    "no annotation, a node that is not in the inventory": (
        NONE,
        {"n1": host(9000), "n3": host(1500)},
        9000,
        NO_SINGLE % (f"  n1: {ALL}\n  1 more nodes of the cluster are not in harvester_nodes", SEE),
    ),
    "a single node without annotation": ({**NONE, "nodes": NODES[2:]}, {"n3": host(9000)}, 1500, ""),
    "no such cluster network": ({"cluster_networks": []}, {}, 9000, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_node_may_get_the_mtu_of_the_cluster_only(name: str) -> None:
    known, seen, wanted, message = CASES[name]
    assert refusal(known, seen, "n3", wanted) == message


GOOD = {"mgmt-bo": 9000, "bond-mgmt": 9000, FILE: 9000}
BACK = (
    "Bring devices and profiles of n3 to 9000 with ansible-playbook harvester.network.mgmt_network --limit n3, with"
    " harvester_mgmt.mtu=9000."
)
AGAIN = " Then run this playbook again."

INSTALLED: dict[str, tuple[dict[str, dict[str, Any]], int, str]] = {
    "one": ({"n1": GOOD, "n2": GOOD}, 9000, ""),
    "the default in three ways": ({"n1": {"mgmt-bo": 1500, "bond-mgmt": None, FILE: 0}}, 1500, ""),
    "one node differs": ({"n1": GOOD, "n2": GOOD, "n3": {**GOOD, "mgmt-bo": 1500}}, 0, BACK + AGAIN),
    "the file of one node differs": (
        {"n1": GOOD, "n2": GOOD, "n3": {**GOOD, FILE: 1500}},
        0,
        f"Edit {FILE} of n3: mtu of its management interface is to be 9000." + AGAIN,
    ),
    "the node and its file": (
        {"n1": GOOD, "n2": GOOD, "n3": dict.fromkeys(GOOD, 1500)},
        0,
        BACK + f" Edit {FILE} of n3: mtu of its management interface is to be 9000." + AGAIN,
    ),
    "two of two differ": ({"n1": GOOD, "n2": dict.fromkeys(GOOD, 1500)}, 0, BY_HAND + "."),
    "two of five differ": (
        {**dict.fromkeys(("n1", "n2", "n3"), GOOD), **dict.fromkeys(("n4", "n5"), dict.fromkeys(GOOD, 1500))},
        0,
        BY_HAND + ".",
    ),
}


@pytest.mark.parametrize("name", INSTALLED)
def test_the_mtu_of_the_installation(name: str) -> None:
    mtus, wanted, remedy = INSTALLED[name]
    found = installed(mtus)
    assert found["mtu"] == wanted
    if not remedy:
        assert found["refusal"] == ""
        return
    head, *rows = found["refusal"].splitlines()
    assert head == "The management network has no single MTU, so Harvester cannot be told one:"
    assert [row.split(":")[0].strip() for row in rows[:-1]] == list(mtus)
    assert rows[-1] == remedy


def test_the_table_shows_every_place() -> None:
    differing = {**GOOD, "bond-mgmt": None}
    assert f"  n2: mgmt-bo 9000, bond-mgmt 1500, {FILE} 9000\n" in installed({"n1": GOOD, "n2": differing})["refusal"]
