# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint from arming to its end, with a loss of power after each step of arming and confirming."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from confirm_node import NEW, PROFILES, Node

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError, ValidationError
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _store
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._checkpoint import Wish

PENDING = (
    "an earlier change 'one' of this node's profiles, by rancher from 192.0.2.9 at 2026-01-01T00:00:00Z, waits to be"
    " confirmed (for 60 s); confirm or undo it with module checkpoint or playbook rollback_pending"
)
SHOW = (
    "systemctl show --property=LoadState,NeedDaemonReload,ActiveState"
    " harvester-network-confirm.timer harvester-network-confirm.service"
)


@pytest.fixture
def node(tmp_path: pathlib.Path) -> Node:
    return Node(tmp_path)


def test_what_is_armed_is_on_the_disk_and_the_timer_runs(node: Node) -> None:
    node.arm(owner="rancher from 192.0.2.9")
    there = node.checkpoint().found().to_dict()
    assert there == {
        "id": "one",
        "state": "armed",
        "owner": "rancher from 192.0.2.9",
        "since": "2026-01-01T00:00:00Z",
        "timeout": 60,
        "window": "now",
        "files": sorted([*PROFILES, NEW]),
        "restored_at": "",
        "done": [],
        "failed": [],
    }
    folder = node.root / "etc/NetworkManager/harvester-network-confirm"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["files", "manifest", "restore.sh", "state"]
    assert node.commands == [SHOW, "systemctl restart harvester-network-confirm.timer"]
    timer = (node.root / "etc/systemd/system/harvester-network-confirm.timer").read_text()
    assert "OnActiveSec=60\n" in timer
    assert "OnCalendar" not in timer
    assert node.files() == PROFILES


@pytest.mark.parametrize(
    ("given", "shown"),
    [("", "root"), ("rancher  from\n192.0.2.9", "rancher from 192.0.2.9"), ("(change mtu-1)", "root (change mtu-1)")],
)
def test_who_armed_it(node: Node, given: str, shown: str) -> None:
    node.arm(owner=given)
    assert node.checkpoint().found().to_dict()["owner"] == shown


@pytest.mark.parametrize(
    "knows",
    [
        "LoadState=loaded\nNeedDaemonReload=yes\n\nLoadState=loaded\nNeedDaemonReload=no\n",
        "LoadState=loaded\nNeedDaemonReload=no\n\nLoadState=not-found\nNeedDaemonReload=no\n",
        "",
    ],
)
def test_systemd_is_made_to_reload_where_it_does_not_know_the_units_as_they_are(node: Node, knows: str) -> None:
    node.knows = knows
    node.arm()
    assert node.commands == [SHOW, "systemctl daemon-reload", "systemctl restart harvester-network-confirm.timer"]


@pytest.mark.parametrize(
    ("knows", "reloads"),
    [
        ("LoadState=not-found\nNeedDaemonReload=no\n\n" * 2, []),
        # After a boot multi-user.target remembers the timer that it was told to start.
        ("LoadState=loaded\nNeedDaemonReload=yes\n\n" * 2, ["systemctl daemon-reload"]),
    ],
)
def test_systemd_forgets_the_units(node: Node, knows: str, reloads: list[str]) -> None:
    node.arm()
    node.commands.clear()
    node.knows = knows
    node.checkpoint().confirm("one")
    assert node.commands == ["systemctl stop harvester-network-confirm.timer", SHOW, *reloads]


def test_a_window_that_begins_with_the_boot_does_not_start_the_timer(node: Node) -> None:
    node.arm(window="boot")
    assert node.commands == [SHOW]
    assert os.path.lexists(node.root / "etc/systemd/system/multi-user.target.wants/harvester-network-confirm.timer")


def test_a_second_one_is_refused_and_says_since_when_and_by_whom(node: Node) -> None:
    node.arm(owner="rancher from 192.0.2.9")
    with pytest.raises(NetworkError) as error:
        node.arm("two")
    assert str(error.value) == PENDING


def test_the_same_one_again_starts_the_window_anew(node: Node) -> None:
    node.arm()
    node.break_it()
    node.commands.clear()
    node.arm(timeout=600)
    assert node.commands == ["systemctl daemon-reload", "systemctl restart harvester-network-confirm.timer", SHOW]
    assert node.checkpoint().found().to_dict()["timeout"] == 600
    # What was recorded at first is what counts.
    node.checkpoint().restore("one")
    assert node.files() == PROFILES


STARTED = (
    "LoadState=loaded\nNeedDaemonReload=no\nActiveState=active\n\n"
    "LoadState=loaded\nNeedDaemonReload=no\nActiveState=activating\n"
)


