# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through Ansible's real argument parser: omitted and null stay two things, a misspelt option is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.module_utils.nm._argspec import profile_spec
from ansible_collections.harvester.network.plugins.module_utils.nm._limits import Confirm
from ansible_collections.harvester.network.plugins.module_utils.nm._node_module import NodeModule, profile_argspec

STATES = ("present", "absent", "rendered", "gathered")
SPEC = {"profiles": {"type": "list", "elements": "dict", "default": [], "options": profile_spec()}}


def module(arguments: dict[str, Any]) -> NodeModule:
    with patch_module_args(arguments):
        return NodeModule(argument_spec=profile_argspec(SPEC, STATES), supports_check_mode=True)


def test_omitted_is_untouched_and_null_unsets() -> None:
    given = module(
        {
            "profiles": [
                {"id": "bond-mgmt", "mtu": None, "bond": {"miimon": "100", "primary": None}},
                {"id": "vlan-mgmt", "type": "vlan", "ipv4": {"dns": "10.0.0.1,10.0.0.2"}},
            ]
        }
    ).given()
    # Words were parsed to their types; nothing that was not given appeared.
    assert given["profiles"] == [
        {"id": "bond-mgmt", "mtu": None, "bond": {"miimon": 100, "primary": None}},
        {"id": "vlan-mgmt", "type": "vlan", "ipv4": {"dns": ["10.0.0.1", "10.0.0.2"]}},
    ]


def test_the_parser_alone_would_make_them_the_same() -> None:
    params = module({"profiles": [{"id": "bond-mgmt", "mtu": None}]}).params["profiles"][0]
    assert (params["mtu"], params["autoconnect"]) == (None, None)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"bond": {"miimonn": 1}}, "profile 'bond-mgmt': bond.miimonn: unknown option; did you mean 'miimon'?"),
        ({"mtuu": 1}, "profile 'bond-mgmt': mtuu: unknown option; did you mean 'mtu'?"),
        ({"mtu": "many"}, "argument 'mtu' is of type str found in 'profiles'"),
    ],
)
def test_bad_input_is_named(item: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        module({"profiles": [{"id": "bond-mgmt", **item}]})
    result = json.loads(capsys.readouterr().out)
    assert result["failed"]
    assert message in result["msg"]


def test_limits_come_from_the_options() -> None:
    limits = module({"mtu_max": 9216, "vlan_filter_limit": 64}).limits()
    assert (limits.mtu_max, limits.vlan_filter_limit) == (9216, 64)


def test_a_change_waits_to_be_confirmed_only_when_it_is_asked_to() -> None:
    assert module({}).confirm() is None
    assert module({"commit_confirm": True}).confirm() == Confirm(300, "")
    assert module({"commit_confirm": True, "confirm_timeout": 60, "confirm_owner": "me"}).confirm() == Confirm(60, "me")


@pytest.mark.parametrize("timeout", [29, 86401])
def test_a_window_that_is_too_short_or_too_long_is_refused(timeout: int) -> None:
    with pytest.raises(ValidationError) as error:
        module({"commit_confirm": True, "confirm_timeout": timeout}).confirm()
    assert str(error.value) == (
        f"commit_confirm: confirm_timeout={timeout}: the window to confirm has 30 to 86400 seconds"
    )
