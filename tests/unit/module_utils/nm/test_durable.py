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


@pytest.mark.parametrize("temporary", ["", ".hidden"])
def test_content_comes_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: str
) -> None:
    path = tmp_path / "file"
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        steps.append("fsync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real_fsync(descriptor)

    def replace(source: str, target: str) -> None:
        steps.append("replace")
        real_replace(source, target)

    monkeypatch.setattr(_durable.os, "fsync", fsync)
    monkeypatch.setattr(_durable.os, "replace", replace)
    _durable.replace(str(path), "new", temporary=str(tmp_path / temporary) if temporary else "")
    assert steps == [f"fsync {temporary or 'file.new'}", "replace", f"fsync {tmp_path.name}"]
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_what_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def replace(_source: str, _target: str) -> None:
        raise Power

    monkeypatch.setattr(_durable.os, "replace", replace)
    with pytest.raises(Power):
        _durable.replace(str(path), "new")
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("file", "old")]
