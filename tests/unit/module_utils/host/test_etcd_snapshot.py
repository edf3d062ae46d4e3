# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of etcd: where one can be taken, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ansible_collections.harvester.network.plugins.module_utils.host import _etcd_snapshot
from ansible_collections.harvester.network.plugins.module_utils.host._etcd_snapshot import Place, place, take

Run = Callable[[Sequence[str]], tuple[int, str, str]]
RKE2 = "/opt/rke2/bin/rke2"
SAVE = [RKE2, "etcd-snapshot", "save", "--name", "before"]
ACTIVE = (0, "active\n", "")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A control-plane node."""
    for path in (RKE2, _etcd_snapshot.DATABASE):
        (tmp_path / path.lstrip("/")).parent.mkdir(parents=True)
        (tmp_path / path.lstrip("/")).write_bytes(b"x" * 3)
    (tmp_path / RKE2.lstrip("/")).chmod(0o755)
    (tmp_path / _etcd_snapshot.FOLDER.lstrip("/")).mkdir()
    return tmp_path


def answers(answer: tuple[int, str, str], log: list[Sequence[str]] | None = None) -> Run:
    def run(argv: Sequence[str]) -> tuple[int, str, str]:
        if log is not None:
            log.append(argv)
        return answer

    return run


def test_a_control_plane_node_can(root: Path) -> None:
    log: list[Sequence[str]] = []
    assert place(answers(ACTIVE, log), str(root)) == Place(RKE2, "")
    assert log == [["systemctl", "is-active", "rke2-server.service"]]


@pytest.mark.parametrize(
    ("missing", "answer", "why"),
    [
        (
            RKE2,
            ACTIVE,
            "there is no rke2 on this node (/opt/rke2/bin/rke2, /usr/local/bin/rke2, /usr/bin/rke2)",
        ),
        ("", (3, "inactive\n", ""), "rke2-server.service is inactive, so this is no control-plane node"),
        (
            "",
            (127, "", "systemctl: No such file"),
            "rke2-server.service is not there, so this is no control-plane node",
        ),
    ],
    ids=["no rke2", "a worker", "no systemd"],
)
def test_why_not(root: Path, missing: str, answer: tuple[int, str, str], why: str) -> None:
    if missing:
        (root / missing.lstrip("/")).unlink()
    assert place(answers(answer), str(root)) == Place("", why)


def test_a_node_without_a_database(root: Path) -> None:
    path = root / _etcd_snapshot.DATABASE.lstrip("/")
    path.unlink()
    assert place(answers(ACTIVE), str(root)).why == (
        f"etcd's database cannot be looked at: [Errno 2] No such file or directory: '{path}'"
    )


def test_a_disk_that_is_full(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / _etcd_snapshot.DATABASE.lstrip("/")
    with path.open("wb") as stream:
        stream.truncate(400 * 1024 * 1024)
    usage = type("Usage", (), {"free": 799 * 1024 * 1024})
    monkeypatch.setattr(_etcd_snapshot.shutil, "disk_usage", lambda _path: usage)
    assert place(answers(ACTIVE), str(root)) == Place(
        "",
        "799 MiB are free below /var/lib/rancher/rke2/server/db, and a database of 400 MiB wants 2 times that",
    )


def test_what_was_taken(root: Path) -> None:
    """The words are those of RKE2 1.28 and later; older ones log the same line at another level."""
    log: list[Sequence[str]] = []
    said = "INFO[0001] Snapshot before-node1-1796000000 saved. \n"
    path = f"{_etcd_snapshot.FOLDER}/before-node1-1796000000"
    taken = {"snapshot": "before-node1-1796000000", "path": "", "reason": ""}
    assert take(RKE2, "before", answers((0, "", said), log), str(root)) == taken
    (root / path.lstrip("/")).touch()
    assert take(RKE2, "before", answers((0, said, "")), str(root)) == {**taken, "path": path}
    assert log == [SAVE]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            (1, "", 'level=warning msg="Unknown flag"\nlevel=fatal msg="etcd database not found"\n'),
            (
                "'/opt/rke2/bin/rke2 etcd-snapshot save --name before' ended with 1:"
                ' level=fatal msg="etcd database not found"'
            ),
        ),
        ((0, "", ""), "'/opt/rke2/bin/rke2 etcd-snapshot save --name before' ended with 0: no message"),
    ],
    ids=["refused", "says nothing"],
)
def test_a_snapshot_that_was_not_taken(root: Path, answer: tuple[int, str, str], reason: str) -> None:
    assert take(RKE2, "before", answers(answer), str(root)) == {"snapshot": "", "path": "", "reason": reason}
