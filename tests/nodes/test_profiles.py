# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the profile modules read, keep and cost."""

from __future__ import annotations

import pytest
from runs import Ansible
from state import FOLDER, files, holder, mtu_items, mtus, nmcli_wrapped, vlan_items, without

from lab import Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes


def test_nmcli_processes_are_few(nodes: dict[str, Node], ansible: Ansible) -> None:
    """One to read, whatever is there; one more to load; one per device that has to come up."""
    node = nodes["node1"]

    def calls(arguments: dict[str, object]) -> list[str]:
        node.run("rm -f /run/nmcli-calls")
        with nmcli_wrapped(node, 'echo "$*" >> /run/nmcli-calls'):
            run = ansible.module("profiles", arguments)
        assert run.status == 0, run.output
        return node.run("cat /run/nmcli-calls").stdout.splitlines()

    ports = [{"id": f"bond-slave-{nic}", "controller": "mgmt-bo"} for nic in node.spec.nics[:2]]
    unchanged = calls({"profiles": [*mtu_items(1500), *ports]})
    assert len(unchanged) == 1, unchanged
    assert len(calls({"profiles": mtu_items(9000)})) == 2
    changed = calls({"profiles": [*vlan_items(2018, 2019), holder(2018), holder(2019)]})
    # NetworkManager brings the new devices up itself once their files are loaded; a second activation would hurt.
    assert len(changed) == 2, changed


@pytest.mark.debian12
def test_a_call_that_changes_nothing_needs_no_python_on_the_node(nodes: dict[str, Node], ansible: Ansible) -> None:
    """What the controller says by one look is, word for word, what the module says when it has to look by itself."""
    node = nodes["node1"]
    text = files(node)
    more = [{**item, "mtu": 9000} for item in [*vlan_items(2018), {"id": "vlan-mgmt"}]]
    same, other = {"profiles": mtu_items(1500)}, {"profiles": more}
    with without(node, "/usr/bin/python3"):
        looked = [ansible.module("profiles", same), ansible.module("profiles", other, check=True)]
        assert ansible.module("profiles", other).status != 0
    with without(node, "/usr/bin/tar"):
        by_itself = [ansible.module("profiles", same), ansible.module("profiles", other, check=True)]
    assert [run.of("node1").changed for run in looked] == [False, True]
    assert [run.of("node1").result for run in looked] == [run.of("node1").result for run in by_itself]
    assert (files(node), mtus(node)["mgmt-br"]) == (text, 1500)


@pytest.mark.debian12
def test_foreign_properties_survive(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node3"]
    path = f"{FOLDER}/vlan-mgmt.nmconnection"
    text = node.read(path).replace("[ipv4]\n", "[ipv4]\ndhcp-client-id=ipv4-mac\n")
    node.write(path, "# by hand\n" + text, 0o600)
    node.run("nmcli connection load " + path)
    run = ansible.module("vlan_profile", {"id": "vlan-mgmt", "ipv4": {"dns": ["10.217.0.1"]}}, "node3")
    assert run.of("node3").how() == {"mgmt-br.2017": "reapply"}, run.output
    now = node.read(path)
    assert now.startswith("# by hand\n")
    assert "dhcp-client-id=ipv4-mac\n" in now
    assert "dns=10.217.0.1;\n" in now


@pytest.mark.long
def test_dns_is_reapplied_and_a_vip_stays(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    others = capture(node)
    arguments = {"id": "vlan-mgmt", "ipv4": {"dns": ["10.217.0.1", "10.217.0.53"]}}
    run = ansible.module("vlan_profile", arguments)
    assert run.of("node1").how() == {"mgmt-br.2017": "reapply"}, run.output
    assert "10.217.0.53" in node.output("nmcli -g IP4.DNS device show mgmt-br.2017")
    assert compare(others, capture(node)) == []
    assert not ansible.module("vlan_profile", arguments).of("node1").changed


@pytest.mark.long
def test_a_file_edited_behind_networkmanagers_back_is_loaded(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    node.run(f"sed -i 's/mtu=1500/mtu=9000/' {FOLDER}/bond-mgmt.nmconnection")
    items = {"profiles": mtu_items(9000)}
    run = ansible.module("profiles", items)
    assert run.of("node1").actions() == {"bond-mgmt": "loaded", "bridge-mgmt": "changed", "vlan-mgmt": "changed"}
    assert node.output("nmcli -g 802-3-ethernet.mtu connection show bond-mgmt") == "9000"
    assert not ansible.module("profiles", items).of("node1").changed


@pytest.mark.long
def test_gathered_goes_back_in_and_changes_nothing(nodes: dict[str, Node], ansible: Ansible) -> None:
    for name, node in nodes.items():
        gathered = ansible.module("profiles", {"state": "gathered"}, name).of(name).result["gathered"]
        assert sorted(item["id"] for item in gathered) == sorted(
            ["bond-mgmt", "bridge-mgmt", "vlan-mgmt", *(f"bond-slave-{nic}" for nic in node.spec.nics[:2])]
        )
        text = files(node)
        run = ansible.module("profiles", {"profiles": gathered}, name)
        assert not run.of(name).changed, run.output
        assert files(node) == text


@pytest.mark.long
def test_rendered_equals_what_the_node_has(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    gathered = ansible.module("profiles", {"state": "gathered"}).of("node1").result["gathered"]
    run = ansible.module("profiles", {"state": "rendered", "profiles": gathered}, "node1")
    for item in run.of("node1").result["keyfiles"]:
        have = sorted(line for line in node.read(item["path"]).splitlines() if line)
        assert sorted(line for line in item["content"].splitlines() if line) == have


@pytest.mark.long
def test_a_vlan_device_comes_and_goes(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node2"]
    text, others = files(node), capture(node)
    items = {"profiles": [*vlan_items(2018), holder(2018)]}
    assert ansible.module("profiles", items, "node2").of("node2").actions()["mgmt-br.2018"] == "created"
    assert "mgmt-br.2018" in mtus(node)
    gone = ansible.module("vlan_profile", {"id": "mgmt-br.2018", "state": "absent"}, "node2")
    assert gone.of("node2").actions() == {"mgmt-br.2018": "removed"}, gone.output
    assert "mgmt-br.2018" not in mtus(node)
    assert not ansible.module("vlan_profile", {"id": "mgmt-br.2018", "state": "absent"}, "node2").of("node2").changed
    assert ansible.module("profiles", {"profiles": vlan_items()}, "node2").status == 0
    assert files(node) == text
    assert compare(others, capture(node)) == []
