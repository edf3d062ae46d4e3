# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a loss of power leaves whole: what is on the disk is the old content or the new one.

This module util is private to the collection.
"""

from __future__ import annotations

import os
from typing import Union


def write(path: str, content: Union[bytes, str], mode: int = 0o600) -> None:
    """Write a file and wait until its content is on the disk; that of its name is `sync` of its folder.

    Text is UTF-8, and bytes that are none come back as they were read. A link at the path is refused (OSError).
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace(path: str, content: Union[bytes, str], mode: int = 0o600, temporary: str = "") -> None:
    """Put a file in the place of another one in one step. temporary: its path meanwhile, by default the path and .new.

    Nothing is left of it when that fails.
    """
    made = temporary or path + ".new"
    try:
        write(made, content, mode)
        os.replace(made, path)
    except BaseException:
        if os.path.exists(made):
            os.unlink(made)
        raise
    sync(os.path.dirname(path))


def sync(path: str) -> None:
    """Wait until a folder's names, or a file's content, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
