# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are the old ones or the new ones, whatever becomes of the power."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.nm import _durable


class Power(BaseException):
    """The power is gone."""


@pytest.mark.parametrize("content", ["new \udcff\n", b"new \xff\n"])
def test_text_and_bytes(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "file"
    _durable.write(str(path), content, 0o640)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new \xff\n", 0o640)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic links"):
        _durable.write(str(tmp_path / "link"), "x")
    assert not (tmp_path / "other").exists()


class Disk:
    """Keeps what reaches the disk, and in which order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self._fsync, self._replace = os.fsync, os.replace
        monkeypatch.setattr(_durable.os, "fsync", self.fsync)
        monkeypatch.setattr(_durable.os, "replace", self.replace)

    def fsync(self, descriptor: int) -> None:
        self.steps.append("fsync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
        self._fsync(descriptor)

    def replace(self, source: str, target: str) -> None:
        self.steps.append("replace " + Path(target).name)
        self._replace(source, target)


def test_content_comes_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    _durable.replace(str(tmp_path / "file"), "new")
    assert disk.steps == ["fsync file.new", "replace file", f"fsync {tmp_path.name}"]
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("file", "new")]


def test_of_several_files_all_contents_come_before_the_first_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    contents = {str(tmp_path / name): name for name in ("a", "b")}
    _durable.replace_all(contents, meanwhile="{}.part".format)
    assert disk.steps == ["fsync a.part", "fsync b.part", "replace a", "replace b", f"fsync {tmp_path.name}"]
    assert {item.name: item.read_text() for item in tmp_path.iterdir()} == {"a": "a", "b": "b"}


def test_one_that_cannot_be_written_leaves_all_of_them_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(FileNotFoundError):
        _durable.replace_all({str(tmp_path / "a"): "new", str(tmp_path / "none" / "b"): "new"})
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("a", "old")]


def test_what_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def replace(_source: str, _target: str) -> None:
        raise Power

    monkeypatch.setattr(_durable.os, "replace", replace)
    with pytest.raises(Power):
        _durable.replace(str(path), "new")
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("file", "old")]
