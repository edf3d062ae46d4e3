# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of profiles, made from the property table. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable

from ._profile import BOND, TYPES
from ._properties import Property, groups

CHOICES = {"port_type": ["bond", "bridge"]}


def option_spec(row: Property) -> Dict[str, Any]:
    """The argument spec of one option of the table."""
    spec: Dict[str, Any] = {"type": row.codec.spec_type}
    if row.codec.elements:
        spec["elements"] = row.codec.elements
    if row.option.endswith("_key"):
        spec["no_log"] = False  # a bonding term; nothing secret
    if row.option in CHOICES:
        spec["choices"] = CHOICES[row.option]
    return spec


def profile_options(types: Iterable[str] = TYPES) -> Dict[str, Any]:
    """The options of one profile of the given types: a group of suboptions where the table has one."""
    kinds = frozenset(types)
    spec: Dict[str, Any] = {}
    for group, rows in groups().items():
        options = {name: option_spec(row) for name, row in rows.items() if row.types & kinds}
        if group and options:
            spec[group] = {"type": "dict", "options": options}
        else:
            spec.update(options)
    if BOND in kinds:
        spec["ports"] = {"type": "list", "elements": "str"}
    return spec


def profile_spec() -> Dict[str, Any]:
    """One element of the option ``profiles``."""
    spec: Dict[str, Any] = {
        "id": {"type": "str", "required": True},
        "type": {"type": "str", "choices": list(TYPES)},
        "state": {"type": "str", "choices": ["present", "absent"]},
    }
    spec.update(profile_options())
    return spec
