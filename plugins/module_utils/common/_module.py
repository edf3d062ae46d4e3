# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where the modules meet AnsibleModule. This module util is private to the collection."""

from __future__ import annotations

import copy
from typing import Any, Dict, Mapping, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from . import _pause
from ._raw import prune, unknown_keys


class CommandModule(AnsibleModule):
    """AnsibleModule that names a misspelt option with a suggestion, and runs commands as all node modules do."""

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        self._spec: Dict[str, Any] = dict(argument_spec)
        super().__init__(argument_spec=argument_spec, **kwargs)

    def as_given(self) -> Mapping[str, Any]:
        """The options as they came; before they are parsed, these are the parameters themselves."""
        given: Mapping[str, Any] = self.params
        return given

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """A misspelt option is named with a suggestion, whatever the parser found to say about it."""
        spec = getattr(self, "_spec", {})
        problems = unknown_keys(self.as_given(), spec) if "Unsupported parameters" in msg else []
        told = "\n".join(str(problem) for problem in problems) or msg
        super().fail_json(msg=told, **{**_waited(), **kwargs})

    def exit_json(self, **kwargs: Any) -> None:
        """How long the call has waited is told, where it had to wait."""
        super().exit_json(**{**_waited(), **kwargs})

    def run(self, argv: Sequence[str], data: str = "") -> Tuple[int, str, str]:
        """Run a command in the C locale with ``data`` at its input; a program that is missing is exit status 127."""
        try:
            status, output, errors = self.run_command(
                list(argv),
                data=data,
                binary_data=True,
                environ_update={"LC_ALL": "C", "LANGUAGE": "C"},
                handle_exceptions=False,
            )
        except OSError as error:
            return 127, "", "%s: %s" % (argv[0], error.strerror)
        return status, output, errors


def _waited() -> Dict[str, float]:
    seconds = _pause.slept()
    return {"waited": seconds} if seconds else {}


class GivenModule(CommandModule):
    """Module that knows what the user really gave: omitted and null are two things."""

    def __init__(self, argument_spec: Mapping[str, Any], **kwargs: Any) -> None:
        self.params_raw: Dict[str, Any] = {}
        super().__init__(argument_spec=argument_spec, **kwargs)

    def _load_params(self) -> None:
        super()._load_params()
        self.params_raw = {
            name: copy.deepcopy(value) for name, value in self.params.items() if not name.startswith("_ansible_")
        }

    def as_given(self) -> Mapping[str, Any]:
        return self.params_raw

    def given(self) -> Dict[str, Any]:
        """The parsed options, without those that the user did not name; null stays None."""
        pruned: Dict[str, Any] = prune(self.params, self.params_raw, self._spec)
        return pruned
