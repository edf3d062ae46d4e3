# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One device per call: faces of the engine behind ``profiles``. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from ._argspec import profile_options
from ._node_module import NodeModule, profile_argspec, run_profiles
from ._profile import BOND, PORT_PREFIX

STATES = ("present", "absent", "rendered", "gathered")


def face_spec(kind: str) -> Dict[str, Any]:
    """The argument spec of the face for one type of profile."""
    own: Dict[str, Any] = {"id": {"type": "str", "required": True}}
    own.update(profile_options([kind]))
    return profile_argspec(own, STATES)


def items_of(kind: str, given: Mapping[str, Any], state: str) -> List[Dict[str, Any]]:
    """The profile list that a face's options mean; a bond that is removed takes the ports along that are named."""
    known = set(profile_options([kind])) | {"id"}
    item = {name: value for name, value in given.items() if name in known}
    item["type"] = kind
    items = [item]
    if state == "absent" and kind == BOND:
        # The NICs let go of the bond before it goes.
        items = [{"id": PORT_PREFIX + nic} for nic in item.get("ports") or ()] + items
    return items


def run_face(kind: str) -> None:
    module = NodeModule(argument_spec=face_spec(kind), supports_check_mode=True)
    items = items_of(kind, module.given(), module.params["state"])
    run_profiles(module, items, [item["id"] for item in items])
