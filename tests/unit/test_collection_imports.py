# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom, read from the source.

modules -> nm | host | cluster | probe | change -> common, and change stands on cluster: its record lies in the API, its
plan is made of snapshots. nm and cluster never meet. Node code knows the standard library only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
COLLECTION = "ansible_collections.harvester.network"
LAYERS = {
    "common": {"common"},
    "nm": {"nm", "common"},
    "probe": {"probe", "common"},
    "host": {"host", "common"},
    "cluster": {"cluster", "common"},
    "change": {"change", "cluster", "common"},
}
"""Folder of module_utils -> the folders that it may import."""
ANSIBLE = {
    "common/_module.py": "ansible.module_utils.basic",
    "common/_options.py": "ansible.module_utils.common.arg_spec",
    "cluster/_shown.py": "ansible.module_utils.common.yaml",
}
"""The only module_utils that know AnsibleModule, how it parses options, and Ansible's YAML."""
KUBERNETES_CORE = {"cluster/_transport.py"}
"""The only file that imports kubernetes.core's client."""


@dataclass(frozen=True)
class Import:
    """One import: full dotted name of the module, and the line."""

    name: str
    line: int


def imports(path: Path) -> Iterator[Import]:
    """The imports of a file with relative ones made absolute, functions' own included."""
    package = [*COLLECTION.split("."), *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(module if node.module else "%s.%s" % (module, alias.name), node.lineno)


def own(name: str) -> list[str] | None:
    """The path inside the collection that an import names, or None for a foreign one."""
    return name[len(COLLECTION) + 1 :].split(".") if name.startswith(COLLECTION + ".") else None


def sources(folder: str) -> list[Path]:
    return sorted((PLUGINS / folder).rglob("*.py")) if (PLUGINS / folder).is_dir() else []


UTILS = sources("module_utils")
MODULES = sources("modules")


def label(path: Path) -> str:
    return str(path.relative_to(PLUGINS))


def test_the_reader_of_imports_resolves_relative_ones() -> None:
    found = {item.name for item in imports(PLUGINS / "module_utils/nm/_argspec.py")}
    assert COLLECTION + ".plugins.module_utils.nm._profile" in found
    assert len(UTILS) > 10


def test_layers() -> None:
    wrong = []
    for path in UTILS:
        layer = path.relative_to(PLUGINS / "module_utils").parts[0]
        if layer not in LAYERS:
            wrong.append("%s: a folder that the layers do not know" % label(path))
            continue
        for found in imports(path):
            parts = own(found.name)
            if parts and (parts[:2] != ["plugins", "module_utils"] or (parts[2:] and parts[2] not in LAYERS[layer])):
                wrong.append("%s:%d imports %s" % (label(path), found.line, found.name))
    assert wrong == []


def test_module_utils_are_free_of_ansible_and_of_packages() -> None:
    wrong = []
    for path in UTILS:
        inside = path.relative_to(PLUGINS / "module_utils").as_posix()
        for found in imports(path):
            if own(found.name) or found.name.split(".")[0] in sys.stdlib_module_names:
                continue
            if found.name == ANSIBLE.get(inside):
                continue
            if inside not in KUBERNETES_CORE:
                wrong.append("%s:%d imports %s" % (inside, found.line, found.name))
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_modules_import_their_library_and_ansible_only(path: Path) -> None:
    layers = set()
    for found in imports(path):
        parts = own(found.name)
        if parts:
            assert parts[:2] == ["plugins", "module_utils"], found
            layers.add(parts[2])
        elif found.name.split(".")[0] not in sys.stdlib_module_names:
            assert found.name == "ansible.module_utils.basic", found
    assert not {"nm", "cluster"} <= layers, "nm and cluster meet in one module"


def test_nothing_under_plugins_imports_tests() -> None:
    wrong = []
    for path in sorted(PLUGINS.rglob("*.py")):
        for found in imports(path):
            foreign = found.name.split(".")[0] in ("tests", "lab", "tools", "pytest")
            if foreign or found.name.startswith(COLLECTION + ".tests"):
                wrong.append("%s:%d imports %s" % (label(path), found.line, found.name))
    assert wrong == []


def test_netaddr_is_imported_in_one_guarded_place() -> None:
    found = {
        label(path) for path in PLUGINS.rglob("*.py") for item in imports(path) if item.name.split(".")[0] == "netaddr"
    }
    assert found == {"plugin_utils/_addresses.py"}
