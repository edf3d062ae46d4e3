# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look at a node, by a real shell with its real grep, tar and base64; only ip, bridge and nmcli are played."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import sys
import types
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "module_utils/nm"))

from harvester_profiles import FIVE
from links_fixtures import Captured

from ansible_collections.harvester.network.plugins.module_utils.nm import _engine, _host, _links, _nmcli
from ansible_collections.harvester.network.plugins.module_utils.nm._node_module import PLANNED
from ansible_collections.harvester.network.plugins.module_utils.nm._places import CONFIRM_FOLDER, LIVE_FOLDER
from ansible_collections.harvester.network.plugins.plugin_utils import _profile_action, _profile_look
from ansible_collections.harvester.network.plugins.plugin_utils._profile_look import Unusable

ETC = "etc/NetworkManager/system-connections"
MOUNTS = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
ASKED = ["bond-mgmt", "bridge-mgmt", "vlan-mgmt"]


class Node:
    """A node below a folder, with programs of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.root = folder / "node"
        self.copy = folder / "copy"
        self.copy.mkdir()
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.captured = Captured("links_node", self.root)
        for name, text in FIVE.items():
            self.put(f"{ETC}/{name}.nmconnection", text)
        self.put("etc/os-release", 'NAME="SL-Micro"\nPRETTY_NAME="Harvester v1.8.2"\n')
        self.put("etc/harvester-release.yaml", "harvester: v1.8.2\n")
        self.put("proc/self/mountinfo", MOUNTS)
        for program in ("ip", "bridge"):
            cases = [
                f"'{line.partition(' ')[2]}') cat <<'E'\n{self.captured.output(line)}\nE\n;;"
                for line in self.captured.data["commands"]
                if line.startswith(program + " ")
            ]
            self.program(program, 'case "$*" in\n' + "\n".join(cases) + "\n*) exit 1;;\nesac")
        lines = "\n".join(self.captured.data["nmcli"])
        self.program("nmcli", f'printf "%s\\n" "$*" >> {folder}/nmcli.log\ncat <<\'E\'\n{lines}\nE')
        self.log = folder / "nmcli.log"

    def put(self, path: str, text: str) -> None:
        self.captured.write(path, text)

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def answer(self, ids: list[str] = ASKED) -> str:
        return self.shell(_profile_look.command(ids, str(self.root)))

    def shell(self, command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", command],
            env={"PATH": f"{self.programs}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def look(self, ids: list[str] = ASKED, terminal: bool = False) -> _profile_look.Look:
        text = self.answer(ids)
        return _profile_look.read(text.replace("\n", "\r\n") if terminal else text, str(self.copy), str(self.root))


@pytest.fixture
def node(tmp_path: pathlib.Path) -> Node:
    return Node(tmp_path)


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_read_is_what_the_module_reads(node: Node, terminal: bool) -> None:
    node.put(f"{ETC}/without-an-end.nmconnection", "[connection]\nid=x y\ntype=bridge")
    node.put(f"{ETC}/empty", "")
    node.put(f"{ETC}/.hidden", "broken")
    node.put("run/NetworkManager/system-connections/mirror.nmconnection", "[connection]\nid=m\ntype=vlan\n")
    (node.root / ETC / "link.nmconnection").symlink_to("bond-mgmt.nmconnection")
    look = node.look(terminal=terminal)
    assert _host.read_disk(look.root) == _host.read_disk(str(node.root))
    assert _host.read_support(look.root) == _host.read_support(str(node.root))
    assert _links.read(look.run, look.root) == _links.read(node.captured.run, str(node.root))
    # the kernel's empty files are there too: a bond without a primary is not one whose primary nobody knows
    assert _links.read(look.run, look.root).links["mgmt-bo"].bond.options["primary"] == ""  # type: ignore[union-attr]
    loaded = _host.read_loaded(look.run, ASKED)
    assert {name: one.profile for name, one in loaded.items()} == {
        name: one.profile for name, one in _host.read_loaded(node.captured.run, ASKED).items()
    }


def test_one_process_of_nmcli_that_is_asked_only_for_what_has_a_file(node: Node) -> None:
    ids = [*ASKED, "bond-slave-eno9", "it's new"]
    look = node.look(ids)
    assert node.log.read_text().splitlines() == [shlex.join(_nmcli.show(ASKED)[1:])]
    with pytest.raises(Unusable) as error:
        look.run(_nmcli.show([*ASKED, "other"]))
    assert str(error.value).startswith("was not asked: nmcli -t -e no -f ")


def test_nothing_is_asked_of_networkmanager_for_profiles_that_are_all_new(node: Node) -> None:
    node.look(["new"])
    assert not node.log.exists()


@pytest.mark.parametrize("folder", [LIVE_FOLDER, CONFIRM_FOLDER])
def test_a_change_under_way_is_the_modules(node: Node, folder: str) -> None:
    (node.root / folder.lstrip("/")).mkdir(parents=True)
    with pytest.raises(Unusable, match=r"^a change is under way, or waits to be confirmed$"):
        node.look()


def test_wicked_is_seen(node: Node) -> None:
    node.put("etc/sysconfig/network/ifcfg-mgmt-br", "")
    assert _host.read_support(node.look().root).wicked


@pytest.mark.parametrize(
    ("program", "script", "why"),
    [
        ("ip", "exit 3", "a program ended with status 3"),
        ("bridge", "exit 1", "a program ended with status 1"),
        ("nmcli", "exit 10", "a program ended with status 10"),
        ("tar", "exit 2", "tar does not read the keyfiles"),
        ("tar", "echo no archive", "tar does not read the keyfiles"),
        ("base64", "echo '?'", "base64: Only base64 data is allowed"),
        ("gzip", "exit 1", "no answer to its end, unpacked"),
        ("gzip", "echo no archive", "the answer does not unpack: Not a gzipped file"),
        ("mktemp", "exit 1", "no answer to its end"),
        ("grep", "exit 2", "grep does not read files"),
    ],
)
def test_a_program_that_fails_leaves_it_to_the_module(node: Node, program: str, script: str, why: str) -> None:
    node.program(program, script)
    with pytest.raises(Unusable) as error:
        node.look()
    assert str(error.value).startswith(why)


def test_a_keyfile_that_is_no_text_is_the_modules(node: Node) -> None:
    (node.root / ETC / "odd.nmconnection").write_bytes(b"[connection]\nid=\xff\n")
    with pytest.raises(Unusable, match=r"^keyfiles: 'utf-8' codec can't decode"):
        node.look()


@pytest.mark.parametrize("cut", [1, 200])
def test_an_answer_that_ends_early_is_none(node: Node, cut: int) -> None:
    text = node.answer().rstrip("\n")
    with pytest.raises(Unusable, match=r"^no answer to its end$"):
        _profile_look.read(text[:-cut], str(node.copy), str(node.root))


def test_a_command_that_no_transport_takes_is_not_sent() -> None:
    with pytest.raises(Unusable, match=r"^4000 profiles make the command too long$"):
        _profile_look.command(["mgmt-br.%d-with-a-long-name" % number for number in range(4000)])


CALLS: list[tuple[str | None, dict[str, Any], bool]] = [
    (None, {"profiles": [{"id": "bond-mgmt", "mtu": None}]}, True),
    ("bond", {"id": "bond-mgmt", "mtu": 9000}, True),
    (None, {"profiles": [{"id": "bond-mgmt", "mtuu": 1}]}, False),  # the module names it
    (None, {"profiles": [{"id": "x"}], "state": "gathered"}, False),
    (None, {"profiles": [{"id": "x"}], "state": "rendered"}, False),
    (None, {"profiles": [{"id": "x"}], "state": "absent"}, False),
    (None, {"profiles": [{"id": "x", "state": "absent"}]}, False),
]


@pytest.mark.parametrize(("kind", "arguments", "taken"), CALLS)
def test_what_the_look_takes_on(kind: str | None, arguments: dict[str, Any], taken: bool) -> None:
    assert (_profile_action.call_of(kind, arguments) is not None) == taken


def test_omitted_and_null_stay_two_things() -> None:
    call = _profile_action.call_of("vlan", {"id": "vlan-mgmt", "mtu": None, "ipv4": {"dns": "192.0.2.1"}})
    assert call is not None
    assert call.items == [{"id": "vlan-mgmt", "type": "vlan", "mtu": None, "ipv4": {"dns": ["192.0.2.1"]}}]


def test_the_ports_of_a_bond_are_asked_for() -> None:
    items = [{"id": "bond-mgmt", "ports": ["eno1", "eno2"]}, {"id": "bond-slave-eno1"}]
    live, later = (_profile_action.call_of(None, {"profiles": items, "apply": word}) for word in ("live", "reboot"))
    assert live is not None and later is not None
    assert _profile_action.ids_of(live) == ["bond-mgmt", "bond-slave-eno1", "bond-slave-eno2"]
    assert _profile_action.ids_of(later) == [], "a boot reads all files anew"


def test_the_plan_is_the_modules(node: Node) -> None:
    call = _profile_action.call_of(None, {"profiles": [{"id": name, "mtu": 9000} for name in ASKED]})
    assert call is not None
    plan = _profile_action.planned(call, node.answer(), str(node.root))
    assert plan == _engine.plan(node.captured.run, call.items, call.options, str(node.root))
    assert plan.job is not None
    assert [step["device"] for step in plan.job["steps"]] == ["mgmt-bo", "mgmt-br", "mgmt-br.2017"]


def test_a_call_of_which_a_part_changes_is_planned_from_the_look_too(node: Node) -> None:
    """What a plan asks NetworkManager for is what the look has asked, or the module would have to look again."""
    call = _profile_action.call_of(None, {"profiles": [{"id": "bond-mgmt"}, {"id": "vlan-mgmt", "mtu": 1400}]})
    assert call is not None
    plan = _profile_action.planned(call, node.answer(_profile_action.ids_of(call)), str(node.root))
    assert [item["action"] for item in plan.result.profiles] == ["unchanged", "changed"]


class Action(_profile_action.ProfileAction):
    """The action of `profiles` towards a played node; what would go to the module is kept."""

    def __init__(self, node: Node, arguments: dict[str, Any], **task: Any) -> None:
        given = {"args": arguments, "async_val": 0, "check_mode": False, "environment": None, "diff": True} | task
        connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
        context = types.SimpleNamespace(remote_addr="node1")
        super().__init__(types.SimpleNamespace(**given), connection, context, None, None, None)
        self.prefix = str(node.root)
        self.shell = node.shell
        self.looks = 0
        self.sent: list[dict[str, Any]] = []

    def _low_level_execute_command(self, cmd: str, *_arguments: Any, **_options: Any) -> dict[str, Any]:
        self.looks += 1
        return {"rc": 0, "stdout": self.shell(cmd), "stderr": ""}

    def _execute_module(self, *_arguments: Any, **options: Any) -> dict[str, Any]:
        self.sent.append(options["module_args"])
        return {"changed": True}


def action(node: Node, mtu: int, given: dict[str, Any] | None = None, **task: Any) -> tuple[Action, dict[str, Any]]:
    made = Action(node, {"profiles": [{"id": name, "mtu": mtu} for name in ASKED], **(given or {})}, **task)
    return made, made.run(None, {})


def test_a_call_without_a_change_needs_no_module(node: Node) -> None:
    made, result = action(node, 1500)
    assert (made.looks, made.sent, result["changed"], result["earlier_change"]) == (1, [], False, "none")
    assert [profile["action"] for profile in result["profiles"]] == ["unchanged"] * 3


def test_check_mode_needs_no_module_and_tells_all(node: Node) -> None:
    made, result = action(node, 9000, check_mode=True)
    assert (made.looks, made.sent, result["changed"], result["reboot_required"]) == (1, [], True, False)
    assert [(device["name"], device["how"]) for device in result["devices"]] == [
        ("mgmt-bo", "kernel"),
        ("mgmt-br", "kernel"),
        ("mgmt-br.2017", "kernel"),
    ]
    assert ["mtu=9000\n" in part["after"] for part in result["diff"]] == [True, True, True, False]
    assert [part["before_header"] for part in result["diff"]][-1] == "live"


def test_a_change_goes_to_the_module_with_its_plan(node: Node) -> None:
    made, result = action(node, 9000)
    assert (made.looks, result) == (1, {"changed": True})
    planned = made.sent[0][PLANNED]
    assert [file["path"] for file in planned["job"]["files"]] == [f"/{ETC}/{name}.nmconnection" for name in ASKED]
    assert planned["result"]["changed"]
    json.dumps(planned)  # it has to pass through the connection


def test_nobody_else_hands_a_plan_to_the_module(node: Node) -> None:
    with pytest.raises(AnsibleActionFail) as error:
        action(node, 9000, {PLANNED: {"job": {"files": [], "steps": []}}})
    assert str(error.value) == f"options: {PLANNED}: unknown option; take it out"


@pytest.mark.parametrize(
    ("given", "task", "looks"),
    [
        ({"commit_confirm": True}, {}, 1),  # what has to be undone by itself is recorded by the module
        ({}, {"async_val": 10}, 0),
        ({"state": "absent"}, {}, 0),
        ({"mtu_max": 1400}, {}, 1),  # refused: by the module, in its words
        ({"confirm_timeout": 1}, {}, 0),
    ],
)
def test_what_the_module_does_by_itself(node: Node, given: dict[str, Any], task: dict[str, Any], looks: int) -> None:
    made, result = action(node, 9000, given, **task)
    assert (made.looks, result) == (looks, {"changed": True})
    assert [PLANNED in sent for sent in made.sent] == [False]


def test_a_node_that_cannot_be_looked_at_is_the_modules(node: Node) -> None:
    node.program("bridge", "exit 1")
    made, _result = action(node, 1500)
    assert (made.looks, [PLANNED in sent for sent in made.sent]) == (1, [False])
