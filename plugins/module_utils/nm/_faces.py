# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile modules as faces of one engine: the whole set (``profiles``), or one device per call.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ._argspec import profile_options, profile_spec
from ._node_module import NodeModule, profile_argspec, run_profiles
from ._profile import BOND, PORT_PREFIX

STATES = ("present", "absent", "rendered", "gathered")


def face_spec(kind: Optional[str]) -> Dict[str, Any]:
    """The argument spec of the face for one type of profile; None for the whole set."""
    if kind is None:
        own: Dict[str, Any] = {
            "profiles": {"type": "list", "elements": "dict", "default": [], "options": profile_spec()}
        }
    else:
        own = {"id": {"type": "str", "required": True}}
        own.update(profile_options([kind]))
    return profile_argspec(own, STATES)


def items_of(kind: Optional[str], given: Mapping[str, Any], state: str) -> List[Dict[str, Any]]:
    """The profile list that a face's options mean; a bond that is removed takes the ports along that are named."""
    if kind is None:
        return list(given.get("profiles", ()))
    known = set(profile_options([kind])) | {"id"}
    item = {name: value for name, value in given.items() if name in known}
    item["type"] = kind
    items = [item]
    if state == "absent" and kind == BOND:
        # The NICs let go of the bond before it goes.
        items = [{"id": PORT_PREFIX + nic} for nic in item.get("ports") or ()] + items
    return items


def run_face(kind: Optional[str]) -> None:
    """Main of a profile module."""
    module = NodeModule(argument_spec=face_spec(kind), supports_check_mode=True)
    items = items_of(kind, module.given(), module.params["state"])
    run_profiles(module, items, [item["id"] for item in items])
