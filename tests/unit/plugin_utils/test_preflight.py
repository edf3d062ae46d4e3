# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight finds, each check with what it is silent about and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._preflight import (
    CHECKS,
    CLUSTER_CHECKS,
    ERROR,
    Finding,
    Host,
    findings,
)

CHECKED = {
    "os_name": "Harvester v1.8.0",
    "harvester_version": "v1.8.0",
    "networkmanager": "yes",
    "wicked": "no",
    "mgmt_state": "100 (connected)",
    "python": "3.13.1",
    "pythons": [{"path": "/usr/bin/python3", "version": "3.13.1"}],
    "interpreter": None,
    "findmnt": '{"filesystems":[{"target":"/etc/NetworkManager","fstype":"ext4","options":"rw"}]}',
}


def nic(name: str, **options: Any) -> dict[str, Any]:
    return {
        "name": name,
        "driver": "ixgbe",
        "carrier": True,
        "duplex": "full",
        "speed": 10000,
        "max_mtu": 9710,
        "controller": "mgmt-bo",
    } | options


def link(name: str, mtu: int = 1500, managed: bool = True) -> dict[str, Any]:
    return {"name": name, "mtu": mtu, "addresses": [{"address": "192.0.2.1/24", "managed": managed}]}


def host(name: str = "node1", **options: Any) -> Host:
    given = {
        "node_name": name,
        "checked": {},
        "nics": [nic("eno1"), nic("eno2")],
        "arp_ignore": [],
        "links": [link("mgmt-bo"), link("mgmt-br"), link("mgmt-br.2017")],
        "vlans": {"mgmt-bo": ["1 pvid untagged", "2017"]},
        "hints": {},
        "machine_id": f"machine-{name}",
        "boot_id": f"boot-{name}",
    } | options
    return Host(
        name,
        given["node_name"],
        CHECKED | given["checked"],
        {key: given[key] for key in ("nics", "arp_ignore", "machine_id", "boot_id")},
        {key: given[key] for key in ("links", "vlans", "hints")},
    )


def node(name: str = "node1", **options: Any) -> dict[str, Any]:
    return {"name": name, "machine_id": f"machine-{name}", "boot_id": f"boot-{name}"} | options


def cluster(*nodes: dict[str, Any], **versions: Any) -> dict[str, Any]:
    found = {"harvester": "v1.8.2", "running_upgrade": None} | versions
    return {"nodes": list(nodes or [node()]), "versions": found}


ARP = {
    "device": "mgmt-br",
    "own": 0,
    "all": 2,
    "effective": 2,
    "set_by": [{"path": "/etc/sysctl.d/90-lb.conf", "line": 3, "key": "net/ipv4/conf/all/arp_ignore", "value": "2"}],
}

HOST_CASES = [
    (
        "support",
        [host(checked={"harvester_version": "v1.6.1"})],
        (
            "node1: this node: harvester=1.6: the management network of Harvester 1.6 and older belongs to"
            " wicked, whose files are made anew from /oem/90_custom.yaml at every boot; this collection changes"
            " NetworkManager profiles only; upgrade to Harvester 1.7 or later; until then edit"
            " /oem/90_custom.yaml as the manual of your release says"
        ),
    ),
    (
        "arp_ignore",
        [host(arp_ignore=[ARP])],
        (
            "node1: mgmt-br: arp_ignore is 2, set by /etc/sysctl.d/90-lb.conf line 3"
            " (net/ipv4/conf/all/arp_ignore=2); set it to 0 or 1, for 'all' as well"
        ),
    ),
    (
        "arp_ignore",
        [host(arp_ignore=[ARP | {"effective": 8, "set_by": []}])],
        (
            "node1: mgmt-br: arp_ignore is 8, set by a program, no file of sysctl.d has it; set it to 0 or 1,"
            " for 'all' as well"
        ),
    ),
    (
        "link",
        [host(nics=[nic("eno1"), nic("eno2", carrier=False, speed=None)])],
        "node1: mgmt-bo: eno2 has no link; see cables and switch ports",
    ),
    (
        "link",
        [host(nics=[nic("eno1", carrier=None), nic("eno2", carrier=False)])],
        "node1: mgmt-bo: eno1 and eno2 have no link, so it has none at all; see cables and switch ports",
    ),
    (
        "duplex",
        [host(nics=[nic("eno1", duplex="half")])],
        "node1: mgmt-bo: eno1 has half duplex; see the switch ports",
    ),
    (
        "speed",
        [host(nics=[nic("eno1"), nic("eno2", speed=1000)])],
        (
            "node1: mgmt-bo: its ports differ in speed (eno1 10000 Mb/s, eno2 1000 Mb/s); use equal ports, or"
            " take the bond as the slower of them"
        ),
    ),
    (
        "max_mtu",
        [host(nics=[nic("eno1", max_mtu=4000)], links=[link("mgmt-bo", 9000)])],
        ("node1: mgmt-bo: MTU 9000 is above the 4000 that eno1 (ixgbe) takes; lower the MTU, or use another NIC"),
    ),
    (
        "vlan_ids",
        [host(vlans={"mgmt-bo": ["1 pvid untagged", "2-4094"], "vm-br": ["2-4094"]})],
        ("node1: mgmt-bo: 4094 VLAN ids, more than the 512 that some NICs can filter; take out what no network uses"),
    ),
    (
        "stripped",
        [host(hints={"stripped": [{"profile": "bond-mgmt", "device": "mgmt-bo", "vlans": [2018, 2019]}]})],
        (
            "node1: mgmt-bo: VLAN ids 2018, 2019 of profile bond-mgmt are not on it, Harvester's agent strips"
            " them at every boot; hold them with a device (playbook mgmt_vlans does), or take them out"
        ),
    ),
    (
        "reboot",
        [host(hints={"reboot": ["mgmt-bo: mode", "mgmt-br: stp"]})],
        ("node1: its profiles wait for a reboot: mgmt-bo: mode, mgmt-br: stp; reboot it in order (playbook reboot)"),
    ),
    (
        "doubles",
        [host(hints={"doubles": {"bond-mgmt": ["/b", "/a"]}})],
        "node1: profile 'bond-mgmt' is in several files: /a and /b; keep one",
    ),
    (
        "mtu",
        [host("node1"), host("node2"), host("node3", links=[link("mgmt-bo", 9000), link("mgmt-br")])],
        (
            "mgmt-bo: the MTU differs: 1500 on node1 and node2, 9000 on node3; bring all nodes to one (playbook"
            " mgmt_network)"
        ),
    ),
]

