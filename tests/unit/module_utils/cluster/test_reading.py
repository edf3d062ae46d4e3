# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading objects: selectors, versions, configurations, VM networks, settings, kinds, merge patches."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cluster_objects import (
    BASE,
    agent,
    config,
    having,
    nad,
    network,
    node,
    setting,
    snapshot,
    status,
    thing,
    upgrade,
    vm,
)
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster import (
    _health,
    _host_config,
    _kinds,
    _objects,
    _selectors,
    _storage,
    _versions,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._config import NetworkConfig
from ansible_collections.harvester.network.plugins.module_utils.cluster._nad import Nad
from ansible_collections.harvester.network.plugins.module_utils.cluster._nodes import Node
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._storage import NetworkValue, SettingError
from ansible_collections.harvester.network.plugins.module_utils.cluster._versions import Version, VersionError
from ansible_collections.harvester.network.plugins.module_utils.cluster._vms import Vm, Vmi

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("selector", "matched"),
    [
        (None, ("n1", "n2", "n3")),
        ({}, ("n1", "n2", "n3")),
        ({"rack": "a"}, ("n1", "n2")),
        ({"rack": "a", "kubernetes.io/hostname": "n2"}, ("n2",)),
        ({"kubernetes.io/hostname": "w1"}, ()),
        ({"rack": ""}, ()),
    ],
)
def test_matched_nodes(selector, matched):
    assert _selectors.matched(BASE.nodes.values(), selector) == matched


@pytest.mark.parametrize("value", ["true", "false", "yes"])
def test_the_key_makes_a_witness_whatever_its_value(value):
    found = Node.read(node("x", witness=value))
    assert found.witness
    assert _selectors.matched([found], None) == ()


@given(st.lists(st.text(min_size=1), unique=True))
def test_matched_nodes_round_trip(names):
    item = thing(
        "vlanconfigs", "x", annotations={"network.harvesterhci.io/matched-nodes": _selectors.as_annotation(names)}
    )
    assert _selectors.annotated(item) == tuple(sorted(names))


@pytest.mark.parametrize("text", ["", "null", "{", '"n1"', None])
def test_an_annotation_without_meaning_is_none(text):
    item = {"metadata": {"annotations": {"network.harvesterhci.io/matched-nodes": text}}}
    assert _selectors.annotated(item) is None


@pytest.mark.parametrize(
    ("expression", "satisfied"),
    [
        ({"key": "rack", "operator": "In", "values": ["a", "b"]}, True),
        ({"key": "rack", "operator": "In", "values": ["b"]}, False),
        ({"key": "rack", "operator": "NotIn", "values": ["b"]}, True),
        ({"key": "none", "operator": "NotIn", "values": ["b"]}, True),
        ({"key": "rack", "operator": "Exists"}, True),
        ({"key": "none", "operator": "Exists"}, False),
        ({"key": "none", "operator": "DoesNotExist"}, True),
        ({"key": "cores", "operator": "Gt", "values": ["8"]}, True),
        ({"key": "cores", "operator": "Gt", "values": ["16"]}, False),
        ({"key": "cores", "operator": "Lt", "values": ["17"]}, True),
        ({"key": "rack", "operator": "Gt", "values": ["8"]}, False),
        ({"key": "rack", "operator": "Like", "values": ["a"]}, False),
    ],
)
def test_label_selectors(expression, satisfied):
    labels = {"rack": "a", "cores": "16"}
    assert _selectors.matches_label_selector({"matchExpressions": [expression]}, labels) == satisfied
    both = {"matchLabels": {"rack": "z"}, "matchExpressions": [expression]}
    assert not _selectors.matches_label_selector(both, labels)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.8.2", Version(1, 8, 2)),
        ("1.8", Version(1, 8)),
        ("v1.9.0-rc6", Version(1, 9)),
        ("v2.0.1", Version(2, 0, 1)),
        (" 1.6.1 ", Version(1, 6, 1)),
    ],
)
def test_versions(text, version):
    assert _versions.parse(text) == version
    assert _versions.parse(str(version)) == version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("master-head", "'master-head' is no version of Harvester; give one such as v1.8.2"),
        ("8", "'8' is no version of Harvester; give one such as v1.8.2"),
        ("v1.5.9", "Harvester 1.5.9 is older than 1.6.0, the first that the rules know"),
    ],
)
def test_texts_that_are_no_version(text, message):
    with pytest.raises(VersionError) as raised:
        _versions.parse(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("item", "version"),
    [
        (setting("server-version", "v1.7.1"), Version(1, 7, 1)),
        (setting("server-version", "", default="v1.8.0"), Version(1, 8)),
        (setting("server-version", "master-head"), _versions.NEWEST),
        (None, _versions.NEWEST),
    ],
)
def test_the_running_version(item, version):
    assert snapshot(*([item] if item else [])).version == version


@pytest.mark.parametrize("version", sorted({str(version) for version in _versions.SINCE.values()}))
def test_every_difference_lies_within_what_the_rules_know(version):
    assert _versions.OLDEST <= _versions.parse(version) <= _versions.NEWEST


