# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the profile modules share towards AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..common._errors import NetworkError, Problem, ValidationError
from ..common._module import GivenModule
from ..common._node_argspec import NODE_ARGSPEC
from ._limits import CONFIRM_RULE, CONFIRM_WINDOW, LIVE, REBOOT, Confirm, Limits

CONFIRM_TIMEOUT = 300
"""Seconds. Long enough for a slow reconnect and the probes, short enough for an outage."""

PLANNED = "_harvester_network_planned"
"""Parameter by which the action plugin of a profile module hands over what it has planned; nobody else gives it."""


class NodeModule(GivenModule):
    """Module that manages profiles.

    planned: the job and the result of a plan that was made on the controller from what the node had a moment ago.
    """

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        self.planned: Optional[Mapping[str, Any]] = None
        super().__init__(argument_spec=argument_spec, **kwargs)

    def _load_params(self) -> None:
        super()._load_params()
        self.planned = self.params.pop(PLANNED, None)
        self.params_raw.pop(PLANNED, None)

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
    spec["apply"] = {"type": "str", "choices": [LIVE, REBOOT], "default": LIVE}
    spec["commit_confirm"] = {"type": "bool", "default": False}
    spec["confirm_timeout"] = {"type": "int", "default": CONFIRM_TIMEOUT}
    spec["confirm_owner"] = {"type": "str", "default": ""}
    spec.update(own)
    return spec


def run_profiles(module: NodeModule, items: List[Dict[str, Any]], names: Optional[Sequence[str]] = None) -> None:
    """Carry out a profile module's call and exit: ``items`` hold only what the user gave.

    names: the ids that state=gathered is limited to (None: every profile).
    """
    try:
        if module.planned is not None:
            _as_planned(module, module.planned)
        _from_the_start(module, items, names)
    except NetworkError as error:
        module.fail_json(msg=str(error))


def _as_planned(module: NodeModule, planned: Mapping[str, Any]) -> None:
    """Carry out a plan that still fits and exit; return when something has come in between."""
    from . import _carry

    if _carry.still_planned(planned["job"]):
        result = dict(planned["result"])
        result["restored"] = _carry.out(module.run, planned["job"])["restored"]
        for warning in result["warnings_found"]:
            module.warn(warning)
        module.exit_json(**result)


def _from_the_start(module: NodeModule, items: List[Dict[str, Any]], names: Optional[Sequence[str]]) -> None:
    # Imported here: what is planned already needs none of it, and every import is compiled anew on the node.
    from . import _engine, _request

    state = module.params["state"]
    if state == "rendered":
        found = _engine.rendered(items, module.limits())
        for warning in found.pop("warnings"):
            module.warn(warning)
        module.exit_json(changed=False, **found)
    if state == "gathered":
        module.exit_json(changed=False, gathered=_request.public(_engine.gathered(module.run, names)))
    options = _engine.Options(state, module.params["apply"], module.check_mode, module.confirm(), module.limits())
    result = _engine.apply(module.run, items, options)
    for warning in result.warnings:
        module.warn(warning)
    module.exit_json(**result.to_dict())