CLUSTER_CASES = [
    (
        "identity",
        host(node_name="harvester-1"),
        cluster(node("node1"), node("node2")),
        (
            "node1: the cluster has no node 'harvester-1', only node1 and node2; set harvester_node_name, or use"
            " the kubeconfig of this cluster"
        ),
    ),
    (
        "identity",
        host(machine_id="other", boot_id="other"),
        cluster(),
        (
            "node1: the host's machine id is other, node 'node1' of the cluster reports machine-node1; see"
            " whether ansible_host and kubeconfig mean the same cluster"
        ),
    ),
    (
        "identity",
        host(boot_id="later"),
        cluster(),
        (
            "node1: the host's boot id is later, node 'node1' of the cluster reports boot-node1; see whether"
            " ansible_host and kubeconfig mean the same cluster, or wait until the kubelet has reported the last"
            " boot"
        ),
    ),
    (
        "coverage",
        host(),
        cluster(node("node1"), node("node2")),
        (
            "not in this run: node2 of the cluster; put all nodes of the cluster into harvester_nodes, and run"
            " without --limit"
        ),
    ),
    (
        "ready",
        host(),
        cluster(node(ready=False)),
        "node 'node1' of the cluster is not Ready; bring it back before a change",
    ),
    (
        "upgrade",
        host(),
        cluster(running_upgrade="hvst-upgrade-x"),
        "upgrade 'hvst-upgrade-x' of Harvester is running; wait until it has completed, or has failed",
    ),
    (
        "version",
        host(),
        cluster(harvester="v1.9.0"),
        "node1: it runs Harvester v1.8.0, the cluster says v1.9.0; finish the upgrade of this node first",
    ),
]


