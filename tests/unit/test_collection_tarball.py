# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built tarball: what users get, and nothing else."""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = (
    r"(MANIFEST|FILES)\.json",
    r"README\.md",
    r"LICENSE",
    r"CHANGELOG\.md",
    r"changelogs/(changelog|config)\.yaml",
    r"requirements\.txt",
    r"meta/(runtime|execution-environment)\.yml",
    r"plugins/modules/[a-z][a-z_]*\.py",
    r"plugins/module_utils/(common|host|nm|probe|cluster|change)/([a-z]+/)*(_[a-z_]+|__init__)\.py",
    r"plugins/doc_fragments/[a-z_]+\.py",
    r"plugins/(filter|test|lookup|inventory|action|callback)/[a-z_]+\.(py|yml)",
    r"plugins/plugin_utils/([a-z]+/)*(_[a-z_]+|__init__)\.py",
    r"roles/[a-z_]+/README\.md",
    r"roles/[a-z_]+/(defaults|handlers|meta|tasks(/gates)?|vars)/[a-z_]+\.yml",
    r"roles/[a-z_]+/(files|templates)/[A-Za-z0-9_.-]+",
    r"playbooks/[a-z_]+\.yml",
    r"playbooks/(argument_specs|tasks|vars|files|templates)/[A-Za-z0-9_.-]+",
    r"examples/([A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]+",
    r"docs/[a-z_]+\.md",
    r"docs/docsite/([a-z_]+/)*[a-z_]+\.(rst|yml)",
)
"""Every file of the tarball matches one of these. A new kind of file is added here on purpose, or to build_ignore."""
NEVER = (".git", ".build", ".ci", ".config", ".cache", "__pycache__", "tests", "tools", "molecule", "requirements")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("tarball")
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
    )
    (tarball,) = folder.glob("harvester-network-*.tar.gz")
    with tarfile.open(tarball) as archive:
        members = archive.getmembers()
    assert [member.name for member in members if member.issym() or member.islnk()] == []
    assert [member.name for member in members if member.isfile() and member.mode & 0o111] == []
    return sorted(member.name for member in members if member.isfile())


def test_every_file_is_expected(names: list[str]) -> None:
    pattern = re.compile("|".join("(%s)" % text for text in EXPECTED))
    assert [name for name in names if not pattern.fullmatch(name)] == []


def test_nothing_of_development_is_inside(names: list[str]) -> None:
    assert [name for name in names if set(Path(name).parts[:-1]) & set(NEVER)] == []


def test_what_users_need_is_inside(names: list[str]) -> None:
    """Every committed file below the folders that users get."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "plugins", "roles", "playbooks", "meta", "examples"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    wanted = {name for name in listed if name and (ROOT / name).exists()}
    wanted |= {"README.md", "LICENSE", "CHANGELOG.md", "MANIFEST.json", "FILES.json"}
    assert wanted - set(names) == set()
    assert len(wanted) > 20
