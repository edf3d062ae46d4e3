# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule, by the tables of cases_*.py, and what holds for all of them."""

from __future__ import annotations

import copy
from collections import Counter

import cases_cluster
import cases_clusternetwork
import cases_config
import cases_hostnetworkconfig
import cases_nad
import cases_nics
import cases_setting
import cases_storage_network
import cases_vlanconfig
import pytest
from cluster_objects import (
    BASE,
    IDLE,
    config,
    delete,
    having,
    host_config,
    labelled,
    lacking,
    nad,
    network,
    patch,
    put,
    setting,
    upgrade,
    vm,
)

from ansible_collections.harvester.network.plugins.module_utils.cluster import _snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._effects import after
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._versions import VersionError, parse
from ansible_collections.harvester.network.plugins.module_utils.cluster.rules import (
    HARVESTER,
    OURS,
    REGISTRY,
    objections,
    refused,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster.rules._registry import ANY, harvester
from ansible_collections.harvester.network.plugins.module_utils.cluster.rules._request import Request

TABLES = (
    cases_cluster,
    cases_clusternetwork,
    cases_config,
    cases_hostnetworkconfig,
    cases_nad,
    cases_nics,
    cases_setting,
    cases_storage_network,
    cases_vlanconfig,
)
CASES = [case for table in TABLES for case in table.CASES]
RULES = {rule.id: rule for rule in REGISTRY}


def raw(snapshot: Snapshot) -> dict:
    return {kind: list(snapshot.all(kind)) for kind in BY_KEY}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case):
    before = copy.deepcopy(raw(case.on))
    found = objections(case.on, case.change, case.version or None)
    assert [str(objection) for objection in found if objection.rule == case.rule] == list(case.messages)
    assert raw(case.on) == before, "the snapshot was changed"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_of_a_case_has_a_say(case):
    """A case in which the rule is not even asked would prove nothing. Where a version decides, another case objects."""
    rule = RULES[case.rule]
    version = parse(case.version) if case.version else case.on.version
    operation = Request(case.on, case.change, version).operation
    assert case.change.kind in rule.kinds
    assert operation in rule.on
    assert not case.messages or rule.applies(case.change.kind, operation, version)


def test_every_rule_objects_in_one_case_and_is_silent_in_another():
    objecting = {case.rule for case in CASES if case.messages}
    silent = {case.rule for case in CASES if not case.messages}
    # a setting is never deleted, whatever it is
    assert set(RULES) - objecting == set()
    assert set(RULES) - silent == {"setting-delete"}


def test_labels_of_cases_are_unique():
    assert [name for name, count in Counter(map(str, CASES)).items() if count > 1] == []