CONFIGS = {
    "nothing": ({}, (None, None, None)),
    "an empty list": ({"nics": []}, ((), None, None)),
    "empty attributes": ({"linkAttributes": {}}, (None, (0, -1, None), None)),
    "MTU 0": ({"linkAttributes": {"mtu": 0}}, (None, (0, -1, None), None)),
    "empty bond options": ({"bondOptions": {}}, (None, None, ("active-backup", -1))),
    "the defaults": ({"bondOptions": {"mode": "active-backup", "miimon": -1}}, (None, None, ("active-backup", -1))),
    "miimon 100": ({"bondOptions": {"miimon": 100}}, (None, None, ("active-backup", 100))),
}


@pytest.mark.parametrize(("uplink", "stored"), CONFIGS.values(), ids=CONFIGS)
def test_the_uplink_as_harvester_compares_it(uplink, stored):
    item = thing("vlanconfigs", "x", spec={"clusterNetwork": "cn1", "uplink": uplink})
    assert NetworkConfig.read(item).uplink_as_stored == stored


def test_configurations_of_mgmt_are_not_the_users():
    with_mgmt = having(config("mgmt-vlanconfig-n1", "mgmt", ["eno1"], matched=["n1"]))
    assert set(with_mgmt.configs) == {"rack-a", "mgmt-vlanconfig-n1"}
    assert set(with_mgmt.user_configs) == {"rack-a"}


@pytest.mark.parametrize(
    ("fields", "kind", "vlans"),
    [
        ({"vlan": 100}, "L2VlanNetwork", {100}),
        ({"vlan": 0}, "UntaggedNetwork", set()),
        ({"vlan": None}, "UntaggedNetwork", set()),
        ({"vlan": 0, "vlanTrunk": [{"minID": 5, "maxID": 7}, {"id": 20}]}, "L2VlanTrunkNetwork", {5, 6, 7, 20}),
        ({"vlan": None, "type": "kube-ovn"}, "OverlayNetwork", set()),
        ({"vlan": 0, "vlanTrunk": [{"minID": 4093, "maxID": 10**12}]}, "L2VlanTrunkNetwork", {4093, 4094, 4095}),
        ({"vlan": 0, "vlanTrunk": ["5-7"]}, "L2VlanTrunkNetwork", {-1}),
    ],
)
def test_types_of_vm_networks(fields, kind, vlans):
    found = Nad.read(nad("x", **fields))
    assert (found.network_type, found.vlans) == (kind, vlans)


@pytest.mark.parametrize(
    ("name", "annotations", "owner"),
    [
        ("storagenetwork-abcde", {}, "storage-network"),
        ("mine", {"storage-network.settings.harvesterhci.io": "true"}, "storage-network"),
        ("mine", {"storage-network.settings.harvesterhci.io": "false"}, ""),
        ("rwx-network-abcde", {}, "rwx-network"),
        ("vm-migration-network-abcde", {}, "vm-migration-network"),
        ("storage", {}, ""),
    ],
)
def test_vm_networks_of_settings(name, annotations, owner):
    assert Nad.read(nad(name, annotations=annotations)).setting == owner


@pytest.mark.parametrize(
    ("strategy", "shown", "phase", "stopped"),
    [
        ("Halted", "Stopped", None, True),
        ("Halted", "Stopping", "Running", False),
        ("RerunOnFailure", "Stopped", None, True),
        ("RerunOnFailure", "Stopped", "Succeeded", True),
        ("RerunOnFailure", "Stopped", "Failed", True),
        ("RerunOnFailure", "Stopped", "Running", False),
        ("Always", "Running", "Running", False),
        ("Halted", "Paused", "Running", False),
    ],
)
def test_stopped_as_the_storage_network_means_it(strategy, shown, phase, stopped):
    instance = Vmi.read(thing("vmis", "x", "default", status={"phase": phase})) if phase else None
    assert Vm.read(vm("x", strategy=strategy, shown=shown)).stopped(instance) == stopped


@pytest.mark.parametrize(("running", "strategy"), [(True, "Always"), (False, "Halted"), (None, "Halted")])
def test_the_deprecated_running(running, strategy):
    assert Vm.read(thing("vms", "x", "default", spec={"running": running})).run_strategy == strategy


VALUE = NetworkValue("cn1", 50, "10.9.0.0/24", ("10.9.0.0/28",))
TEXT = '{"clusterNetwork":"cn1","vlan":50,"range":"10.9.0.0/24","exclude":["10.9.0.0/28"]}'


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("storage-network", TEXT, VALUE),
        ("storage-network", "", None),
        ("storage-network", "  ", None),
        ("rwx-network", '{"share-storage-network":true}', None),
        ("rwx-network", '{"share-storage-network":false,"network":%s}' % TEXT, VALUE),
        ("vm-migration-network", TEXT.replace("50", '"50"'), VALUE),
    ],
)
def test_values_of_settings(name, text, value):
    assert _storage.parsed(name, text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is no JSON object"),
        ('{"vlan":"all"}', "its vlan 'all' is no number"),
        ('{"exclude":"10.9.0.0/28"}', "its exclude is no list"),
    ],
)
def test_values_that_cannot_be_read(text, message):
    with pytest.raises(SettingError) as raised:
        _storage.parsed("storage-network", text)
    assert str(raised.value) == message


