# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lab keeps its files, and which lab is meant (environment variables)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .host import LabError


def cache_root() -> Path:
    """The project's cache root: ``$HARVESTER_NETWORK_CACHE``, default ``~/.cache/harvester-network``."""
    given = os.environ.get("HARVESTER_NETWORK_CACHE")
    return Path(given).expanduser().resolve() if given else Path.home() / ".cache" / "harvester-network"


def lab_name() -> str:
    """The lab meant by ``$HARVESTER_LAB``, default ``default``.

    Raises LabError for a name that is no plain word of at most 20 characters (it becomes part of a namespace's name).
    """
    name = os.environ.get("HARVESTER_LAB") or "default"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", name):
        raise LabError(
            f"HARVESTER_LAB={name!r}: a lab's name has 1 to 20 of a-z, 0-9 and '-', beginning with a letter or digit. "
            "Choose another name."
        )
    return name


DEFAULT_IMAGE = "debian13"


def image_name() -> str:
    """The nodes' image that is meant by ``$HARVESTER_LAB_IMAGE``, default ``debian13``; see image.SUITES."""
    return os.environ.get("HARVESTER_LAB_IMAGE") or DEFAULT_IMAGE


def state_directory(name: str) -> Path:
    """State of the running lab ``name``: overlays, sockets, logs. Removed by ``down``."""
    return cache_root() / "lab" / name
