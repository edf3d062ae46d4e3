# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""checkpoint and reach_info: what they take and return, through Ansible's real argument parser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _module
from ansible_collections.harvester.network.plugins.module_utils.probe import _reach
from ansible_collections.harvester.network.plugins.modules import checkpoint, reach_info

COMPARED = ("type", "elements", "default", "choices", "required")


def leave(
    module: ModuleType, arguments: dict[str, Any], capsys: pytest.CaptureFixture[str], check: bool = False
) -> Any:
    """The result of a run with these arguments."""
    with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    return json.loads(capsys.readouterr().out)


def reduced(options: Mapping[str, Any], suboptions: str) -> dict[str, Any]:
    return {
        name: {key: option[key] for key in COMPARED if key in option}
        | ({"options": reduced(option[suboptions], suboptions)} if suboptions in option else {})
        for name, option in options.items()
    }


@pytest.mark.parametrize("module", [checkpoint, reach_info])
def test_documentation_and_argument_spec_agree(module: ModuleType) -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert reduced(documented, "suboptions") == reduced(module.ARGUMENT_SPEC, "options")


def test_the_result_is_documented(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = leave(checkpoint, {}, capsys)
    assert set(found) - {"changed", "invocation"} == set(yaml.safe_load(checkpoint.RETURN)) - {"waited"}
    monkeypatch.setattr(_reach, "own_address", lambda: "192.0.2.11")
    found = leave(reach_info, {"discover": False}, capsys)
    assert set(found) - {"changed", "invocation"} == set(yaml.safe_load(reach_info.RETURN))


def test_arming_needs_an_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert leave(checkpoint, {"state": "armed"}, capsys)["msg"] == (
        "state is armed but all of the following are missing: id"
    )


def test_options_reach_the_library(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def carry_out(_run: Any, options: Mapping[str, Any], check: bool, **_more: Any) -> tuple[bool, dict[str, Any]]:
        asked.append((dict(options), check))
        if options["state"] == "confirmed":
            raise NetworkError("it is too late")
        return True, {"summary": "x"}

    monkeypatch.setattr(_module, "carry_out", carry_out)
    arguments = {"state": "armed", "id": "one", "profiles": "a,b", "timeout": "60"}
    assert leave(checkpoint, arguments, capsys, check=True)["changed"]
    assert asked == [
        (
            {
                "state": "armed",
                "id": "one",
                "profiles": ["a", "b"],
                "earlier": [],
                "timeout": 60,
                "window": "now",
                "owner": "",
            },
            True,
        )
    ]
    assert leave(checkpoint, {"state": "confirmed"}, capsys)["msg"] == "it is too late"


def test_what_is_asked_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(_reach, "discover", lambda: (_reach.Target("gateway 192.0.2.1", "ping", "192.0.2.1"),))
    monkeypatch.setattr(_reach, "own_address", lambda: "")
    answers = {"192.0.2.1": "", "192.0.2.2": "no answer", "192.0.2.3": "no answer"}
    monkeypatch.setattr(_reach, "_ask", lambda target, _timeout: answers[target.address])
    targets = [{"name": "jumbo", "address": "192.0.2.3", "size": 9000, "required": True}]
    before = leave(reach_info, {"targets": targets, "peers": ["192.0.2.2"]}, capsys)
    assert before["missing"] == ["jumbo (no answer)", "node 192.0.2.2 (no answer)"]
    again = leave(reach_info, {"earlier": before["targets"]}, capsys)
    # What was not reached before does not count, unless it is required.
    assert [item["name"] for item in again["targets"]] == ["jumbo", "gateway 192.0.2.1"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"address": "host"}, "target 'host': address=host: is no IP address; names are not looked up"),
        ({"address": "2001:db8::1"}, "target '2001:db8::1': address=2001:db8::1: a ping needs an IPv4 address"),
        (
            {"address": "192.0.2.1", "kind": "tcp"},
            "target '192.0.2.1': port: a TCP connection needs a port within 1..65535",
        ),
        ({"address": "192.0.2.1", "size": 9, "name": "x"}, "target 'x': size=9: must be within 68..65535 bytes"),
    ],
)
def test_bad_targets(target: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave(reach_info, {"targets": [target]}, capsys)["msg"] == message
