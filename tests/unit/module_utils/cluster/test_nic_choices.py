# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which NICs can be chosen for a selection of nodes, and per node why not the others."""

from __future__ import annotations

import pytest
from cluster_objects import BASE, config, having, lacking, link, monitor, nics

from ansible_collections.harvester.network.plugins.module_utils.cluster import _nics

MGMT = "it carries the management network"
USED = "network configuration 'rack-a' of cluster network 'cn1' uses it"


@pytest.mark.parametrize(
    ("nodes", "network", "name", "usable"),
    [
        (["n3"], "cn2", "", ("eno3", "eno4", "eno6")),
        (["n1", "n2"], "cn2", "", ("eno4", "eno6")),
        (["n1", "n3"], "cn2", "", ("eno4", "eno6")),
        (["n1", "n2"], "cn1", "rack-a", ("eno3", "eno4", "eno6")),
        ([], "cn2", "", ()),
    ],
)
def test_usable(nodes, network, name, usable):
    assert _nics.choices(BASE, nodes, network, name).nics == usable


def test_why_not():
    found = _nics.choices(BASE, ["n3", "n1"], "cn2")
    assert found.refused == {
        "eno1": {"n1": MGMT, "n3": MGMT},
        "eno2": {"n1": MGMT, "n3": MGMT},
        "eno3": {"n1": USED},
        "eno5": {"n1": "it is down", "n3": "it is down"},
    }


def test_a_nic_that_some_nodes_lack():
    mixed = having(monitor("nic", {"n1": nics(True), "n3": [link("ens1", 2), link("eno4", 3)]}))
    found = _nics.choices(mixed, ["n1", "n3"], "cn2")
    assert found.nics == ("eno4",)
    assert found.refused["ens1"] == {"n1": "the node has no such NIC"}
    assert found.refused["eno6"] == {"n3": "the node has no such NIC"}


def test_a_node_that_nothing_is_known_of():
    found = _nics.choices(BASE, ["n3", "w1"], "cn2")
    assert found.nics == ()
    assert found.refused["eno4"] == {"w1": "LinkMonitor 'nic' tells nothing of the node"}


def test_entries_of_nodes_that_left_do_not_matter():
    left = having(monitor("nic", {"n3": nics(False), "old": [link("ens9", 2)]}))
    assert _nics.choices(left, ["n3"], "cn2") == _nics.choices(BASE, ["n3"], "cn2")


def test_a_stale_annotation_still_holds_the_nic():
    """What Harvester takes the configuration to be on, it has the NIC on."""
    stale = having(config("rack-a", selector={"rack": "z"}, matched=["n1", "n2"]))
    assert _nics.obstacle(stale, "n1", "eno3", "cn2") == _nics.Obstacle(_nics.USED, USED)


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        ((), USED),
        (("vlanconfigs/rack-a",), "it is a port of cn1-bo"),
        (("vlanconfigs/rack-a", "linkmonitors/cn1"), "it is a port of the link with index 20"),
    ],
)
def test_the_closest_reason_is_given(gone, text):
    found = _nics.obstacle(lacking(*gone), "n1", "eno3", "cn2")
    assert found is not None
    assert found.text == text


def test_its_own_bond_without_a_monitor_of_the_network():
    """LinkMonitor of the cluster network may not be there yet: what the configuration has there is its own."""
    bare = lacking("linkmonitors/cn1")
    assert _nics.obstacle(bare, "n1", "eno3", "cn1", "rack-a") is None
    assert _nics.obstacle(bare, "n1", "eno3", "cn1", "other") == _nics.Obstacle(_nics.USED, USED)
