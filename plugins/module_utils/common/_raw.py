# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user really gave: omitted is not null. This module util is private to the collection.

AnsibleModule fills every option that was not given with None, at every level of suboptions; here the parameters as
they came (``raw``) tell the two apart. Aliases are followed the way AnsibleModule resolves them.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ._errors import Problem
from ._names import suggest

INTERNAL = "_ansible_"


def prune(coerced: Mapping[str, Any], raw: Any, spec: Mapping[str, Any]) -> Dict[str, Any]:
    """The parsed parameters with only the keys that the user gave; an explicit null stays as None.

    coerced: the parameters after parsing, None or a default where nothing was given. raw: the same before parsing.
    spec: the argument spec of both. Goes into dicts, and into lists of dicts element by element.
    """
    given = _mapping(raw) or {}
    found: Dict[str, Any] = {}
    for name, option in spec.items():
        names = [key for key in (name, *(option.get("aliases") or ())) if key in given]
        if not names or name not in coerced:
            continue
        # AnsibleModule lets the last alias win.
        found[name] = _pruned(coerced[name], given[names[-1]], option)
    return found


def unknown_keys(raw: Any, spec: Mapping[str, Any], where: str = "options") -> List[Problem]:
    """Every key, at any depth, that the argument spec does not know, with what was probably meant.

    raw: the parameters as they came. where: the object in the messages; what has an id is called "profile '<id>'"
    instead, an element of a list without one "profiles[2]". AnsibleModule's own keys are passed over.
    """
    given = _mapping(raw)
    if given is None:
        return []
    name = given.get("id")
    return _unknown(given, spec, "profile '%s'" % name if name and "id" in spec else where, "")


def _unknown(given: Mapping[str, Any], spec: Mapping[str, Any], where: str, path: str) -> List[Problem]:
    known = _known(spec)
    problems: List[Problem] = []
    for key, value in given.items():
        word = str(key)
        if word.startswith(INTERNAL):
            continue
        option = known.get(word)
        if option is None:
            problems.append(Problem(where, path + word, None, "unknown option", _remedy(word, known, path)))
            continue
        for label, inside, below in _below(word, value, option, where, path):
            problems += _unknown(inside, option["options"], label, below)
    return problems


def _below(
    word: str, value: Any, option: Mapping[str, Any], where: str, path: str
) -> List[Tuple[str, Mapping[str, Any], str]]:
    """The dicts inside one value that have a spec of their own: (where, dict, path of its keys)."""
    if not option.get("options"):
        return []
    if option.get("type") == "dict":
        inside = _mapping(value)
        return [] if inside is None else [(where, inside, "%s%s." % (path, word))]
    found = []
    for index, item in enumerate(_elements(value)):
        inside = _mapping(item)
        if inside is None:
            continue
        name = inside.get("id")
        label = "profile '%s'" % name if name else "%s%s[%d]" % (path, word, index)
        found.append((label, inside, ""))
    return found


def _remedy(word: str, known: Mapping[str, Any], path: str) -> str:
    """A near word at this level, else the group whose suboption it is, else the choices when they are few."""
    near = suggest(word, known)
    if near:
        return near
    if not path:
        for group, option in known.items():
            if option.get("type") == "dict" and word.replace("-", "_") in (option.get("options") or {}):
                return "did you mean '%s.%s'?" % (group, word.replace("-", "_"))
    if len(known) <= 12:
        return "known are %s" % ", ".join(sorted(known))
    return "see the module's documentation"


def _known(spec: Mapping[str, Any]) -> Dict[str, Mapping[str, Any]]:
    return {name: option for key, option in spec.items() for name in (key, *(option.get("aliases") or ()))}


def _pruned(value: Any, raw: Any, option: Mapping[str, Any]) -> Any:
    options: Optional[Mapping[str, Any]] = option.get("options")
    if not options or value is None:
        return value
    if option.get("type") == "dict":
        return prune(value, raw, options)
    elements = _elements(raw)
    return [
        prune(item, elements[index] if index < len(elements) else None, options) if isinstance(item, Mapping) else item
        for index, item in enumerate(value)
    ]


def _elements(raw: Any) -> Sequence[Any]:
    """The elements of a list option, as AnsibleModule takes them apart: a text at its commas."""
    if isinstance(raw, (list, tuple)):
        return raw
    return raw.split(",") if isinstance(raw, str) else []


def _mapping(raw: Any) -> Optional[Mapping[str, Any]]:
    """A dict option as it came: a dict, JSON, a Python literal, or "a=b, c=d" (all of them AnsibleModule takes)."""
    if isinstance(raw, Mapping):
        return raw
    if not isinstance(raw, str):
        return None
    text = raw.strip()
    if text.startswith("{"):
        import ast  # rarely needed, and modules start on every node in every task

        for read in (json.loads, ast.literal_eval):
            try:
                found = read(text)
            except (ValueError, SyntaxError):
                continue
            if isinstance(found, dict):
                return found
        return None
    pairs = [part.partition("=") for part in text.replace(",", " ").split()]
    return {key: value for key, equals, value in pairs if equals} or None
