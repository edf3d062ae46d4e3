# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in and the collection do not know each other, so that the two can disagree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
STANDIN = sorted((ROOT / "tests/lab/harvester").rglob("*.py"))
COLLECTION = sorted(
    path
    for folder in ("plugins", "roles", "playbooks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".yml", ".sh", ".md")
)
WORDS = ("lab.harvester", "tests/lab", "lab/harvester")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_there_is_something_to_look_at() -> None:
    assert len(STANDIN) > 20
    assert len(COLLECTION) > 100


@pytest.mark.parametrize("path", STANDIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_stand_in_imports_nothing_of_the_collection(path: Path) -> None:
    assert [
        name for name in imported(path) if name.split(".")[0] in ("ansible_collections", "plugins", "ansible")
    ] == []


def test_the_collection_does_not_know_the_stand_in() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in COLLECTION
        if any(word in path.read_text(encoding="utf-8") for word in WORDS)
    ]
    assert found == []


@pytest.mark.parametrize("path", STANDIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