@pytest.mark.parametrize("rule", REGISTRY, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is(rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.source
    assert rule.by in (HARVESTER, OURS)
    assert set(rule.kinds) <= set(BY_KEY)
    assert set(rule.on) <= set(ANY)
    assert rule.judge.__module__.split(".rules.")[1].startswith("ours.") == (rule.by == OURS)


def test_ids_are_unique():
    assert len(RULES) == len(REGISTRY)
    with pytest.raises(ValueError, match=r"^two rules are called 'vlanconfig-mgmt'$"):
        harvester("vlanconfig-mgmt", "x", ("vlanconfigs",), ANY, "x")


GOOD = {
    "a cluster network": put(network("cn3")),
    "a configuration": put(config("rack-b", nics=["eno4", "eno6"], selector={"rack": "b"})),
    "a configuration for all nodes": put(config("all", "cn2", ["eno4"], mtu=1500)),
    "a configuration with all options": put(
        config("x", "cn2", ["eno4"], {"rack": "b"}, mtu=9000, bond={"mode": "802.3ad", "miimon": 100}, txQLen=-1)
    ),
    "a description": patch("vlanconfigs", "rack-a", {"spec": {"description": "racks"}}),
    "a node more": patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": None}}),
    "a VM network": put(nad("vlan7", vlan=7)),
    "an untagged VM network": put(nad("flat", "mgmt", 0)),
    "a trunk": put(nad("trunk", "cn1", 0, vlanTrunk=[{"minID": 2, "maxID": 4094}])),
    "a host network configuration": put(host_config("hosts")),
    "a cluster network gone": delete("clusternetworks", "cn2"),
    "a VM": put(vm("vm2", "vlan100", "mgmt200", "pod")),
    "a label": labelled("n3", rack="a"),
    "the MTU of mgmt": patch(
        "clusternetworks", "mgmt", {"metadata": {"annotations": {"network.harvesterhci.io/uplink-mtu": "9000"}}}
    ),
    "what is not there gone": delete("vlanconfigs", "none"),
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_a_good_change_meets_no_objection(change):
    assert objections(BASE, change) == []


@pytest.mark.parametrize("version", ["1.6.0", "1.7.3", "1.8.2", "v1.9.0-rc6"])
def test_good_configurations_in_every_version(version):
    change = GOOD["a configuration with all options"]
    assert objections(BASE, change, version) == []


def test_harvesters_objections_come_first_and_the_order_is_stable():
    change = put(config("x", "mgmt", [], {"rack": "z"}, mtu=100))
    found = objections(having(upgrade("u")), change)
    assert [objection.rule for objection in found] == [
        "vlanconfig-mgmt",
        "vlanconfig-mtu-range",
        "upgrade-running",
        "config-no-node",
        "config-no-nics",
    ]
    assert [objection.by for objection in found] == [HARVESTER] * 2 + [OURS] * 3


def test_refused_by_harvester_or_not():
    assert refused(objections(BASE, delete("clusternetworks", "mgmt")))
    ours = objections(BASE, put(config("x", "cn2", [], {"rack": "b"})))
    assert [objection.by for objection in ours] == [OURS]
    assert not refused(ours)
    assert not refused([])


def test_an_object_that_is_being_deleted_is_passed_on():
    leaving = having(config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"], deleting=True))
    finalizers = {"metadata": {"finalizers": None}, "spec": {"uplink": {"nics": ["eno1"]}}}
    assert objections(leaving, patch("vlanconfigs", "rack-a", finalizers, on=leaving)) == []


def test_what_changes_nothing_meets_no_objection_of_ours():
    bad = having(config("rack-a", nics=["eno1"], selector={"rack": "a"}, matched=["n1", "n2"], mtu=None))
    assert objections(bad, patch("vlanconfigs", "rack-a", {}, on=bad)) == []


def test_the_version_is_the_running_one_unless_another_is_named():
    change = put(host_config("hosts"))
    older = having(setting("server-version", "v1.7.3"))
    assert [objection.rule for objection in objections(older, change)] == ["hostnetworkconfig-served"]
    assert objections(older, change, "v1.8.0") == []
    assert objections(having(setting("server-version", "v1.5.2")), change, parse("1.8")) == []
    with pytest.raises(VersionError, match=r"^Harvester 1\.5\.2 is older than 1\.6\.0, the first that the rules know$"):
        objections(BASE, change, "v1.5.2")


def test_stale_matched_nodes_after_a_selector_that_matches_nothing():
    """Seen on a cluster: taken without a word, the nodes stay, and so does the block by their VMs."""
    stale = after(BASE, patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": {"rack": "z"}}}))
    assert stale.configs["rack-a"].nodes == ("n1", "n2")
    assert "vlanconfig-vms" in {objection.rule for objection in objections(stale, delete("vlanconfigs", "rack-a"))}


def test_each_object_is_read_once(monkeypatch):
    """A thousand VMs on five hundred networks: what is read, is read once per snapshot, whatever is judged."""
    reads: Counter[str] = Counter()

    def counted(kind, read):
        def reader(item):
            reads[kind] += 1
            return read(item)

        return reader

    for kind, read in dict(_snapshot.READERS).items():
        monkeypatch.setitem(_snapshot.READERS, kind, counted(kind, read))
    networks = [nad("net%d" % number, "cn1", number + 2, mtu=9000) for number in range(500)]
    guests = [vm("vm-%d" % number, "net%d" % (number % 500), strategy="Halted") for number in range(1000)]
    objects = raw(IDLE)
    objects["nads"] += networks
    objects["vms"] += guests
    cluster = Snapshot.read(objects)
    for _again in range(3):
        found = objections(cluster, patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": {"rack": "b"}}}))
        assert [objection.rule for objection in found] == []
        objections(cluster, delete("clusternetworks", "cn1"))
    assert reads["vms"] == len(objects["vms"])
    assert reads["nads"] == len(objects["nads"])


def test_removing_the_last_configuration_frees_the_cluster_network():
    bare = lacking("nads/default/vlan100", "vms/default/vm1", "vms/default/idle", on=IDLE)
    assert refused(objections(bare, delete("clusternetworks", "cn1")))
    assert objections(bare, delete("vlanconfigs", "rack-a")) == []
    assert objections(after(bare, delete("vlanconfigs", "rack-a")), delete("clusternetworks", "cn1")) == []
