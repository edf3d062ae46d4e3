# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""path_mtu through Ansible's real argument parser: documentation, arguments, and how it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe import _path_mtu
from ansible_collections.harvester.network.plugins.module_utils.probe._legs import LegResult
from ansible_collections.harvester.network.plugins.module_utils.probe._path_mtu import Outcome
from ansible_collections.harvester.network.plugins.module_utils.probe._path_request import ARGUMENT_SPEC, Asked, read
from ansible_collections.harvester.network.plugins.module_utils.probe._paths import Path, PathResult, Way
from ansible_collections.harvester.network.plugins.modules import path_mtu

DOCUMENTATION = yaml.safe_load(path_mtu.DOCUMENTATION)
RETURN = yaml.safe_load(path_mtu.RETURN)

PATH = PathResult(Path("10.0.0.2", 9000), Way("eth0", "10.0.0.1"), "proved", 9000, "why not", rtt=0.001)
BAD = PATH._replace(status="mtu_too_small", largest=1500, why="packets of 9000 bytes to 10.0.0.2 do not pass")
LEG = LegResult("eno1", True, "proved", "fine", [PATH])

Leave = Callable[..., dict[str, Any]]


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Leave:
    """Runs the module with an outcome (or an error) in place of a run, and gives its JSON."""

    def call(arguments: dict[str, Any], outcome: Outcome | NetworkError | None = None) -> dict[str, Any]:
        def run_module(run: Any, params: dict[str, Any], check: bool) -> Outcome:
            asked.append((read(params), check))
            if isinstance(outcome, NetworkError):
                raise outcome
            assert outcome is not None
            assert run(["sh", "-c", "cat; exit 3"], "x") == (3, "x", "")
            assert run(["hnpath-nothing"], "")[0] == 127
            return outcome

        asked: list[tuple[Asked, bool]] = []
        monkeypatch.setattr(_path_mtu, "run_module", run_module)
        with patch_module_args(arguments), pytest.raises(SystemExit):
            path_mtu.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {**result, "asked": asked}

    return call


ONE = {"paths": [{"peer": "10.0.0.2", "mtu": "9000"}]}


def test_defaults_and_words_of_the_command_line(leave: Leave) -> None:
    result = leave({**ONE, "legs": "yes", "timeout": "0.5"}, Outcome(True, [PATH], [LEG], 4))
    (asked, check) = result["asked"][0]
    assert asked.paths == (Path("10.0.0.2", 9000),)
    assert (asked.pace.tries, asked.pace.timeout, asked.legs, asked.bond, asked.legs_up) == (
        3,
        0.5,
        True,
        "mgmt-bo",
        None,
    )
    assert check is False
    assert (result["changed"], result["proved"], result["packets"]) == (True, True, 4)
    assert result["legs"][0]["port"] == "eno1"


def test_check_mode_is_handed_on_and_warnings_are_told(leave: Leave) -> None:
    result = leave({**ONE, "_ansible_check_mode": True}, Outcome(False, [PATH], (), 4, ["not in check mode"]))
    assert result["asked"][0][1] is True
    assert "not in check mode" in json.dumps(result["warnings"])
    assert result["legs"] == []


def test_what_is_not_proved_fails_and_still_tells_everything(leave: Leave) -> None:
    down = LegResult("eno2", False, "down", "eno2 is down (no carrier)")
    result = leave(ONE, Outcome(True, [PATH, BAD], [LEG, down], 9))
    assert result["failed"]
    assert result["msg"] == (
        "not proved:\npaths[1]: packets of 9000 bytes to 10.0.0.2 do not pass\nleg eno2: eno2 is down (no carrier)"
    )
    assert (result["proved"], result["changed"], result["packets"]) == (False, True, 9)
    assert result["paths"][1]["largest"] == 1500