def test_a_window_that_has_ended_is_not_made_longer(node: Node) -> None:
    """The program waits for the lock that this call has: it would put the node back right after a yes."""
    node.arm()
    node.knows = STARTED
    with pytest.raises(NetworkError) as error:
        node.arm(timeout=600)
    assert str(error.value) == "it is too late for a longer window; the node is being put back"


def test_nothing_is_armed_while_the_program_of_an_earlier_one_waits(node: Node) -> None:
    node.knows = STARTED
    with pytest.raises(NetworkError) as error:
        node.arm()
    assert str(error.value) == "the node is being put back from an earlier change; wait for it, then run again"
    assert node.checkpoint().leftovers() == []


def test_what_is_confirmed_is_on_the_disk_before_the_word_is(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.arm()
    node.break_a_little()
    steps: list[str] = []
    monkeypatch.setattr(_store._durable, "sync", lambda folder: steps.append(os.path.relpath(folder, node.root)))
    monkeypatch.setattr(_store.Store, "put_state", lambda _store, word: steps.append(word))
    node.checkpoint().confirm()
    connections = "etc/NetworkManager/system-connections"
    names = [f"{connections}/{name}" for name in [*sorted(PROFILES), NEW]]
    assert steps[: steps.index("confirmed")] == [*names, connections]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish("one", 29), "checkpoint: timeout=29: the window to confirm has 30 to 86400 seconds"),
        (Wish("one", 86401), "checkpoint: timeout=86401: the window to confirm has 30 to 86400 seconds"),
        (
            Wish("a b", 60),
            "checkpoint: id=a b: 1 to 64 letters, digits, '.', '_' and '-', a letter or digit first",
        ),
    ],
)
def test_bad_wishes(node: Node, wish: Wish, message: str) -> None:
    with pytest.raises(ValidationError) as error:
        node.checkpoint().arm(wish, [])
    assert str(error.value) == message
    assert not node.commands


def test_only_files_of_system_connections_are_recorded(node: Node) -> None:
    with pytest.raises(NetworkError) as error:
        node.checkpoint().arm(Wish("one", 60), ["/run/NetworkManager/system-connections/x"], now=node.snapshot())
    assert str(error.value) == (
        "/run/NetworkManager/system-connections/x: only files in /etc/NetworkManager/system-connections can be put back"
    )
    assert node.checkpoint().leftovers() == []


def test_when_systemd_refuses_nothing_is_left(node: Node) -> None:
    node.fail = "systemctl restart"
    with pytest.raises(NetworkError) as error:
        node.arm()
    assert str(error.value) == "systemctl restart harvester-network-confirm.timer: exit status 1 (it broke)"
    assert node.checkpoint().leftovers() == []
    assert node.files() == PROFILES


def test_confirm_keeps_the_change_and_leaves_nothing(node: Node) -> None:
    node.arm()
    node.break_it()
    changed = node.files()
    assert node.checkpoint().confirm("one").state == "confirmed"
    assert node.files() == changed
    assert node.checkpoint().leftovers() == []
    assert node.checkpoint().confirm().state == ""


def test_confirm_of_another_one_is_refused(node: Node) -> None:
    node.arm(owner="rancher from 192.0.2.9")
    with pytest.raises(NetworkError) as error:
        node.checkpoint().confirm("two")
    assert str(error.value) == PENDING


def test_confirm_after_the_node_was_put_back_says_what_happened(node: Node) -> None:
    node.arm(owner="rancher")
    node.write("bond-mgmt.nmconnection", "x\n")
    node.program()
    report = node.root / "etc/NetworkManager/harvester-network-confirm/report"
    report.write_text("done profile file bond-mgmt.nmconnection put back\ntime 1767225660\n")
    with pytest.raises(NetworkError) as error:
        node.checkpoint().confirm("one")
    assert str(error.value) == (
        "it is too late to confirm: change 'one' of this node's profiles, by rancher at 2026-01-01T00:00:00Z, was"
        " undone at 2026-01-01T00:01:00Z: profile file bond-mgmt.nmconnection put back"
    )


def test_restore_puts_back_tells_and_leaves_nothing(node: Node) -> None:
    node.arm()
    node.break_it()
    found = node.checkpoint().restore()
    assert found.state == "restored"
    assert "profiles loaded" in found.report.done
    assert node.files() == PROFILES
    assert node.checkpoint().leftovers() == []
    assert node.checkpoint().restore().state == ""


