# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where node modules meet AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..common._errors import NetworkError
from ..common._node_argspec import NODE_ARGSPEC
from ..common._raw import prune, unknown_keys
from . import _engine, _request
from ._engine import Options, Result
from ._limits import Limits

STATES_WITH_APPLY = ("present", "absent")


class NodeModule(AnsibleModule):
    """AnsibleModule that knows what the user really gave: omitted and null are two things."""

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        self.params_raw: Dict[str, Any] = {}
        self._spec = dict(argument_spec)
        super().__init__(argument_spec=argument_spec, **kwargs)

    def _load_params(self) -> None:
        super()._load_params()
        self.params_raw = {
            name: copy.deepcopy(value) for name, value in self.params.items() if not name.startswith("_ansible_")
        }

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """A misspelt option is named with a suggestion, whatever the parser found to say about it."""
        spec = getattr(self, "_spec", {})
        problems = unknown_keys(self.params_raw, spec) if "Unsupported parameters" in msg else []
        super().fail_json(msg="\n".join(str(problem) for problem in problems) or msg, **kwargs)

    def given(self) -> Dict[str, Any]:
        """The parsed options, without those that the user did not name; null stays None."""
        pruned: Dict[str, Any] = prune(self.params, self.params_raw, self._spec)
        return pruned

    def run(self, argv: Sequence[str]) -> Tuple[int, str, str]:
        """Run a command in the C locale; a program that is missing is exit status 127."""
        try:
            status, output, errors = self.run_command(
                list(argv), environ_update={"LC_ALL": "C", "LANGUAGE": "C"}, handle_exceptions=False
            )
        except OSError as error:
            return 127, "", "%s: %s" % (argv[0], error.strerror)
        return status, output, errors

    def limits(self) -> Limits:
        return Limits(
            mtu_max=self.params["mtu_max"],
            vlan_filter_limit=self.params["vlan_filter_limit"],
        )


def profile_argspec(own: Mapping[str, Any], states: Sequence[str]) -> Dict[str, Any]:
    """The argument spec of a module that manages profiles."""
    spec: Dict[str, Any] = dict(NODE_ARGSPEC)
    spec["state"] = {"type": "str", "choices": list(states), "default": "present"}
    spec["apply"] = {"type": "str", "choices": [_engine.LIVE, _engine.REBOOT], "default": _engine.LIVE}
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
        options = Options(state=state, apply=module.params["apply"], check=module.check_mode, limits=module.limits())
        result: Result = _engine.apply(module.run, items, options)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    for warning in result.warnings:
        module.warn(warning)
    module.exit_json(warnings_found=result.warnings, **result.to_dict())
