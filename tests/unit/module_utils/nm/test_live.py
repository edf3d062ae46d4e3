# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of the transient unit: files, steps, proof, and the way back, with a kernel played by the test."""

from __future__ import annotations

import json
import pathlib
import time
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.nm import _launch, _live
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import Link, Snapshot, VlanEntry
from ansible_collections.harvester.network.plugins.module_utils.nm._steps import (
    ACTIVATE,
    KERNEL,
    REAPPLY,
    REAPPLY_DEVICE,
    UP,
    WRITE,
    Step,
)

FOLDER = "etc/NetworkManager/system-connections"


class Host:
    """Commands that were run, and a kernel with one bond whose MTU and VLAN ids they change."""

    def __init__(self, fail: str = "", flush_on_up: bool = False) -> None:
        self.calls: list[str] = []
        self.mtu = 1500
        self.vids = {1, 100}
        self.fail = fail
        self.flush_on_up = flush_on_up
        self.now = 0.0

    def run(self, argv: Sequence[str], timeout: float = 0) -> tuple[int, str, str]:
        line = " ".join(argv)
        self.calls.append(line)
        if self.fail and line.startswith(self.fail):
            return 1, "", "it broke"
        if "mtu" in argv:
            self.mtu = int(argv[-1])
        if line.startswith("bridge vlan add"):
            self.vids.add(int(argv[argv.index("vid") + 1]))
        if line.startswith("bridge vlan del"):
            self.vids.discard(int(argv[argv.index("vid") + 1]))
        if "connection up" in line and self.flush_on_up:
            self.vids = {1}
        return 0, "", ""

    def read(self, _run: object) -> Snapshot:
        link = Link("mgmt-bo", 5, "bond", self.mtu, "up", up=True, controller="mgmt-br")
        table = tuple(VlanEntry(vid, vid == 1, vid == 1) for vid in sorted(self.vids))
        return Snapshot({"mgmt-bo": link}, {"mgmt-bo": table}, (), "boot")

    def job(self, root: pathlib.Path, data: dict[str, Any]) -> dict[str, Any]:
        def sleep(seconds: float) -> None:
            self.now += seconds

        return _live.Job(data, self.run, lambda: self.now, sleep, str(root)).execute()


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "bond-mgmt.nmconnection").write_text("old\n")
    return tmp_path


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    found = Host()
    monkeypatch.setattr(_live, "read", found.read)
    return found


FILES = [{"path": f"/{FOLDER}/bond-mgmt.nmconnection", "before": "old\n", "after": "new\n"}]
NEW = [{"path": f"/{FOLDER}/vlan.nmconnection", "before": None, "after": "vlan\n"}]
MTU = Step(
    "mgmt-bo",
    KERNEL,
    "MTU",
    do=("ip", "link", "set", "dev", "mgmt-bo", "mtu", "9000"),
    undo=(("ip", "link", "set", "dev", "mgmt-bo", "mtu", "1500"),),
)
BREAK = Step("mgmt-bo", KERNEL, "breaks", do=("false",))


def data(files: list[dict[str, Any]], *steps: Step, **expected: Any) -> dict[str, Any]:
    return {"files": files, "steps": [step.to_dict() for step in steps], "expected": expected}


def test_files_are_written_0600_and_only_they_are_loaded(root: pathlib.Path, host: Host) -> None:
    assert host.job(root, data(FILES + NEW))["ok"]
    path = root / FOLDER / "bond-mgmt.nmconnection"
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert host.calls == [f"nmcli connection load /{FOLDER}/bond-mgmt.nmconnection /{FOLDER}/vlan.nmconnection"]
    assert sorted(item.name for item in (root / FOLDER).iterdir()) == ["bond-mgmt.nmconnection", "vlan.nmconnection"]


def test_live_steps_are_proved(root: pathlib.Path, host: Host) -> None:
    assert host.job(root, data(FILES, MTU, mtu={"mgmt-bo": 9000})) == {"ok": True, "restored": []}
    assert host.mtu == 9000


