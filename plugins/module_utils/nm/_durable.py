# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a loss of power leaves whole: what is on the disk is the old content or the new one.

This module util is private to the collection.
"""

from __future__ import annotations

import os
from typing import Callable, Mapping, Union


def write(path: str, content: Union[bytes, str], mode: int = 0o600) -> None:
    """Write a file and wait until its content is on the disk; that of its name is `sync` of its folder.

    Text is UTF-8, and bytes that are none come back as they were read. A link at the path is refused (OSError).
    """
    _write(path, content, mode)
    sync(path)


def replace(path: str, content: Union[bytes, str], mode: int = 0o600) -> None:
    """Put a file in the place of another one in one step; it is the path and .new meanwhile.

    Nothing is left of it when that fails.
    """
    replace_all({path: content}, mode)


def replace_all(
    contents: Mapping[str, Union[bytes, str]],
    mode: int = 0o600,
    meanwhile: Callable[[str], str] = "{}.new".format,
) -> None:
    """Put files in the places of others, each in one step. meanwhile: a file's path until then, from its own.

    All are written before the disk is waited for: it then has most of them to do at once. When one cannot be written
    none has taken its place, and nothing is left of them.
    """
    made = {path: meanwhile(path) for path in contents}
    try:
        for path, new in made.items():
            _write(new, contents[path], mode)
        for new in made.values():
            sync(new)
        for path, new in made.items():
            os.replace(new, path)
    except BaseException:
        for new in made.values():
            if os.path.exists(new):
                os.unlink(new)
        raise
    for folder in sorted({os.path.dirname(path) for path in contents}):
        sync(folder)


def _write(path: str, content: Union[bytes, str], mode: int) -> None:
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def sync(path: str) -> None:
    """Wait until a folder's names, or a file's content, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