def test_the_caller_may_judge(leave: Leave) -> None:
    result = leave({**ONE, "fail_unproved": False}, Outcome(False, [BAD], (), 9))
    assert "failed" not in result
    assert result["proved"] is False


def test_an_error_is_its_text(leave: Leave) -> None:
    result = leave(ONE, NetworkError("interrupted by SIGTERM"))
    assert (result["failed"], result["msg"]) == (True, "interrupted by SIGTERM")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "missing required arguments: paths"),
        ({"paths": [{"peer": "10.0.0.2"}]}, "missing required arguments: mtu found in paths"),
        ({"paths": [{"mtu": 1500}]}, "missing required arguments: peer found in paths"),
        ({"paths": [{"peer": "10.0.0.2", "mtu": "many"}]}, "argument 'mtu' is of type str found in 'paths'"),
        ({**ONE, "timeout": "soon"}, "argument 'timeout' is of type str"),
        (
            {"paths": [{"peer": "10.0.0.2", "mtu": 1500, "larger": "no"}]},
            "value of larger must be one of: refuse, allow, got: no found in paths",
        ),
        ({**ONE, "timout": 3}, "options: timout: unknown option; did you mean 'timeout'?"),
        ({"paths": [{"peer": "10.0.0.2", "mtu": 1, "per": 1}]}, "paths[0]: per: unknown option; did you mean 'peer'?"),
    ],
)
def test_bad_input_is_named(leave: Leave, arguments: dict[str, Any], message: str) -> None:
    result = leave(arguments)
    assert result["failed"]
    assert message in result["msg"]
    assert result["asked"] == []


def test_bad_values_are_said_by_the_module_itself(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = {"paths": [{"peer": "2001:db8::1", "mtu": 1}]}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        path_mtu.main()
    assert json.loads(capsys.readouterr().out)["msg"] == (
        "paths[0]: mtu=1: must be within 576..65535 bytes\n"
        "paths[0]: peer=2001:db8::1: is an IPv6 address, which is not supported yet"
    )


def documented(options: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, option in options.items():
        assert option["description"], name
        found[name] = {key: value for key, value in option.items() if key not in ("description", "suboptions")}
        if "suboptions" in option:
            found[name]["options"] = documented(option["suboptions"])
    return found


def test_options_are_those_of_the_argument_spec() -> None:
    assert documented(DOCUMENTATION["options"]) == ARGUMENT_SPEC


def test_every_key_of_the_result_is_documented() -> None:
    found = Outcome(False, [PATH], [LEG], 4).to_dict()
    assert set(RETURN) - {"waited"} == set(found) - {"changed"}
    assert set(RETURN["paths"]["contains"]) == set(found["paths"][0])
    assert set(RETURN["legs"]["contains"]) == set(found["legs"][0])
    assert set(RETURN["paths"]["sample"][0]) == set(found["paths"][0])
    assert set(RETURN["legs"]["sample"][0]) == set(found["legs"][0])


def test_the_documented_bound_is_the_computed_one() -> None:
    from ansible_collections.harvester.network.plugins.module_utils.probe._prove import Pace, bound

    text = " ".join(DOCUMENTATION["description"])
    assert "2.5 × O(count) + 9.25 times O(timeout)" in text
    for count, timeout in ((1, 1.0), (3, 1.0), (7, 0.5)):
        assert bound(Pace(count, timeout)) == (2.5 * count + 9.25) * timeout
    assert "%.2f seconds with the defaults" % bound(Pace()) in text


def test_examples_are_tasks_that_can_be_read() -> None:
    tasks: Sequence[dict[str, Any]] = yaml.safe_load(path_mtu.EXAMPLES)
    for task in tasks:
        assert task["name"]
        options = task.get("harvester.network.path_mtu")
        if options:
            assert set(options) <= set(ARGUMENT_SPEC)
            for path in options["paths"]:
                assert set(path) <= set(ARGUMENT_SPEC["paths"]["options"])
                assert {"peer", "mtu"} <= set(path)
