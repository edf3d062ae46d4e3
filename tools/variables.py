# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/variables.md: the variables of every playbook, from what the playbooks themselves validate.

Usage: variables.py [--check], which writes nothing and fails where the page is not what it would write.
"""

from __future__ import annotations

import difflib
import re
import sys
from typing import Any, Dict, Iterator, List, Mapping

import yaml
from _common import ROOT, ToolError, main_guard

SPECS = ROOT / "playbooks" / "argument_specs"
PAGE = ROOT / "docs" / "variables.md"
MARKUP = re.compile(r"\b(?:C|V|O|M|P|RV|I|B)\(([^)]*)\)")
"""Ansible's markup of options, values, modules and plugins."""

TOP = """\
# Variables of the playbooks

Written by `python tools/variables.py`, from `playbooks/argument_specs`, which each playbook validates before it does
anything: a value of the wrong type or choice is refused, and so is a name in change_ that no playbook has and
that is nearly one of these. What has no default is required where it says so, and otherwise left alone.
"""


def prose(text: Any) -> str:
    """A description in one line of Markdown."""
    joined = " ".join(str(part) for part in (text if isinstance(text, list) else [text]))
    shown = MARKUP.sub(lambda found: "`%s`" % found.group(1).split("#")[0], " ".join(joined.split()))
    return shown.replace("|", "\\|")


def kind(option: Mapping[str, Any]) -> str:
    """Type, what lists hold, and choices."""
    told = "%s of %s" % (option["type"], option["elements"]) if "elements" in option else str(option["type"])
    choices = option.get("choices")
    return "%s: %s" % (told, ", ".join("`%s`" % one for one in choices)) if choices else told


def default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    if "default" not in option:
        return ""
    value = option["default"]
    return "`%s`" % (str(value).lower() if isinstance(value, bool) else repr(value) if value == "" else value)


def rows(options: Mapping[str, Mapping[str, Any]], above: str = "") -> Iterator[str]:
    for name, option in options.items():
        cells = ("`%s%s`" % (above, name), kind(option), default(option), prose(option["description"]))
        yield "| %s |" % " | ".join(cells)
        yield from rows(option.get("options") or {}, "%s%s." % (above, name))


def page() -> str:
    """Raises ToolError for a specification without options."""
    parts: List[str] = [TOP]
    for path in sorted(SPECS.glob("*.yml")):
        spec: Dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
        if not spec.get("options"):
            raise ToolError("%s has no options" % path.relative_to(ROOT))
        parts += ["## %s" % path.stem, "", "%s." % prose(spec["short_description"]).rstrip("."), ""]
        parts += ["| variable | type | default | meaning |", "|---|---|---|---|", *rows(spec["options"]), ""]
    return "\n".join(parts)


def main() -> int:
    wanted = page()
    name = str(PAGE.relative_to(ROOT))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, encoding="utf-8")
        print("written to %s" % name)
        return 0
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    print(
        "\n".join(
            difflib.unified_diff(
                there.splitlines(), wanted.splitlines(), name, "python tools/variables.py", lineterm=""
            )
        )
    )
    return int(there != wanted)


if __name__ == "__main__":
    main_guard(main)