def test_a_failing_step_puts_files_and_kernel_back(root: pathlib.Path, host: Host) -> None:
    host.fail = "false"
    result = host.job(root, data(FILES + NEW, MTU, BREAK, mtu={"mgmt-bo": 9000}))
    assert result["ok"] is False
    assert result["error"] == "'false' failed with exit status 1: it broke"
    assert result["undone"] is True
    assert host.mtu == 1500
    assert (root / FOLDER / "bond-mgmt.nmconnection").read_text() == "old\n"
    assert not (root / FOLDER / "vlan.nmconnection").exists()


def test_an_unasked_difference_is_a_failure(root: pathlib.Path, host: Host) -> None:
    stray = Step("mgmt-bo", KERNEL, "x", do=("bridge", "vlan", "del", "vid", "100", "dev", "mgmt-bo"))
    result = host.job(root, data(FILES, stray))
    assert result["ok"] is False
    assert "the kernel differs from the plan afterwards: mgmt-bo" in result["error"]
    assert host.vids == {1, 100}, "what the step took from the bystander is put back"
    assert (root / FOLDER / "bond-mgmt.nmconnection").read_text() == "old\n"


def test_what_an_activation_took_from_bystanders_is_put_back(root: pathlib.Path, host: Host) -> None:
    host.flush_on_up = True
    up = Step("mgmt-bo", ACTIVATE, "mode", do=("nmcli", "-w", "90", "connection", "up", "id", "bond-mgmt"))
    result = host.job(root, data(FILES, up, reactivated=["mgmt-bo"]))
    assert result["ok"] is True
    assert host.vids == {1, 100}
    assert result["restored"] == ["bridge vlan add vid 100 dev mgmt-bo"]


