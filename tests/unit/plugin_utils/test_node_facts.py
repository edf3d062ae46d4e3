# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role node_check's script prints, and which nodes are refused because of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.filter.node_refusals import node_refusals
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.plugin_utils._link_proof import mismatches
from ansible_collections.harvester.network.plugins.plugin_utils._node_facts import objections, parse

SCRIPT = Path(__file__).parents[3] / "roles/node_check/files/node_facts.sh"

HARVESTER_1_8 = """Welcome to Harvester
os_name=Harvester v1.8.2
harvester_version=v1.8.2
found=/usr/bin/python3.13 3.13.5
found=/usr/bin/python3 3.13.5
networkmanager=yes
wicked=no
mgmt_state=100 (connected)
findmnt={"filesystems": [{"target":"/etc/NetworkManager","source":"/dev/vda5[/.state/etc-NetworkManager.bind]","fstype":"ext4","options":"rw,relatime"}]}
vlan_id=2017
"""  # noqa: E501

HARVESTER_1_6 = """os_name=Harvester v1.6.1
harvester_version=v1.6.1
found=/usr/bin/python3 3.6.15
networkmanager=no
wicked=yes
machine_id=1f2e
boot_id=9a8b
links=[{"ifindex":7,"ifname":"vm-bo","mtu":9000,"operstate":"UP","link_type":"ether","flags":["UP","MASTER"],"address":"52:54:00:00:00:01","master":"vm-br","linkinfo":{"info_kind":"bond","info_data":{"mode":"active-backup"}}},{"ifindex":3,"ifname":"eno3","mtu":9000,"operstate":"UP","link_type":"ether","flags":["UP","SLAVE"],"address":"52:54:00:00:00:01","master":"vm-bo"}]
vlans=[{"ifname":"vm-bo","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":300,"vlanEnd":302}]}]
findmnt=
vlan_id=0
"""


def test_a_node_of_harvester_1_8() -> None:
    facts = parse(HARVESTER_1_8)
    assert facts["python"] == "3.13.5"
    assert facts["pythons"][0] == {"path": "/usr/bin/python3.13", "version": "3.13.5"}
    assert facts["interpreter"] is None
    assert facts["vlan_id"] == 2017
    assert objections(facts, "node1") == []