NETWORKS = st.builds(
    lambda prefix, number: ipaddress.IPv4Network((0x0A090000 + (number << (32 - prefix)), prefix)),
    st.integers(24, 30),
    st.integers(0, 3),
)


@given(NETWORKS, st.lists(NETWORKS, max_size=4))
def test_usable_addresses_are_those_that_are_left(whole, parts):
    inside = [part for part in parts if part.subnet_of(whole)]
    value = NetworkValue("cn1", 0, str(whole), tuple(map(str, parts)))
    left = set(whole.hosts()) - {address for part in inside for address in part}
    assert _storage.usable_addresses(value) == len(left)


@pytest.mark.parametrize(
    ("item", "patch", "merged"),
    [
        # the examples of RFC 7386, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch(item, patch, merged):
    before = json.dumps(item)
    assert _objects.merged(item, patch) == merged
    assert json.dumps(item) == before


def test_kinds():
    assert len(_kinds.BY_KEY) == len(_kinds.KINDS)
    assert all(bool(kind.namespace) <= kind.namespaced for kind in _kinds.KINDS)
    assert _kinds.BY_KEY["nodes"].api_version == "v1"
    assert _kinds.BY_KEY["nads"].api_version == "k8s.cni.cncf.io/v1"
    assert _kinds.title("nads", "default", "x") == "VM network 'default/x'"


def test_a_kind_that_is_not_in_the_table():
    with pytest.raises(KeyError, match=r"^'teapots'$"):
        Snapshot.read({"teapots": []})


@pytest.mark.parametrize(
    ("items", "name"),
    [
        ([], ""),
        ([upgrade("u")], "u"),
        ([upgrade("u", "UpgradingNodes")], "u"),
        ([upgrade("u", "Succeeded")], ""),
        ([upgrade("u", latest="false")], ""),
        ([{**upgrade("u"), "status": {"conditions": [{"type": "Completed", "status": "False"}]}}], ""),
        ([{**upgrade("u"), "status": {"conditions": [{"type": "Completed", "status": "Unknown"}]}}], "u"),
    ],
)
def test_a_running_upgrade(items, name):
    assert snapshot(*items).running_upgrade == name


def test_agents_that_run():
    found = snapshot(agent("n1"), agent("n2", up=False), {**agent("n3"), "status": {"phase": "Pending"}})
    assert found.agents == {"n1"}


def test_health():
    assert _health.of_network(BASE, "cn1") == []
    assert _health.of_network(BASE, "mgmt") == []
    ill = having(
        status("cn1", "rack-a", "n1", up=False, message="get link eno3 failed"),
        status("cn1", "other", "n2"),
        node("n3", "cn1", rack="b"),
    )
    assert _health.of_network(ill, "cn1") == [
        ("n1", "VlanStatus is not ready: get link eno3 failed"),
        ("n2", "VlanStatus is of network configuration 'other', not 'rack-a'"),
        ("n3", "it has the label of the cluster network, and no network configuration"),
    ]
    missing = BASE.without("vlanstatuses", "cn1-n1-0")
    assert _health.of_network(missing, "cn1") == [("n1", "there is no VlanStatus for network configuration 'rack-a'")]


def test_the_ready_condition_of_a_cluster_network_is_no_proof():
    ill = having(network("cn1", 9000, "rack-a", is_ready=True), status("cn1", "rack-a", "n1", up=False))
    assert len(_health.of_network(ill, "cn1")) == 1


def test_vlans_that_the_agent_keeps():
    """A VLAN id that was added by hand goes at the agent's next start, unless a device or a VM network has it."""
    devices = ["eno1", "mgmt-br", "mgmt-br.2018", "cn1-br.7", "mgmt-br.x"]
    assert _health.kept_vlans(BASE, "mgmt", devices) == {1, 200, 2018}
    assert _health.kept_vlans(BASE, "cn1", devices) == {1, 7, 100}
    assert _health.kept_vlans(BASE, "cn2", []) == {1}


def test_devices_of_host_network_configurations():
    hosts = thing(
        "hostnetworkconfigs",
        "hosts",
        spec={"clusterNetwork": "mgmt", "vlanID": 7, "mode": "dhcp", "nodeSelector": {"matchLabels": {"rack": "b"}}},
    )
    assert _host_config.devices(having(hosts), "n3") == {"mgmt-br.7": "hosts"}
    assert _host_config.devices(having(hosts), "n1") == {}


def test_the_rules_need_neither_ansible_nor_a_client():
    code = (
        "import sys; import ansible_collections.harvester.network.plugins.module_utils.cluster.rules; "
        "loaded = {name.split('.')[0] for name in sys.modules}; "
        "print(sorted(loaded & {'ansible', 'kubernetes', 'yaml', 'socket', 'ssl', 'netaddr'}))"
    )
    path = str(ROOT / ".build" / "collections")
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout == "[]\n"