def test_an_undo_that_fails_is_told(root: pathlib.Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.fail = "false"
    step = Step("mgmt-bo", KERNEL, "x", do=("ip", "link", "set", "dev", "mgmt-bo", "mtu", "9000"))
    monkeypatch.setattr(_live, "restore_actions", lambda *args: [])
    result = host.job(root, data(FILES, step, BREAK, mtu={"mgmt-bo": 9000}))
    assert (result["ok"], result["undone"]) == (False, False)
    assert any("MTU" in line for line in result["undo_failed"])
    assert "and not everything could be put back: " in "; ".join(_launch.outcome(result))


def test_sysfs_refusals_name_file_and_value(root: pathlib.Path, host: Host) -> None:
    result = host.job(root, data(FILES, Step("mgmt-bo", KERNEL, "x", kind=WRITE, do=("/sys/nowhere/updelay", "3"))))
    assert result["error"] == "/sys/nowhere/updelay: the kernel refuses 3 (No such file or directory)"


def test_removed_files_wait_for_nmcli_delete_but_go_before_a_reboot(root: pathlib.Path, host: Host) -> None:
    gone = [{"path": f"/{FOLDER}/bond-mgmt.nmconnection", "before": "old\n", "after": None}]
    assert host.job(root, data(gone, Step("mgmt-bo", KERNEL, "x", do=("true",))))["ok"]
    assert (root / FOLDER / "bond-mgmt.nmconnection").exists()
    assert host.job(root, {**data(gone), "load": False})["ok"]
    assert not any("load" in call for call in host.calls)
    assert not (root / FOLDER / "bond-mgmt.nmconnection").exists()


def test_main_always_leaves_a_result(tmp_path: pathlib.Path) -> None:
    (tmp_path / "job.json").write_text("{}")
    _live.main(str(tmp_path))
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["ok"] is False
    assert "KeyError: 'files'" in result["error"]


def test_a_bond_option_that_the_kernel_rounds_is_a_failure(root: pathlib.Path, host: Host) -> None:
    wanted = {**data(FILES, MTU, mtu={"mgmt-bo": 9000}), "bond_options": {"mgmt-bo": {"updelay": "250"}}}
    result = host.job(root, wanted)
    assert "mgmt-bo: bond option updelay is none, asked for 250" in result["error"]
    assert (result["undone"], host.mtu) == (True, 1500)


UPSTEP = Step("eno3", UP, "x", do=("nmcli", "-w", "90", "connection", "up", "id", "port"), controller="mgmt-bo")


def managed(host: Host, monkeypatch: pytest.MonkeyPatch, states: list[int]) -> None:
    """NetworkManager's states of a device, look by look."""
    plain = host.run

    def run(argv: Sequence[str], timeout: float = 0) -> tuple[int, str, str]:
        if "GetDeviceByIpIface" in argv:
            return 0, '{"type": "o", "data": ["/org/freedesktop/NetworkManager/Devices/7"]}', ""
        if "get-property" in argv:
            return 0, json.dumps({"type": "u", "data": states.pop(0) if len(states) > 1 else states[0]}), ""
        return plain(argv, timeout)

    monkeypatch.setattr(host, "run", run)


def test_what_networkmanager_brings_up_itself_is_not_activated_again(
    root: pathlib.Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    managed(host, monkeypatch, [30, 40, 70, 100])
    port = root / "sys/class/net/eno3"
    port.mkdir(parents=True)
    (port / "master").symlink_to("../mgmt-bo")
    assert host.job(root, data(FILES, UPSTEP))["ok"]
    assert not any("connection up" in call for call in host.calls)


def test_what_does_not_come_up_by_itself_is_activated(
    root: pathlib.Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    managed(host, monkeypatch, [30])
    assert host.job(root, data(FILES, UPSTEP))["ok"]
    assert host.calls[-1] == "nmcli -w 90 connection up id port"
    assert host.now >= _live.GRACE


def test_an_answer_that_does_not_parse_is_undone_too(root: pathlib.Path, host: Host) -> None:
    """busctl says something that is no JSON when the MTU is live already."""
    reapply = Step("mgmt-bo", REAPPLY, "dns", kind=REAPPLY_DEVICE, do=("mgmt-bo",))
    result = host.job(root, data(FILES, MTU, reapply, mtu={"mgmt-bo": 9000}))
    assert (result["ok"], result["undone"]) == (False, True)
    assert host.mtu == 1500
    assert (root / FOLDER / "bond-mgmt.nmconnection").read_text() == "old\n"


def armed(root: pathlib.Path, state: str = "armed") -> None:
    path = root / _live.CONFIRM_STATE
    path.parent.mkdir(parents=True)
    path.write_text(f"{state}\n")


@pytest.mark.parametrize("state", ["restoring", "restored", ""])
def test_nothing_is_changed_once_the_window_has_ended(root: pathlib.Path, host: Host, state: str) -> None:
    if state:
        armed(root, state)
    result = host.job(root, {"files": FILES, "steps": [MTU.to_dict()], "confirm": True})
    assert (result["ok"], result["undone"]) == (False, True)
    assert result["error"] == "the window to confirm has ended before the change began; nothing was changed"
    assert host.calls == []
    assert (root / FOLDER / "bond-mgmt.nmconnection").read_text() == "old\n"


@pytest.mark.parametrize(
    ("options", "restarted"),
    [({"confirm": True}, True), ({"confirm": True, "load": False}, False), ({}, False)],
)
def test_the_window_to_confirm_counts_from_the_last_write(
    root: pathlib.Path, host: Host, options: dict[str, Any], restarted: bool
) -> None:
    armed(root)
    boot = root / "proc/sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True, exist_ok=True)
    boot.write_text("one\n")
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    result = host.job(root, {"files": FILES, "steps": [], **options})
    assert result["ok"]
    assert (host.calls[-1:] == ["systemctl restart harvester-network-confirm.timer"]) is restarted
    noted = root / _live.CONFIRM_ENDED
    assert noted.exists() is restarted
    if restarted:
        word, seconds = noted.read_text().split()
        assert word == "one"
        assert float(seconds) >= round(before, 2) - 0.01


def test_a_change_that_undid_itself_leaves_the_window_alone(root: pathlib.Path, host: Host) -> None:
    armed(root)
    host.fail = "nmcli connection load"
    assert not host.job(root, {"files": FILES, "steps": [], "confirm": True})["ok"]
    assert not any(call.startswith("systemctl") for call in host.calls)
