# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence in all its forms: what it says, in which order, and that it holds whatever text comes."""

from __future__ import annotations

import copy
import difflib
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.change._effects import EFFECTS
from ansible_collections.harvester.network.plugins.plugin_utils.report import _svg
from ansible_collections.harvester.network.plugins.plugin_utils.report._files import files
from ansible_collections.harvester.network.plugins.plugin_utils.report._model import ReportError, report


def link(name: str, kind: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "mtu": 9000, "operstate": "up", "ports": [], "parent": None, **fields}


LINKS = [
    link("lo"),
    link("eno1", "ether", permanent_mac="52:54:00:00:00:01"),
    link("mgmt-bo", "bond", ports=["eno1"]),
    link("mgmt-br", "bridge", ports=["mgmt-bo", "vnet0"]),
    link("mgmt-br.2017", "vlan", parent="mgmt-br"),
    link("vnet0", "tun"),
]
WEB = {"kind": "VirtualMachine", "namespace": "default", "name": "web", "action": "changed"}
VALUES = [
    {"kind": "Node", "namespace": "", "name": "node1", "field": "MTU of mgmt-bo", "from": "1500", "to": "9000"},
    {"kind": "Node", "namespace": "", "name": "node1", "field": "MTU of mgmt-br", "from": "", "to": "9000"},
]
OFFICE = {"kind": "NetworkAttachmentDefinition", "namespace": "default", "name": "office", "action": "changed"}


def planned(name: str, begins: int, ends: int, **fields: Any) -> dict[str, Any]:
    """A phase as module change_plan returns it."""
    empty: dict[str, Any] = {field: [] for field, _words in EFFECTS}
    return {"id": name, "role": "r", "begins": begins, "ends": ends, "objects": [], "sets": [], **empty, **fields}


DATA: dict[str, Any] = {
    "id": "20261125t231351z-mgmt-mtu",
    "title": "mgmt_mtu",
    "checks": [
        {"what": "MTU of mgmt-bo", "where": "node10", "expected": 9000, "seen": 9000, "passed": True},
        {"what": "MTU of mgmt-bo", "where": "node2", "expected": 9000, "seen": None, "passed": False},
        {"what": "ports", "where": "node2", "expected": ["eno1", "eno2"], "seen": ["eno1"], "passed": True},
    ],
    "paths": [
        {"network": "mgmt", "source": "node2", "target": "node1", "mtu": 9000, "status": "proved", "largest": 9000},
        {
            "network": "mgmt",
            "source": "node1",
            "target": "node2",
            "mtu": 9000,
            "status": "mtu_too_small",
            "largest": 1500,
        },
        {"network": "mgmt", "source": "node1", "target": "node3", "mtu": 9000, "status": "no_path", "largest": None},
    ],
    "topology": {
        "hosts": {"node2": LINKS, "node1": LINKS[:2]},
        "vm_networks": [{"reference": "default/vlan100", "cluster_network": "mgmt", "vlan_id": 100}],
        "vms": [{"reference": "default/web", "vm_networks": ["default/vlan100", "default/gone"], "node": "node1"}],
    },
    "times": {"opened": "2026-11-25T23:13:51Z"},
    "plan": {
        "phases": [
            planned("vms-stop", 0, 900, objects=[WEB, OFFICE], stops=["default/web", "production/db"]),
            planned(
                "hosts", 900, 1500, sets=VALUES, reboots=["node1"], interrupts=["<everything> on mgmt | for seconds"]
            ),
            planned("overlay", 1500, 1620),
        ],
        "seconds": 1620,
        "lines": ["the window ends in 3 h"],
    },
}
ROWS = [
    ["vms-stop", "900 s", "changed", "NetworkAttachmentDefinition default/office"],
    ["vms-stop", "900 s", "stops VMs", "default/web, production/db"],
    ["hosts", "600 s", "sets on Node node1", "MTU of mgmt-bo from 1500 to 9000, MTU of mgmt-br to 9000"],
    ["hosts", "600 s", "reboots nodes", "node1"],
    ["hosts", "600 s", "interrupts", "<everything> on mgmt | for seconds"],
    ["overlay", "120 s", "", ""],
]
FAILED = [
    "node2: MTU of mgmt-bo: expected 9000, seen nothing",
    "mgmt: node1 to node2: 9000 bytes expected, at most 1500 passed (mtu_too_small)",
    "mgmt: node1 to node3: 9000 bytes expected, nothing passed (no_path)",
]


def made(**changes: Any) -> dict[str, str]:
    return {name.removeprefix(DATA["id"] + "."): text for name, text in files(report({**DATA, **changes})).items()}


def test_names_carry_the_id() -> None:
    assert sorted(files(report(DATA))) == [DATA["id"] + ending for ending in (".html", ".json", ".junit.xml", ".md")]