def test_a_report_that_nobody_hears_is_kept(node: Node) -> None:
    node.arm()
    with pytest.raises(NetworkError) as error:
        node.checkpoint().restore(heard=lambda: False)
    assert str(error.value) == "the session was cut; what was put back is kept on the node for the next call"
    assert node.checkpoint().restore().state == "restored"


def test_a_change_that_undid_itself_is_cancelled_only_when_every_byte_is_as_before(node: Node) -> None:
    node.arm()
    node.write("bond-mgmt.nmconnection", "x\n")
    with pytest.raises(NetworkError) as error:
        node.checkpoint().cancel()
    assert str(error.value) == "profile files are not as they were; they are put back when the window ends"
    node.write("bond-mgmt.nmconnection", PROFILES["bond-mgmt.nmconnection"])
    node.checkpoint().cancel()
    assert node.checkpoint().leftovers() == []


@pytest.mark.parametrize("what", ["a link", "a mode"])
def test_a_folder_that_is_not_ours_alone_is_refused(node: Node, what: str) -> None:
    folder = node.root / "etc/NetworkManager/harvester-network-confirm"
    if what == "a link":
        folder.symlink_to(node.root)
    else:
        folder.mkdir(0o755)
    with pytest.raises(NetworkError) as error:
        node.checkpoint().found()
    assert str(error.value) == f"{folder}: must be a folder of root's with mode 0700; look what it is, and remove it"


def test_a_manifest_that_was_tampered_with_is_refused(node: Node) -> None:
    node.arm()
    path = node.root / "etc/NetworkManager/harvester-network-confirm/manifest"
    path.write_text(path.read_text() + "absent ../../passwd\n")
    with pytest.raises(NetworkError) as error:
        node.checkpoint().found()
    assert str(error.value) == (
        "/etc/NetworkManager/harvester-network-confirm/manifest: no line of a checkpoint: absent ../../passwd; compare"
        " its copies in files/ with system-connections by hand, then remove the folder"
    )


class Power(BaseException):
    """The power is gone."""


def lose_power_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """From the call with this number on every step to the disk fails; returns how many calls there were."""
    count = 0

    def wrap(function: Any) -> Any:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count >= number:
                raise Power
            return function(*arguments, **options)

        return step

    for name in ("mkdir", "fsync", "rename", "replace", "symlink", "unlink"):
        monkeypatch.setattr(_store.os, name, wrap(getattr(os, name)))
    for name in ("rmtree",):
        monkeypatch.setattr(_store.shutil, name, wrap(getattr(_store.shutil, name)))
    return lambda: count


def boot(node: Node) -> None:
    """What systemd does after a boot: run the program when its timer is enabled and whole."""
    units = node.root / "etc/systemd/system"
    wanted = os.path.lexists(units / "multi-user.target.wants/harvester-network-confirm.timer")
    whole = all((units / f"harvester-network-confirm.{kind}").exists() for kind in ("timer", "service"))
    program = node.root / "etc/NetworkManager/harvester-network-confirm/restore.sh"
    if wanted and whole and program.exists():
        assert node.program() == 0


def test_power_may_be_lost_after_any_step_of_arming(tmp_path: pathlib.Path) -> None:
    """Nothing was changed yet: whatever is left does no harm and goes with the next change."""
    for number in range(1, 200):
        node = Node(tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            calls = lose_power_at(number, patch)
            with contextlib.suppress(Power):
                node.arm()
            if calls() < number:
                break
        boot(node)
        assert node.files() == PROFILES
        assert node.checkpoint().found().state in ("", "restored"), number
        node.checkpoint().restore()
        node.arm("next")
        assert node.checkpoint().confirm("next").state == "confirmed"
        assert node.checkpoint().leftovers() == [], number
    assert number > 15


def test_power_may_be_lost_after_any_step_of_confirming(tmp_path: pathlib.Path) -> None:
    """The change is there whole, or the node is as before; never something between."""
    seen = set()
    for number in range(1, 200):
        node = Node(tmp_path / str(number))
        node.arm()
        node.break_it()
        changed = node.files()
        with pytest.MonkeyPatch.context() as patch:
            calls = lose_power_at(number, patch)
            with contextlib.suppress(Power):
                node.checkpoint().confirm()
            if calls() < number:
                break
        boot(node)
        assert node.files() in (changed, PROFILES), number
        seen.add(node.files() == PROFILES)
        node.checkpoint().restore()
        node.arm("next")
        node.checkpoint().confirm("next")
        assert node.checkpoint().leftovers() == [], number
    assert seen == {True, False}
