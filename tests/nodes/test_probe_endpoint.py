# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary endpoints on nodes: frames of a VLAN between two of them, and what the node removes by itself."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import pytest
from runs import Ansible
from state import files, vids

from lab import Lab, Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes

PAIR = "node1,node2"
ADDRESS = "198.18.0.{{ inventory_hostname[-1] }}/24"
UNIT = "harvester-network-probe-proof"


def proof(*endpoints: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "proof", "endpoints": list(endpoints), **more}


def vlan(vid: int = 2018, **more: Any) -> dict[str, Any]:
    return {"key": f"vlan{vid}", "vlan_id": vid, "address": ADDRESS, **more}


def traces(node: Node) -> str:
    """Everything of a probe that is on a node."""
    return node.output(
        "ip -o link show | grep -o 'hnp[0-9a-f]*' | sort -u; ls /run/netns | grep hnprobe;"
        " ls -d /run/harvester-network-probe* 2>/dev/null;"
        f" systemctl list-units --all --plain --no-legend '{UNIT}*'; true"
    ).strip()


def reaches(node: Node, namespace: str, target: str, size: int = 1500) -> bool:
    """Whether packets of that size pass; three are sent, and one that passes is enough."""
    argv = f"ip netns exec {namespace} ping -n -q -c 3 -i 0.3 -W 2 -M do -s {size - 28} {target}"
    return node.run(argv, check=False).returncode == 0


def until_clean(node: Node, seconds: float) -> None:
    """Wait until nothing of a probe is on a node; fails when that takes longer."""
    end = time.monotonic() + seconds
    while traces(node):
        assert time.monotonic() < end, traces(node)
        time.sleep(1)


def test_frames_of_a_vlan_pass_between_two_nodes(nodes: dict[str, Node], ansible: Ansible) -> None:
    pair = [nodes["node1"], nodes["node2"]]
    before = [(capture(node), files(node), sorted(vids(node, "mgmt-bo"))) for node in pair]

    bad = ansible.module("probe_endpoint", proof(vlan(uplink="mgmt-br.2017", mtu=9000)))
    assert bad.of("node1").msg == (
        "endpoint 'vlan2018': mtu=9000: is above the MTU of mgmt-br, 1500 bytes; raise that first, or leave mtu out\n"
        "endpoint 'vlan2018': uplink=mgmt-br.2017: is no port of mgmt-br; its ports are mgmt-bo, vethvm1"
    )
    used = ansible.module("probe_endpoint", proof({**vlan(), "address": "10.217.0.99/24"}))
    assert used.of("node1").msg == (
        "endpoint 'vlan2018': address=10.217.0.99/24: 10.217.0.0/24 overlaps the node's route to 10.217.0.0/24"
        " (mgmt-br.2017); choose another subnet; 198.18.0.0/15 is reserved for measurements"
    )

    arguments = proof(vlan(uplink="mgmt-bo"), {"key": "management", "device": "mgmt-br.2017"})
    check = ansible.module("probe_endpoint", arguments, PAIR, check=True)
    assert check.of("node1").changed
    assert [traces(node) for node in pair] == ["", ""]

    run = ansible.module("probe_endpoint", arguments, PAIR)
    assert (run.status, run.warnings()) == (0, []), run.output
    for node in pair:
        result = run.of(node.name).result
        own, made = result["endpoints"]
        assert (own["device"], own["namespace"], own["address"]) == ("mgmt-br.2017", None, node.spec.mgmt_address)
        assert (made["device"], made["address"], made["mtu"]) == ("eth0", f"198.18.0.{node.spec.number}", 1500)
        assert "VLAN id 2018 on mgmt-bo" in made["made"]
        assert made["made"] == check.of(node.name).result["endpoints"][1]["made"]
        assert node.output(["systemctl", "is-active", UNIT + ".timer"]).strip() == "active"
    namespace = run.of("node1").result["endpoints"][1]["namespace"]
    assert reaches(pair[0], namespace, "198.18.0.2")
    for node, (others, text, _ids) in zip(pair, before, strict=True):
        assert compare(others, capture(node)) == []
        assert files(node) == text, "no profile is made"

    again = ansible.module("probe_endpoint", arguments, PAIR)
    assert not again.of("node1").changed and not again.of("node2").changed
    assert again.of("node1").result["expires"] == run.of("node1").result["expires"]

    gone = ansible.module("probe_endpoint", {"name": "proof", "state": "absent"}, PAIR)
    for node, (others, text, ids) in zip(pair, before, strict=True):
        assert sorted(gone.of(node.name).result["removed"]) == sorted(run.of(node.name).result["endpoints"][1]["made"])
        assert traces(node) == ""
        assert compare(others, capture(node)) == []
        assert (files(node), sorted(vids(node, "mgmt-bo"))) == (text, ids)
    assert not ansible.module("probe_endpoint", {"name": "proof", "state": "absent"}, PAIR).of("node1").changed