def test_json() -> None:
    found = json.loads(made()["json"])
    assert (found["passed"], found["failed"]) == (False, FAILED)
    assert [(check["where"], check["what"]) for check in found["checks"]] == [
        ("node2", "MTU of mgmt-bo"),
        ("node2", "ports"),
        ("node10", "MTU of mgmt-bo"),
    ]
    assert found["checks"][1]["expected"] == "eno1, eno2"
    assert list(found)[-1] == "times"


def test_junit() -> None:
    root = ElementTree.fromstring(made()["junit.xml"])
    assert root.attrib == {"tests": "6", "failures": "3", "errors": "0", "skipped": "0"}
    assert [failure.attrib["message"] for failure in root.iter("failure")] == FAILED
    assert [one.attrib for one in root.iter("property")] == [{"name": "opened", "value": "2026-11-25T23:13:51Z"}]


def test_markdown() -> None:
    lines = made()["md"].splitlines()
    assert lines[:3] == ["# mgmt_mtu", "", "20261125t231351z-mgmt-mtu: **failed**, 3 checks, 3 paths."]
    assert [line[2:] for line in lines if line.startswith("- ")] == FAILED
    assert "| node2 | MTU of mgmt-bo | 9000 | nothing | **failed** |" in lines
    assert lines[-1] == "| opened | 2026-11-25T23:13:51Z |"


def test_the_plan_is_in_the_summary_as_it_is_in_json() -> None:
    found = json.loads(made()["json"])["plan"]
    assert (found["phases"], found["seconds"]) == (DATA["plan"]["phases"], 1620)
    assert found == report(DATA).summary()["plan"]
    assert (list(found), found["objections"]) == (["seconds", "phases", "objections"], [])
    assert json.loads(made(plan=None)["json"])["plan"] is None


def test_the_plan_as_tables() -> None:
    found = made()
    assert Page(found["html"]).table("plan") == [["phase", "at most", "what", "which"], *ROWS]
    assert "<p>At most 1620 s in all.</p>" in found["html"]
    lines = found["md"].splitlines()
    begin = lines.index("## Plan")
    escaped = [[cell.replace("<", "&lt;").replace("|", "\\|") for cell in row] for row in ROWS]
    assert lines[begin + 4 : begin + 10] == ["| " + " | ".join(row) + " |" for row in escaped]
    assert lines[begin + 11] == "At most 1620 s in all."
    without = made(plan=None)
    assert "## Plan" not in without["md"] and Page(without["html"]).table("plan") == []


def test_a_plan_that_was_refused_says_why() -> None:
    objection = {
        "rule": "setting-volumes",
        "object": "setting 'storage-network'",
        "message": "volumes are <attached>",
        "source": "harvester",
        "next_step": "stop their VMs",
        "by": "harvester",
    }
    found = made(plan={**DATA["plan"], "objections": [objection]})
    assert json.loads(found["json"])["plan"]["objections"] == [objection]
    line = "setting 'storage-network': volumes are <attached>; stop their VMs"
    assert "Against it:\n\n- " + line.replace("<", "&lt;") + "\n" in found["md"]
    assert line in Page(found["html"]).words


