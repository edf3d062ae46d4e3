# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's webhook for HostNetworkConfigs, rule by rule (facts, 2.5)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import cluster, config, nad, network, node, obj, refusal, status, vm

from lab.harvester.kinds import HOST_NETWORK_CONFIG
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.webhooks.configuration import served
from lab.harvester.webhooks.host_network_config import WEBHOOKS

(HOOK,) = WEBHOOKS
IPS = {f"node{n}": f"10.30.0.{n}/24" for n in (1, 2, 3)}


def host(name: str = "h", cn: str = "mgmt", vlan: int = 2030, mode: str = "dhcp", **spec: Any) -> Obj:
    deleting = spec.pop("deleting", False)
    found = {"clusterNetwork": cn, "vlanID": vlan, "mode": mode, **spec}
    return obj(HOST_NETWORK_CONFIG, name, spec=found, deleting=deleting)


UP = status("s1", "a", "node1")
DOWN = status("s2", "a", "node2", ready=False)


@pytest.mark.parametrize(
    ("new", "objects", "said"),
    [
        (host(), [], ""),
        (host(cn="cn1"), [UP], ""),
        (host(cn="cn1"), [], "vlan status not present for cluster network cn1"),
        (host(cn="cn1"), [UP, DOWN], "vs s2 status is not Ready"),
        (host(cn="cn2"), [], "it refers to a none-existing cluster network cn2"),
        (host(cn="thirteen-char"), [], "the length of the clusterNetwork name thirteen-char is more than 12"),
        (host(cn="eightcha", vlan=100), [network("eightcha"), status("s", "a", "node1", "eightcha")], ""),
        (
            host(cn="eightcha", vlan=1000),
            [network("eightcha")],
            "the length of the host network interface name eightcha-br.1000 is more than 15",
        ),
        (
            host(),
            [host("other")],
            "hostnetworkconfig other already exists for cluster network mgmt with vlanID 2030",
        ),
        (host(), [host("other", vlan=2031)], ""),
        (host(), [host("other", deleting=True)], ""),
        (host(mode="static", ips=IPS), [], ""),
        (host(mode="static", ips={"node1": "10.30.0.1/24"}), [], "static IP not found for node node2"),
        (
            host(mode="static", ips={"node1": "10.30.0.1/24"}, nodeSelector={"matchLabels": {"zone": "a"}}),
            [node("node1", labels={"zone": "a"})],
            "",
        ),
        (
            host(mode="static", ips={**IPS, "node3": "10.31.0.3/24"}),
            [],
            "static IPs are not in the same subnet",
        ),
        (host(mode="static", ips={**IPS, "node3": "10.30.0.3/25"}), [], "static IPs are not in the same subnet"),
        (host(underlay=True), [], ""),
        (
            host(underlay=True),
            [host("other", vlan=1, underlay=True)],
            "hostnetworkconfig other already exists for cluster network mgmt vlanid 1 with underlay enabled",
        ),
        (
            host(underlay=True, nodeSelector={"matchLabels": {"zone": "a"}}),
            [node("node1", labels={"zone": "a"})],
            "node selector does not match all nodes",
        ),
        (host(cn="cn1", underlay=True), [UP], "vlan config not present for cluster network cn1"),
        (
            host(cn="cn1", underlay=True),
            [UP, config("a", nodes=["node1", "node2"])],
            "vlanconfig does not span node3",
        ),
        (host(cn="cn1", underlay=True), [UP, config("a", nodes=["node1", "node2", "node3"])], ""),
    ],
)
def test_create(new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), new=new)
    assert found == (f"can't create hostnetworkConfig h because {said}" if said else "")


def test_an_underlay_need_not_span_a_witness() -> None:
    view = cluster(UP, config("a", nodes=["node1", "node2"]), node("node3", witness=True))
    assert refusal(HOOK, view, new=host(cn="cn1", underlay=True)) == ""


OVER = nad("over", "mgmt", conf={"type": "kube-ovn", "provider": "over.default.ovn"})
FIXED = "cannot update clusterNetwork or vlanID field, instead delete the old hostnetworkconfig and create a new one"


@pytest.mark.parametrize(
    ("old", "new", "objects", "said"),
    [
        (host(), host(), [], ""),
        (host(), host(description="x"), [], ""),
        (host(), host(vlan=2031), [], FIXED),
        (host(), host(cn="cn1"), [UP], FIXED),
        (host(cn="cn1"), host(cn="cn1", description="x"), [DOWN], ""),
        (host(), host(description="x"), [host("other")], ""),
        (host(), host(mode="static"), [], "static IP not found for node node1"),
        (host(underlay=True), host(), [OVER], ""),
        (
            host(underlay=True),
            host(),
            [OVER, vm("v", ["over"])],
            "it's still used by VM(s) default/v which must remove the related networks and interfaces",
        ),
    ],
)
def test_update(old: Obj, new: Obj, objects: list[Obj], said: str) -> None:
    found = refusal(HOOK, cluster(*objects), old=old, new=new)
    assert found == (f"can't update hostnetworkConfig h because {said}" if said else "")


def test_delete() -> None:
    assert refusal(HOOK, cluster(), old=host()) == ""
    assert refusal(HOOK, cluster(), old=host(underlay=True)) == (
        "can't delete hostnetworkConfig h because underlay is enabled, disable underlay first"
    )


@pytest.mark.parametrize(("version", "there"), [("1.6", False), ("1.7", False), ("1.8", True), ("1.9", True)])
def test_the_kind_came_with_1_8(version: str, there: bool) -> None:
    assert (HOOK in served(VERSIONS[version])) is there
