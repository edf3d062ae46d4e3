# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of another module, as an entry of a list. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._raw import prune


def parsed(given: Mapping[str, Any], spec: Mapping[str, Any]) -> Tuple[Dict[str, Any], List[str]]:
    """(the options as AnsibleModule would parse them, without those that were not given; what is wrong with them).

    spec: the argument spec of that module.
    """
    result = ArgumentSpecValidator(dict(spec)).validate(dict(given))
    return prune(result.validated_parameters, given, spec), [str(message) for message in result.error_messages]
