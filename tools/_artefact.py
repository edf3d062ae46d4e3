# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artefact that users get: the built tarball."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import List

from _common import NAME, NAMESPACE, ROOT, ToolError, run


def build(folder: Path) -> Path:
    """Build the collection into `folder`; returns the tarball."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("%s-%s-*.tar.gz" % (NAMESPACE, NAME)):
        old.unlink()
    run(["ansible-galaxy", "collection", "build", "--force", "--output-path", folder, ROOT])
    found = list(folder.glob("%s-%s-*.tar.gz" % (NAMESPACE, NAME)))
    if len(found) != 1:
        raise ToolError("ansible-galaxy built %d tarballs into %s instead of one" % (len(found), folder))
    return found[0]


def names(tarball: Path) -> List[str]:
    """The files in the tarball."""
    with tarfile.open(tarball) as archive:
        return sorted(member.name for member in archive if not member.isdir())


def unpack(tarball: Path, folder: Path) -> Path:
    """Unpack as .../ansible_collections/<namespace>/<name> below `folder`; returns that folder."""
    place = folder / "ansible_collections" / NAMESPACE / NAME
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        # Debian 12's Python 3.11.2 has no filters yet; the tarball is our own
        if hasattr(tarfile, "data_filter"):
            archive.extractall(place, filter="data")
        else:
            archive.extractall(place)
    return place
