# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: what speaks against it."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_network_mtu_cases import CLUSTER, LOWER, MANUAL, NO_SHARE, NOW, READY, objections, text
from cluster_objects import agent, config, having, host_config, lacking, nad, network, node, setting, volume

from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError


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


def test_raising_needs_the_switches() -> None:
    on = lacking("vlanconfigs/rack-b", "vlanstatuses/cn1-n3-0", on=MANUAL)
    with pytest.raises(ValidationError) as caught:
        analyse(on, READY._replace(switches_ready=False), NOW)
    assert str(caught.value) == (
        "cluster_network_mtu: change_switches_ready=false: a larger MTU needs switches and routers that pass it; set"
        " their ports first, then give change_switches_ready=true; it is proved before VMs start again"
    )


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
