# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools: counting of tests, interpreters, requirements."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str) -> ModuleType:
    """A file of tools/, which is a folder of scripts and no package."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("tools_" + name, ROOT / "tools" / (name + ".py"))
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "tools"))


counts = tool("_gate_counts")
failures = tool("_gate_failures")
interpreters = tool("_interpreters")
setup = tool("setup")

JUNIT = """<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1">
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase>
<testcase name="d"><skipped/></testcase><testcase name="e"><system-out/></testcase></testsuite></testsuites>"""


def test_counts_come_from_the_test_cases(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT, encoding="utf-8")
    assert counts.of_junit(tmp_path.glob("*.xml")) == counts.Counts(passed=2, failed=2, skipped=1)


def test_a_run_that_ended_badly_is_a_failure_even_without_a_failed_test() -> None:
    assert counts.with_status(counts.Counts(passed=3), 124) == counts.Counts(passed=3, failed=1)
    assert counts.with_status(counts.Counts(passed=3, failed=2), 1) == counts.Counts(passed=3, failed=2)
    assert counts.with_status(counts.Counts(passed=3), 0) == counts.Counts(passed=3)


@pytest.mark.parametrize(
    ("args", "line"), [((12, 0, 0), "12 passed, 0 failed"), ((1, 2, 3), "1 passed, 2 failed, 3 skipped")]
)
def test_closing_line(args: tuple[int, int, int], line: str) -> None:
    assert counts.summary(counts.Counts(*args)) == line


def test_failed_tests_are_repeated_with_what_their_message_ends_with(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        """<testsuites><testsuite><testcase classname="t.a" name="b"><failure message="first&#10;second"/></testcase>
        <testcase classname="t.a" name="c"/><testcase classname="t.a" name="d"><error>text</error></testcase>
        </testsuite></testsuites>""",
        encoding="utf-8",
    )
    assert failures.of_junit(tmp_path.glob("*.xml")) == ["t.a::b: first / second", "t.a::d: text"]


def test_of_a_long_output_the_lines_that_tell_of_a_failure_are_repeated() -> None:
    output = [
        "TASK [x]\n",
        "ok: [a]\n",
        "  \x1b[31m│\x1b[0m \x1b[0;31mfatal: [b]: FAILED! => \x1b[0m\n",
        "  msg: why\n",
        "\n",
    ]
    assert failures.of_output(output + ["PLAY\n"] * 20) == [
        "fatal: [b]: FAILED! =>",
        "msg: why",
        "PLAY",
        "PLAY",
        "PLAY",
    ]
    assert failures.of_output(["ok\n"]) == []
    many = failures.of_output("E   %d %s" % (number, "x" * 3000) for number in range(30))
    assert len(many) == failures.MAX_LINES
    assert many[-1].startswith("E   29 ") and {len(line) for line in many} == {failures.MAX_WIDTH}


def fake_python(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n%s\n" % body, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_shim_that_exits_127_is_no_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(tmp_path / "shims", "python3.13", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    assert interpreters.find(["3.13"]) == {}


def test_the_interpreter_behind_a_shim_is_found_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(tmp_path / "shims", "python3.13", "exit 127")
    for patch in ("2", "10"):
        path = tmp_path / "versions" / ("3.13." + patch) / "bin"
        fake_python(path, "python3.13", "echo 3.13.%s; echo %s/python3.13" % (patch, path))
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    assert interpreters.find(["3.14", "3.13"])["3.13"].version == "3.13.10"


def test_an_interpreter_that_is_another_version_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(tmp_path / "bin", "python3.14", "echo 3.11.2; echo /usr/bin/python3")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert interpreters.find(["3.14"]) == {}


@pytest.mark.parametrize("minor", ["3.11", "3.14"])
def test_pins_by_interpreter(minor: str) -> None:
    core = setup.pins("dev.in", minor)["ansible-core"]
    assert core.startswith("2.19." if minor == "3.11" else "2.2")
    major = setup.pins("collections.txt", minor)["ansible"].split(".")[0]
    assert major == ("12" if minor == "3.11" else "14"), "the wheel of the core's own line"


@pytest.mark.parametrize("name", ["dev", "oldest"])
def test_resolved_requirements_hold_what_was_asked_for(name: str) -> None:
    """dev.txt and oldest.txt are generated; `make requirements` makes them again."""

    def pins(path: Path) -> set[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return {match[0].lower() for match in (re.match(r"[\w.-]+==[\w.]+", line) for line in lines) if match}

    folder = ROOT / "requirements"
    assert pins(folder / (name + ".in")) - pins(folder / (name + ".txt")) == set()


def test_oldest_core_is_the_one_that_the_collection_promises() -> None:
    promised = re.search(r'requires_ansible: ">=([\d.]+)"', (ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert promised
    assert setup.pins("oldest.in", "3.11")["ansible-core"] == promised[1]


def test_link_is_replaced_in_place(tmp_path: Path) -> None:
    for target in ("a", "b", "b"):
        setup.link(tmp_path / "deep" / "link", Path(target))
        assert (tmp_path / "deep" / "link").readlink() == Path(target)
