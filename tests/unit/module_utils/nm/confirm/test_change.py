# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's side of a checkpoint, and who is named as its owner."""

from __future__ import annotations

import pathlib

import pytest
from confirm_node import BOND, NEW, PROFILES, Node

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm import _carry, _launch, _limits
from ansible_collections.harvester.network.plugins.module_utils.nm._host import read_disk
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile
from ansible_collections.harvester.network.plugins.module_utils.nm._request import CHANGED, CREATED, Change
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _change
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._checkpoint import Checkpoint
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._owner import owner

FOLDER = "/etc/NetworkManager/system-connections/"


def bond(*vids: int) -> Profile:
    values = {"interface_name": "mgmt-bo", "bridge_port.vlans": VlanList().with_ids(vids)}
    return Profile("bond-mgmt", "bond", values)


WRITES = [
    Change("bond-mgmt", CHANGED, FOLDER + "bond-mgmt.nmconnection", bond(2017), bond(2017, 2018), BOND, "new"),
    Change(
        "mgmt-br.2018",
        CREATED,
        FOLDER + NEW,
        None,
        Profile("mgmt-br.2018", "vlan", {"interface_name": "mgmt-br.2018"}),
        "",
        "new",
    ),
]


@pytest.fixture
def node(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    found = Node(tmp_path)
    monkeypatch.setattr(_change, "Checkpoint", lambda run: Checkpoint(run, str(tmp_path), clock=lambda: 1767225600))
    return found


def arm(node: Node, boot: bool = False) -> None:
    confirm = _limits.Confirm(60, "rancher")
    _change.arm(node.run, confirm, WRITES, read_disk(str(node.root)), node.snapshot(), boot)


@pytest.mark.parametrize(("boot", "window"), [(False, "now"), (True, "boot")])
def test_what_a_change_touches_is_recorded(node: Node, boot: bool, window: str) -> None:
    arm(node, boot)
    there = node.checkpoint().found()
    assert there.manifest is not None
    assert [item.name for item in there.manifest.files] == ["bond-mgmt.nmconnection"]
    assert there.manifest.absent == (NEW,)
    assert there.manifest.of("novlan") == ["mgmt-bo master 2018"]
    assert there.manifest.of("gone") == ["mgmt-br.2018"]
    assert there.manifest.window == window


def test_a_pending_change_is_shown_and_refuses_another(node: Node) -> None:
    arm(node)
    found, warnings = _change.earlier(node.run, check=False)
    assert (found["state"], found["owner"], warnings) == ("armed", "rancher", [])
    assert _change.refusal(node.run).startswith("an earlier change 'profiles-")


def test_an_undone_change_is_told_once(node: Node) -> None:
    arm(node)
    node.write("bond-mgmt.nmconnection", "[connection]\nid=x\n")
    node.program()
    found, (warning,) = _change.earlier(node.run, check=True)
    assert found == {}
    assert warning.endswith("; the next run that is no check clears that")
    with pytest.raises(NetworkError) as error:
        _change.earlier(node.run, check=False)
    assert str(error.value).startswith("an earlier change 'profiles-")
    assert ": profile file bond-mgmt.nmconnection put back" in str(error.value)
    assert str(error.value).endswith("; run again to retry")
    assert _change.earlier(node.run, check=False) == ({}, [])


def test_an_undone_change_that_nobody_hears_of_is_told_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    arm(node)
    node.program()
    monkeypatch.setattr(_change, "heard", lambda: False)
    with pytest.raises(NetworkError) as error:
        _change.earlier(node.run, check=False)
    assert str(error.value) == "the session was cut; what was put back is kept on the node for the next call"
    assert node.checkpoint().found().state == "restored"


def test_a_failed_change_that_undid_itself_leaves_no_checkpoint(node: Node) -> None:
    arm(node)
    assert _change.failed(node.run, undone=True) == []
    assert node.checkpoint().leftovers() == []


def test_a_failed_change_that_could_not_be_undone_waits_for_the_checkpoint(node: Node) -> None:
    arm(node)
    (line,) = _change.failed(node.run, undone=False)
    assert line.endswith("puts the rest back within 60 s")
    assert node.checkpoint().found().state == "armed"
    assert node.files() == PROFILES


def test_a_change_that_cannot_start_leaves_no_checkpoint(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_run: object, _job: object) -> None:
        raise NetworkError("another change is under way")

    monkeypatch.setattr(_launch, "start", refuse)
    arm(node)
    with pytest.raises(NetworkError) as error:
        _carry._start(node.run, {"confirm": True})
    assert str(error.value) == "another change is under way"
    assert node.checkpoint().leftovers() == []


def test_a_failed_change_says_what_happens_to_the_rest(node: Node) -> None:
    arm(node)
    outcome = {"ok": False, "error": "it broke", "undone": False, "undo_failed": ["mgmt-bo: gone"]}
    with pytest.raises(NetworkError) as error:
        _carry.raise_failure(node.run, {"confirm": True}, outcome, "%s")
    assert str(error.value).startswith(
        "going live failed: it broke; and not everything could be put back: mgmt-bo: gone; the checkpoint 'profiles-"
    )


PROCESSES = {
    10: ("(python3) S 9", {}),
    9: ("(sudo) S 8", {"SSH_CONNECTION": "192.0.2.9 5 192.0.2.11 22", "USER": "rancher"}),
    8: ("(sshd: x) y) S 1", {}),
}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"SUDO_USER": "rancher"}, "rancher from 192.0.2.9"),
        ({}, "root from 192.0.2.9"),
        ({"SUDO_USER": "x", "SSH_CONNECTION": "2001:db8::9 5 2001:db8::1 22"}, "x from 2001:db8::9"),
    ],
)
def test_owner(tmp_path: pathlib.Path, own: dict[str, str], expected: str) -> None:
    for pid, (stat, environment) in PROCESSES.items():
        folder = tmp_path / f"proc/{pid}"
        folder.mkdir(parents=True)
        (folder / "stat").write_text(f"{pid} {stat} 1 1\n")
        words = own if pid == 10 else environment
        (folder / "environ").write_text("\0".join(f"{name}={value}" for name, value in words.items()))
    assert owner(str(tmp_path), 10) == expected


def test_owner_of_a_console(tmp_path: pathlib.Path) -> None:
    assert owner(str(tmp_path), 10) == "root"