def test_the_script_finds_profiles_that_only_hold_a_vlan(tmp_path: Path) -> None:
    holder = "[connection]\nid=mgmt-br.2018\ntype=vlan\n[vlan]\nid=2018\nparent=mgmt-br\n[ipv4]\nmethod=disabled\n"
    holder += "[ipv6]\nmethod=disabled\n"
    files = {
        "mgmt-br.2018": holder,
        "mgmt-br.2019": holder.replace("2018", "2019").replace("method=disabled", "method=manual", 1),
        "mgmt-br.2020": holder.replace("parent=mgmt-br", "parent=eno3").replace("2018", "2020"),
        "mgmt-br.2021": holder,
        "vlan-mgmt": holder.replace("mgmt-br.2018", "vlan-mgmt"),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.nmconnection").write_text(text)
    text = SCRIPT.read_text().replace("/etc/NetworkManager/system-connections", str(tmp_path))
    shown = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout
    assert (parse(shown)["holders"], parse(shown)["vlan_id"]) == ([2018], 2018)
    assert parse(HARVESTER_1_8)["holders"] == []


def test_the_script_finds_where_the_session_comes_from() -> None:
    """Also through a process in between that has lost it, as everything below sudo has."""
    between = [
        "env",
        "SSH_CLIENT=192.0.2.7 50022 22",
        "sh",
        "-c",
        'env -u SSH_CLIENT sh -c "$1"; :',
        "sh",
        SCRIPT.read_text(),
    ]
    shown = subprocess.run(between, capture_output=True, text=True, check=True).stdout
    assert parse(shown)["ssh_client"] == "192.0.2.7"


def test_a_node_of_harvester_1_6_is_refused_for_its_age_alone() -> None:
    found = objections(parse(HARVESTER_1_6), "node1")
    assert len(found) == 1
    assert found[0].startswith("node 'node1': harvester=1.6: ")
    assert "upgrade to Harvester 1.7 or later" in found[0]


def test_a_node_of_harvester_1_6_has_its_links_in_the_words_of_profile_info() -> None:
    facts = parse(HARVESTER_1_6)
    assert (facts["old"], facts["usable"]) == (True, False)
    assert (facts["machine_id"], facts["boot_id"]) == ("1f2e", "9a8b")
    assert facts["vlans"] == {"vm-bo": ["1 pvid untagged", "300-302"]}
    wanted = {"name": "vm-bo", "mtu": 9000, "ports": ["eno3"], "mode": "active-backup", "controller": "vm-br"}
    wanted |= {"vlans": ["301"], "up": True}
    assert mismatches(facts, {"devices": [wanted], "absent": ["old-bo"]}) == []
    wrong = [wanted | {"mtu": 1500}, {"name": "vm-br"}]
    assert mismatches(facts, {"devices": wrong, "absent": ["vm-bo"]}) == [
        "vm-bo: MTU 9000 instead of 1500",
        "vm-br: there is no such device",
        "vm-bo: it is still there",
    ]


def test_a_later_node_has_none_since_profile_info_runs_there() -> None:
    facts = parse(HARVESTER_1_8)
    assert (facts["old"], facts["links"], facts["vlans"]) == (False, [], {})


@pytest.mark.parametrize(("text", "refused"), [(HARVESTER_1_6, 0), (HARVESTER_1_8.replace("found=", "lost="), 1)])
def test_only_age_is_allowed_when_it_is_asked_for(text: str, refused: int) -> None:
    facts = parse(text)
    assert len(node_refusals(facts, "node1", True)) == refused
    assert len(node_refusals(facts, "node1")) == 1


def test_links_that_are_not_json() -> None:
    text = HARVESTER_1_6.replace("links=[", "links=ip: command not found [")
    with pytest.raises(NetworkError, match="the output is not JSON"):
        parse(text)


def test_an_old_python() -> None:
    text = HARVESTER_1_8.replace("python3.13 3.13.5", "python3 3.6.15").replace("found=/usr/bin/python3 3.13.5\n", "")
    (found,) = objections(parse(text), "node1")
    assert found.startswith("node 'node1': python=3.6.15: too old; modules need Python 3.9 or later")


def test_no_python() -> None:
    text = "".join(line + "\n" for line in HARVESTER_1_8.splitlines() if not line.startswith("found="))
    (found,) = objections(parse(text), "node1")
    assert found.startswith("node 'node1': python: no python3 was found")


@pytest.mark.parametrize(
    ("named", "shown"),
    [("/usr/bin/python2 2.7.18", "2.7.18"), ("/opt/gone/python3", "unknown, it does not run")],
)
def test_the_inventory_names_an_unusable_interpreter(named: str, shown: str) -> None:
    text = HARVESTER_1_8.replace("networkmanager=yes", f"interpreter={named}\nnetworkmanager=yes")
    assert objections(parse(text), "node1") == [
        (
            f"node 'node1': ansible_python_interpreter={named.split()[0]}: its version is {shown}; modules need"
            " Python 3.9 or later; the node has /usr/bin/python3.13 (3.13.5): name that one"
        )
    ]


def test_profiles_that_would_not_last() -> None:
    text = HARVESTER_1_8.replace('"fstype":"ext4"', '"fstype":"overlay"')
    (found,) = objections(parse(text), "node1")
    assert "would be lost at the next boot" in found


def test_a_network_that_is_not_networkmanagers() -> None:
    (found,) = objections(parse(HARVESTER_1_8.replace("100 (connected)", "10 (unmanaged)")), "node1")
    assert "NetworkManager does not own the management network" in found


@pytest.mark.parametrize("text", ["", "sh: line 3: syntax error", HARVESTER_1_8.replace("vlan_id=2017", "")])
def test_an_answer_that_ends_early(text: str) -> None:
    with pytest.raises(NetworkError, match="the facts of the node cannot be read"):
        parse(text)


@pytest.mark.parametrize("interpreter", ["", "/nonexistent/python3"])
def test_the_script_runs_on_any_host(interpreter: str) -> None:
    """With dash and bash, nothing on standard error, and an answer that parses."""
    for shell in ("sh", "bash"):
        done = subprocess.run(
            [shell, str(SCRIPT)],
            env={"interpreter": interpreter, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        facts = parse(done.stdout)
        assert (facts["interpreter"] or {}).get("path", "") == interpreter