@pytest.mark.long
def test_an_id_that_is_missing_on_the_uplink_shows(nodes: dict[str, Node], ansible: Ansible) -> None:
    """Without uplink nothing is added; the primary VLAN passes beside its own device."""
    primary = {**vlan(2017), "address": "198.18.1.{{ inventory_hostname[-1] }}/24"}
    run = ansible.module("probe_endpoint", proof(vlan(), primary), PAIR)
    made = {shown["key"]: shown["namespace"] for shown in run.of("node1").result["endpoints"]}
    assert not reaches(nodes["node1"], made["vlan2018"], "198.18.0.2")
    assert reaches(nodes["node1"], made["vlan2017"], "198.18.1.2")
    assert 2018 not in vids(nodes["node1"], "mgmt-bo")
    assert ansible.module("probe_endpoint", {"name": "proof", "state": "absent"}, PAIR).status == 0


@pytest.mark.long
def test_an_address_of_another_is_refused_and_nothing_stays(nodes: dict[str, Node], ansible: Ansible) -> None:
    first = proof(vlan(uplink="mgmt-bo"))
    second = proof({**vlan(uplink="mgmt-bo"), "address": "198.18.0.1/24"})
    assert ansible.module("probe_endpoint", first, "node1").status == 0
    mac = nodes["node1"].json("ip -n hnprobe-proof-vlan2018 -j link show dev eth0")[0]["address"]
    refused = ansible.module("probe_endpoint", second, "node2")
    assert refused.of("node2").msg == (
        f"endpoint 'vlan2018': address=198.18.0.1/24: is used on VLAN 2018 by {mac}; choose another subnet;"
        " 198.18.0.0/15 is reserved for measurements\neverything that was made was removed again"
    )
    assert traces(nodes["node2"]) == ""
    assert 2018 not in vids(nodes["node2"], "mgmt-bo")
    assert ansible.module("probe_endpoint", {"name": "proof", "state": "absent"}, "node1").status == 0


@pytest.mark.long
def test_the_node_cleans_up_by_itself(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    others, ids = capture(node), vids(node, "mgmt-bo")
    run = ansible.module("probe_endpoint", proof(vlan(uplink="mgmt-bo"), lifetime=30))
    assert run.of("node1").changed, run.output
    until_clean(node, 120)
    assert compare(others, capture(node)) == []
    assert vids(node, "mgmt-bo") == ids
    assert not ansible.module("probe_endpoint", {"name": "proof", "state": "absent"}).of("node1").changed


@pytest.mark.long
def test_a_runner_that_is_killed_in_the_middle_of_a_proof_leaves_nothing(
    lab: Lab, nodes: dict[str, Node], ansible: Ansible
) -> None:
    others = {name: (capture(node), vids(node, "mgmt-bo")) for name, node in nodes.items()}
    # A node that is not reached keeps the others waiting for answers, so that the kill comes in the middle.
    lab.switch.set_ports(["node3/u1", "node3/u2"], silent=True)
    networks = [{"vlan_id": 2018, "uplink": "mgmt-bo"}]
    variables = {"path_proof_networks": networks, "path_proof_lifetime": 60, "path_proof_count": 20}
    role = {"name": "Prove", "ansible.builtin.include_role": {"name": "harvester.network.path_proof"}}
    play = {"name": "Test", "hosts": "all", "gather_facts": False, "become": True, "vars": variables, "tasks": [role]}
    path = ansible.folder / "killed.yml"
    path.write_text(json.dumps([play]))
    runner = ansible.start(str(path))
    end = time.monotonic() + 120
    while not all("hnprobe-proof-vlan2018" in traces(node) for node in nodes.values()):
        assert runner.poll() is None, "the proof ended before its endpoints were seen"
        assert time.monotonic() < end, {name: traces(node) for name, node in nodes.items()}
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    for name, node in nodes.items():
        until_clean(node, 180)
        assert (compare(others[name][0], capture(node)), vids(node, "mgmt-bo")) == ([], others[name][1])


@pytest.mark.long
def test_an_id_that_came_to_be_used_stays(nodes: dict[str, Node], ansible: Ansible) -> None:
    """A VLAN device of somebody's needs the id by now: the node keeps it and says so."""
    node = nodes["node1"]
    assert ansible.module("probe_endpoint", proof(vlan(uplink="mgmt-bo"))).status == 0
    node.run("bridge vlan add dev mgmt-br vid 2018 self")
    gone = ansible.module("probe_endpoint", {"name": "proof", "state": "absent"})
    assert gone.of("node1").result["kept"] == ["VLAN id 2018 on mgmt-bo: mgmt-br uses it now"]
    assert 2018 in vids(node, "mgmt-bo")
    assert traces(node) == ""