class Page(HTMLParser):
    """Tags, whether each is closed, attributes that would load something, the text, and tables by their class."""

    VOID = ("meta", "link", "br")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self._rows = self.tables.setdefault(dict(attrs).get("class") or "", [])
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th"):
            self._rows[-1].append("")
        self.loads += [(name, value or "") for name, value in attrs if name in ("src", "href", "xlink:href", "onload")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self._rows[-1][-1] += data

    def table(self, name: str) -> list[list[str]]:
        """The cells of the tables of this class, row by row."""
        return self.tables.get(name, [])


def test_the_page_needs_nothing_besides_itself() -> None:
    text = made()["html"]
    page = Page(text)
    assert (page.open, page.loads) == ([], [])
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in text and "@import" not in text
    assert text.count("<svg ") == 4
    assert [word for word in page.words if word in FAILED] == FAILED


def test_the_topology_goes_from_the_wire_to_the_vms() -> None:
    found = report(DATA)
    assert list(found.topology) == ["node1", "node2", ""]
    assert {item.key: (item.layer, item.parents) for item in found.topology["node2"]} == {
        "eno1": ("nic", ()),
        "mgmt-bo": ("bond", ("eno1",)),
        "mgmt-br": ("bridge", ("mgmt-bo",)),
        "mgmt-br.2017": ("vlan", ("mgmt-br",)),
    }
    assert [(item.label, item.parents) for item in found.topology[""]] == [
        ("default/vlan100", ("mgmt-br",)),
        ("default/web", ("network default/vlan100",)),
    ]
    picture = _svg.topology(found)
    assert picture.count('class="edge"') == 4
    assert "<title>default/vlan100 VLAN 100 on mgmt-br</title>" in picture


def test_the_heat_map_has_a_cell_per_pair() -> None:
    picture = _svg.heat_maps(report(DATA))
    classes = re.findall(r'<rect class="(\w+)"', picture)
    assert {name: classes.count(name) for name in sorted(set(classes))} == {
        "good": 1,
        "low": 1,
        "none": 1,
        "self": 3,
        "unknown": 3,
    }
    ElementTree.fromstring(picture)
    assert "<title>node1 to node2: 9000 bytes, mtu_too_small, largest seen 1500</title>" in picture


def test_another_order_of_the_same_gives_the_same_bytes() -> None:
    other = copy.deepcopy(DATA)
    other["checks"].reverse()
    other["paths"].reverse()
    other["topology"]["hosts"] = dict(reversed(other["topology"]["hosts"].items()))
    other["topology"]["hosts"]["node2"] = LINKS[::-1]
    assert files(report(other)) == files(report(DATA))


@pytest.mark.parametrize("form", ["html", "json", "junit.xml", "md"])
def test_only_the_block_of_times_differs_between_two_runs(form: str) -> None:
    one, other = made()[form].splitlines(), made(times={"opened": "2027-01-01T00:00:00Z"})[form].splitlines()
    changed = [line for line in difflib.ndiff(one, other) if line[0] in "+-"]
    assert len(changed) == 2
    assert all("opened" in line for line in changed)


def test_what_nobody_has_measured_is_told_in_every_form() -> None:
    found = made(not_measured=["VLAN 10 of <vmnet>", "VLAN 9 of <vmnet>", "VLAN 9 of <vmnet>"])
    assert json.loads(found["json"])["not_measured"] == ["VLAN 9 of <vmnet>", "VLAN 10 of <vmnet>"]
    root = ElementTree.fromstring(found["junit.xml"])
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["skipped"]) == ("8", "3", "2")
    assert [case.attrib["name"] for case in root.iter("testcase") if case.find("skipped") is not None] == [
        "VLAN 9 of <vmnet>",
        "VLAN 10 of <vmnet>",
    ]
    assert "## Not measured\n\n- VLAN 9 of &lt;vmnet>\n- VLAN 10 of &lt;vmnet>\n" in found["md"]
    assert "VLAN 9 of <vmnet>" in Page(found["html"]).words


def test_a_failed_check_says_what_to_do() -> None:
    check = {"what": "MTU", "where": "node1", "expected": 9000, "seen": 1500, "passed": False}
    found = report({"id": "verify", "checks": [{**check, "id": "mtu", "remedy": "run playbook x"}]})
    assert found.summary()["failed"] == ["node1: MTU: expected 9000, seen 1500; run playbook x"]
    assert found.checks[0].id == "mtu"


def test_a_report_without_anything_passes() -> None:
    found = report({"id": "verify"})
    assert found.passed
    assert all(files(found).values())


@given(st.text(), st.text())
def test_any_text_makes_whole_files(what: str, seen: str) -> None:
    check = {"what": what, "where": seen, "expected": what, "seen": seen, "passed": False}
    found = made(checks=[check], title=what or "x")
    json.loads(found["json"])
    ElementTree.fromstring(found["junit.xml"])
    assert Page(found["html"]).open == []
    assert sum(line.startswith("| ") and line.endswith("**failed** |") for line in found["md"].split("\n")) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"id": "../x"},
            "report: id=../x: has to be lower case letters, digits, '.', '-' and '_'; it is part of names of files",
        ),
        ({"id": "a", "checks": [{"what": "x", "where": "y"}]}, "report: checks[0].passed: is missing"),
        (
            {"id": "a", "checks": [{"what": "x", "where": "y", "passed": "yes"}]},
            "report: checks[0].passed=yes: has to be true or false",
        ),
        ({"id": "a", "paths": [{"network": "m"}]}, "report: paths[0].source: is missing"),
        ({"id": "a", "plan": {"phases": [{"id": "x"}], "seconds": 1}}, "report: plan: role is missing"),
    ],
)
def test_what_is_no_report(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ReportError) as caught:
        report(data)
    assert str(caught.value) == message


BROWSER = os.environ.get("HARVESTER_NETWORK_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium; HARVESTER_NETWORK_CHROMIUM can name one")
def test_a_browser_shows_the_page_without_a_complaint(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(made()["html"], encoding="utf-8")
    argv = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run([*argv, page.as_uri()], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("<svg ") == 4
    shown = Page(done.stdout)
    assert [word for word in shown.words if word in FAILED] == FAILED
    assert shown.table("plan")[1:] == ROWS
    # What the page's own policy or a missing file would say.
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
