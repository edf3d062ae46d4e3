# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the profile modules share towards AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..common._errors import NetworkError, Problem, ValidationError
from ..common._module import GivenModule
from ..common._node_argspec import NODE_ARGSPEC
from . import _engine, _request
from ._engine import Confirm, Options, Result
from ._limits import CONFIRM_RULE, CONFIRM_WINDOW, Limits

CONFIRM_TIMEOUT = 300
"""Seconds. Long enough for a slow reconnect and the probes, short enough for an outage."""

STATES_WITH_APPLY = ("present", "absent")


class NodeModule(GivenModule):
    """Module that manages profiles."""

    def limits(self) -> Limits:
        return Limits(
            mtu_max=self.params["mtu_max"],
            vlan_filter_limit=self.params["vlan_filter_limit"],
        )

    def confirm(self) -> Optional[Confirm]:
        """How the change waits to be confirmed, None when it does not. Raises ValidationError for a bad window."""
        timeout = self.params["confirm_timeout"]
        if not CONFIRM_WINDOW[0] <= timeout <= CONFIRM_WINDOW[1]:
            raise ValidationError([Problem("commit_confirm", "confirm_timeout", timeout, CONFIRM_RULE)])
        if not self.params["commit_confirm"]:
            return None
        return Confirm(self.params["confirm_timeout"], self.params["confirm_owner"])


def profile_argspec(own: Mapping[str, Any], states: Sequence[str]) -> Dict[str, Any]:
    """The argument spec of a module that manages profiles."""
    spec: Dict[str, Any] = dict(NODE_ARGSPEC)
    spec["state"] = {"type": "str", "choices": list(states), "default": "present"}
    spec["apply"] = {"type": "str", "choices": [_engine.LIVE, _engine.REBOOT], "default": _engine.LIVE}
    spec["commit_confirm"] = {"type": "bool", "default": False}
    spec["confirm_timeout"] = {"type": "int", "default": CONFIRM_TIMEOUT}
    spec["confirm_owner"] = {"type": "str", "default": ""}
    spec.update(own)
    return spec


def run_profiles(module: NodeModule, items: List[Dict[str, Any]], names: Optional[Sequence[str]] = None) -> None:
    """Carry out a profile module's call and exit: ``items`` hold only what the user gave.

    names: the ids that state=gathered is limited to (None: every profile).
    """
    state = module.params["state"]
    try:
        if state == "rendered":
            found = _engine.rendered(items, module.limits())
            for warning in found.pop("warnings"):
                module.warn(warning)
            module.exit_json(changed=False, **found)
        if state == "gathered":
            profiles = _engine.gathered(module.run, names)
            module.exit_json(changed=False, gathered=_request.public(profiles))
        options = Options(state, module.params["apply"], module.check_mode, module.confirm(), module.limits())
        result: Result = _engine.apply(module.run, items, options)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    for warning in result.warnings:
        module.warn(warning)
    module.exit_json(warnings_found=result.warnings, **result.to_dict())
