# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the profile modules do on the controller: look at the node, plan, leave to the module what has to be done."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..module_utils.common._errors import NetworkError
from ..module_utils.common._raw import prune
from ..module_utils.nm import _engine
from ..module_utils.nm._faces import face_spec, items_of
from ..module_utils.nm._limits import CONFIRM_WINDOW, LIVE, Limits
from ..module_utils.nm._node_module import PLANNED
from ..module_utils.nm._profile import PORT_PREFIX
from . import _profile_look


class Call(NamedTuple):
    """A call as its options say it."""

    items: list[dict[str, Any]]
    options: _engine.Options
    confirmed: bool


def call_of(kind: str | None, arguments: Mapping[str, Any]) -> Call | None:
    """The call that a task's arguments mean; None for one that the module itself has to judge.

    kind: the type of profile of the module, None for `profiles`.
    """
    spec = face_spec(kind)
    validated = ArgumentSpecValidator(spec).validate(dict(arguments))
    parameters = validated.validated_parameters
    if validated.error_messages or parameters["state"] != "present":
        return None
    if not CONFIRM_WINDOW[0] <= parameters["confirm_timeout"] <= CONFIRM_WINDOW[1]:
        return None
    items = items_of(kind, prune(parameters, arguments, spec), parameters["state"])
    if any(item.get("state") == "absent" for item in items):
        return None  # what has no file any more is known to NetworkManager alone
    limits = Limits(mtu_max=parameters["mtu_max"], vlan_filter_limit=parameters["vlan_filter_limit"])
    # Nothing is changed from here: what is planned is what check mode says.
    options = _engine.Options(parameters["state"], parameters["apply"], True, None, limits)
    return Call(items, options, parameters["commit_confirm"])


def ids_of(call: Call) -> list[str]:
    """The profiles that a call may ask NetworkManager for: those named, and the ports of bonds."""
    if call.options.apply != LIVE:
        return []
    ids = [str(item["id"]) for item in call.items]
    ids += [PORT_PREFIX + str(nic) for item in call.items for nic in item.get("ports") or ()]
    return list(dict.fromkeys(ids))


def planned(call: Call, text: str, prefix: str = "") -> _engine.Planned:
    """The plan for a node that answered ``text``. Raises NetworkError or Unusable, both for the module to judge."""
    with tempfile.TemporaryDirectory(prefix="harvester-network-", dir=constants.DEFAULT_LOCAL_TMP) as root:
        look = _profile_look.read(text, root, prefix)
        return _engine.plan(look.run, call.items, call.options, root)


class ProfileAction(ActionBase):
    """Action of a profile module, which can do all of it by itself and does so whenever the look does not suffice."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True
    kind: str | None = None
    prefix = ""
    """Where the node's root lies, for tests."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if PLANNED in arguments:
            raise AnsibleActionFail("options: %s: unknown option; take it out" % PLANNED)
        found = None if self._task.async_val else self._look(arguments)
        if found is not None:
            call, plan = found
            if plan.job is None or self._task.check_mode:
                return {**result, **_told(plan)}
            if not call.confirmed:
                arguments[PLANNED] = {"job": plan.job, "result": plan.result.to_dict()}
        done: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return {**result, **done}

    def _look(self, arguments: Mapping[str, Any]) -> tuple[Call, _engine.Planned] | None:
        """The plan, or None when the module has to look by itself: it says the same things, and why it refuses."""
        call = call_of(self.kind, arguments)
        if call is None:
            return None
        try:
            command = _profile_look.command(ids_of(call), self.prefix)
            answer = self._low_level_execute_command(command)
            return call, planned(call, answer["stdout"], self.prefix)
        except (NetworkError, _profile_look.Unusable) as error:
            self._display.vvv("the module looks by itself: %s" % error, host=self._play_context.remote_addr)
            return None


def _told(plan: _engine.Planned) -> dict[str, Any]:
    """What the module would have returned."""
    return {**plan.result.to_dict(), "warnings": list(plan.result.warnings)}
