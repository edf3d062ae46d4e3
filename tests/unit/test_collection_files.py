# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every file of the collection keeps to: headers, length, documentation, modes, words."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HEADER = [
    "# Copyright: (c) 2026, The harvester.network authors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
]
PRIVATE = "private to the collection."
MAX_LINES = 420
"""Lines of code in a file under plugins/: without blank lines, comments and documentation."""
NO_HEADER = re.compile(
    r"(^|/)(LICENSE|py\.typed|go\.mod|go\.sum)$|\.(json|md|txt|bin|raw|pcap|nmconnection)$|^changelogs/changelog\.yaml$"
)
"""Files that carry no header: licences, generated files, captured data, prose."""


def committed() -> list[Path]:
    """The files of the checkout that git knows or would add, as paths relative to ROOT."""
    argv = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    out = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return sorted({Path(name) for name in out.split("\0") if name and os.path.lexists(ROOT / name)})


FILES = committed()
PLUGINS = [path for path in FILES if path.parts[0] == "plugins" and path.suffix == ".py"]
MODULES = [path for path in PLUGINS if path.parts[1] == "modules" and path.stem != "__init__"]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def lines_of_code(text: str) -> int:
    """Lines that hold code; strings that stand alone (documentation) do not count, nor do comments."""
    documentation: set[int] = set()
    for found in ast.walk(ast.parse(text)):
        value = found.value if isinstance(found, (ast.Expr, ast.Assign)) else None
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        names = {target.id for target in getattr(found, "targets", []) if isinstance(target, ast.Name)}
        if isinstance(found, ast.Expr) or names & {"DOCUMENTATION", "EXAMPLES", "RETURN"}:
            documentation.update(range(value.lineno, (value.end_lineno or value.lineno) + 1))
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - documentation)


def documentation(path: Path, name: str) -> Any:
    """The value of a module's DOCUMENTATION, EXAMPLES or RETURN, parsed; None when it is not there."""
    for found in ast.parse(read(path)).body:
        if isinstance(found, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in found.targets):
            return yaml.safe_load(ast.literal_eval(found.value))
    return None


def test_there_are_files_to_test() -> None:
    assert len(PLUGINS) > 10
    assert MODULES


def test_no_symbolic_links() -> None:
    assert [path for path in FILES if (ROOT / path).is_symlink()] == []


def test_no_executable_bits() -> None:
    assert [path for path in FILES if (ROOT / path).stat().st_mode & 0o111] == []


def has_header(text: str) -> bool:
    """The header stands at the top, below a line for the interpreter or a YAML document's start."""
    lines = text.splitlines()
    start = 1 if lines and (lines[0].startswith("#!") or lines[0] == "---") else 0
    return not lines or lines[start : start + 3] == HEADER


def test_every_file_has_the_licence_header() -> None:
    with_header = [path for path in FILES if not NO_HEADER.search(str(path))]
    assert [str(path) for path in with_header if not has_header(read(path))] == []


def test_python_files_of_plugins_postpone_annotations() -> None:
    wanted = "from __future__ import annotations\n"
    assert [str(path) for path in PLUGINS if path.stem != "__init__" and wanted not in read(path)] == []


def test_no_file_of_plugins_is_too_long() -> None:
    lengths = {str(path): lines_of_code(read(path)) for path in PLUGINS}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_lines_of_code_leave_out_documentation() -> None:
    assert lines_of_code('"""A\nB."""\n# c\n\nDOCUMENTATION = r"""\na: b\n"""\nx = [\n    1,\n]\n') == 3


def test_module_utils_are_private() -> None:
    utils = [path for path in PLUGINS if path.parts[1] == "module_utils" and path.stem != "__init__"]
    assert [str(path) for path in utils if not path.name.startswith("_")] == []
    docstrings = {str(path): " ".join((ast.get_docstring(ast.parse(read(path))) or "").split()) for path in utils}
    assert [path for path, text in docstrings.items() if PRIVATE not in text] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_documentation(path: Path) -> None:
    docs = documentation(path, "DOCUMENTATION")
    assert docs["module"] == path.stem
    assert re.fullmatch(r"\d+\.\d+\.\d+", docs["version_added"])
    assert docs["author"] == "The harvester.network authors (@harvester-network)"
    fragments = docs["extends_documentation_fragment"]
    assert "harvester.network.attributes" in fragments, "no attributes"
    assert {"harvester.network.attributes.change", "harvester.network.attributes.info"} & set(fragments)
    assert path.stem.endswith("_info") == ("harvester.network.attributes.info" in fragments)
    examples = documentation(path, "EXAMPLES")
    assert examples
    assert all(task["name"] for task in examples)
    assert any("harvester.network." + path.stem in task for task in examples), "no example shows the module"
    assert documentation(path, "RETURN")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_main_fits_on_a_screen(path: Path) -> None:
    functions = {found.name: found for found in ast.parse(read(path)).body if isinstance(found, ast.FunctionDef)}
    main = functions["main"]
    assert (main.end_lineno or 0) - main.lineno < 50


RUN_TIME = [path for path in FILES if path.parts[0] in ("plugins", "roles", "playbooks", "meta", "galaxy.yml")]


def test_nothing_of_community_at_run_time() -> None:
    assert [str(path) for path in RUN_TIME if re.search(r"\bcommunity\.[a-z]", read(path))] == []


# put together here, so that the words do not stand in this file
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "proxy.golang" + ".org",
    "deb.debian" + ".org",
)
PLACES = ("/ro" + r"ot(?:/|\b)", "/wo" + r"rk/", r"/home/(?!rancher)\w")


def texts() -> Iterator[tuple[Path, str]]:
    for path in FILES:
        try:
            yield path, read(path)
        except UnicodeDecodeError:
            continue


def test_no_registry_hosts() -> None:
    assert [(str(path), host) for path, text in texts() for host in REGISTRIES if host in text] == []


def test_no_machine_paths() -> None:
    """The lab may name the home of root on its own nodes."""
    found = []
    for path, text in texts():
        if path.parts[:2] not in (("tests", "lab"), ("tests", "unit")) or path.parts[1:3] == ("unit", "module_utils"):
            found += [(str(path), match[0]) for place in PLACES for match in re.finditer(r"(?<![\w.-])" + place, text)]
    assert found == []