@pytest.mark.parametrize(
    ("check", "hosts", "line"), HOST_CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_wrong_on_hosts(check: str, hosts: list[Host], line: str) -> None:
    found = findings(hosts)
    assert [(finding.check, finding.line()) for finding in found] == [(check, line)]


@pytest.mark.parametrize(("check", "one", "api", "line"), CLUSTER_CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_what_is_wrong_between_hosts_and_api(check: str, one: Host, api: dict[str, Any], line: str) -> None:
    wanted = {"coverage"} if check == "identity" and len(api["nodes"]) > 1 else set()
    found = [finding for finding in findings([one], api) if finding.check not in wanted]
    assert [(finding.check, finding.line()) for finding in found] == [(check, line)]


def test_healthy_hosts_of_a_healthy_cluster_have_no_findings() -> None:
    assert findings([host("node1"), host("node2")], cluster(node("node1"), node("node2"))) == []


@pytest.mark.parametrize(
    "one",
    [
        host(arp_ignore=[ARP | {"effective": 1}]),
        host(nics=[nic("ens5", controller=None, carrier=False)]),
        host(nics=[nic("eno1", max_mtu=None), nic("eno2", speed=None, duplex=None)]),
        host(vlans={"mgmt-bo": ["2-513"]}),
        host(checked={"harvester_version": None, "os_name": "Debian GNU/Linux 13"}),
    ],
)
def test_what_is_no_finding(one: Host) -> None:
    assert findings([one], cluster()) == []


def test_the_device_of_a_host_network_configuration_may_have_its_own_mtu() -> None:
    hosts = [host("node1"), host("node2", links=[link("mgmt-bo"), link("mgmt-br"), link("mgmt-br.2017", 9000, False)])]
    assert findings(hosts) == []


def test_a_node_that_modules_cannot_run_on_is_judged_by_what_is_known() -> None:
    bare = Host("node1", "node1", CHECKED, {}, {})
    assert findings([bare], cluster()) == []


OLD = {
    "harvester_version": "v1.6.1",
    "old": True,
    "machine_id": "machine-node1",
    "boot_id": "boot-node1",
    "links": [link("mgmt-bo"), link("mgmt-br")],
}


def test_with_an_api_harvester_1_6_is_warned_about_only() -> None:
    """What works through the API works there too."""
    bare = Host("node1", "node1", CHECKED | OLD, {}, {})
    (found,) = findings([bare], cluster(harvester="v1.6.1"))
    assert (found.severity, found.check, found.node) == ("warning", "support", "node1")
    assert "this collection changes NetworkManager profiles only" in found.message
    (alone,) = findings([bare])
    assert (alone.severity, alone.check) == (ERROR, "support")


def test_harvester_1_6_is_judged_by_what_the_raw_task_read() -> None:
    other = Host("node2", "node2", CHECKED | OLD | {"links": [link("mgmt-bo", 9000)], "boot_id": "b"}, {}, {})
    found = findings([Host("node1", "node1", CHECKED | OLD, {}, {}), other], cluster(node(), node("node2")))
    assert [finding.check for finding in found if finding.severity == ERROR] == [
        "mtu",
        "version",
        "identity",
        "version",
    ]
    assert "the host's machine id is machine-node1, node 'node2' of the cluster" in found[2].message


def test_errors_come_first_then_the_nodes_in_order() -> None:
    hosts = [
        host("node2", arp_ignore=[ARP], nics=[nic("eno1", duplex="half")]),
        host("node1", nics=[nic("eno1", duplex="half")], hints={"doubles": {"a": ["/a", "/b"]}}),
    ]
    assert [(finding.severity, finding.node) for finding in findings(hosts)] == [
        (ERROR, "node1"),
        (ERROR, "node2"),
        ("warning", "node1"),
        ("warning", "node2"),
    ]


def test_every_check_has_a_case() -> None:
    """A check without a case here would be one that nobody saw speak."""
    cases = {check for check, *_rest in [*HOST_CASES, *CLUSTER_CASES]}
    spoken: set[str] = set()
    for check in (*CHECKS, *CLUSTER_CHECKS):
        said = set()
        for _name, hosts, _line in HOST_CASES:
            said |= {finding.check for finding in check(hosts, {})}
        for _name, one, api, _line in CLUSTER_CASES:
            said |= {finding.check for finding in check([one], api)}
        assert said, check.__name__
        spoken |= said
    assert spoken == cases


def test_a_finding_of_the_whole_cluster_names_no_node() -> None:
    assert Finding(ERROR, "x", "", "wrong", "right it").line() == "wrong; right it"


def test_what_would_be_refused_of_the_wanted_state_is_an_error_with_its_rule() -> None:
    objections = [
        {
            "rule": "config-nic-missing",
            "object": "network configuration 'vm-a'",
            "message": "node1 has no NIC 'ens9'",
            "next_step": "choose from eno3 and eno4",
            "by": "ours",
        },
        {
            "rule": "vlanconfig-running-vms",
            "object": "network configuration 'vm-b'",
            "message": "VM 'default/web' runs on it",
            "next_step": "stop it",
            "by": "harvester",
        },
    ]
    wanted = [
        {"changed": False, "objects": []},
        {"msg": "two objections", "objections": objections},
        {"msg": "cluster network 'much-too-long-name': more than 12 characters; shorten it"},
        {"msg": "no API"},
        {"skipped": True, "msg": "not now"},
    ]
    found = findings([host("node1")], cluster(node("node1")), wanted)
    assert [(finding.severity, finding.check) for finding in found] == [("error", "wanted")] * 4
    assert [finding.line() for finding in found] == [
        (
            "network configuration 'vm-a': node1 has no NIC 'ens9' (rule config-nic-missing of this collection);"
            " choose from eno3 and eno4"
        ),
        "network configuration 'vm-b': VM 'default/web' runs on it (rule vlanconfig-running-vms of Harvester); stop it",
        "cluster network 'much-too-long-name': more than 12 characters; shorten it",
        "no API; correct the wanted state",
    ]


def test_the_wanted_state_is_not_judged_without_an_api() -> None:
    assert findings([host("node1")], None, [{"msg": "no API"}]) == []
