# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: its phases and what stops in each case, and which configuration stays."""

from __future__ import annotations

import json

import pytest
from cluster_network_mtu_cases import (
    CLUSTER,
    LOWER,
    MANUAL,
    NO_SHARE,
    NOW,
    READY,
    SEVERAL,
    SINGLE,
    ids,
    named,
    objections,
    stored,
    text,
)
from cluster_objects import WORKERS, config, having, host_config, lacking, setting, status

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Wish,
    analyse,
    live_mtus,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

ALONE = ["vms-stop", "config-change", "vms-start"]
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


def test_what_has_the_mtu_already_needs_nothing() -> None:
    case = analyse(CLUSTER, Wish("cn1", "1500", "9000"), NOW)
    assert (case.phases, sorted(case.links)) == ((), ["n1", "n2", "n3"])


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
