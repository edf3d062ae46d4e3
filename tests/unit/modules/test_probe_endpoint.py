# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""probe_endpoint: what it takes and returns, through Ansible's real argument parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe import _endpoints
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoint import LIFETIME, parse
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoints import Outcome
from ansible_collections.harvester.network.plugins.module_utils.probe._host import Host
from ansible_collections.harvester.network.plugins.modules import probe_endpoint

DOCUMENTATION = yaml.safe_load(probe_endpoint.DOCUMENTATION)
RETURN = yaml.safe_load(probe_endpoint.RETURN)
EXAMPLES = yaml.safe_load(probe_endpoint.EXAMPLES)

ENDPOINT = {
    "key": "v18",
    "namespace": "hnprobe-probe-v18",
    "device": "eth0",
    "address": "198.18.0.1",
    "mtu": 1500,
    "made": ["network namespace hnprobe-probe-v18"],
}
FULL = Outcome(
    True, (ENDPOINT,), 1767225600, ("veth hnp0 on mgmt-br",), ("VLAN id 7 on mgmt-bo: mgmt-br uses it now",), True,
    ("a", "b"), ("b",),
)  # fmt: skip


class Calls:
    """Stands in for the library; keeps what it was asked."""

    def __init__(self, outcome: Outcome | NetworkError) -> None:
        self.outcome = outcome
        self.asked: list[Any] = []

    def __call__(self, host: Host, *arguments: Any) -> Outcome:
        assert host.store.folder == "/run/harvester-network-probe"
        self.asked.append(arguments)
        if isinstance(self.outcome, NetworkError):
            raise self.outcome
        return self.outcome


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    found = Calls(FULL)
    monkeypatch.setattr(_endpoints, "present", found)
    monkeypatch.setattr(_endpoints, "absent", found)
    return found


def leave(arguments: dict[str, Any], capsys: pytest.CaptureFixture[str], check: bool = False) -> dict[str, Any]:
    """The result of a run with these arguments."""
    with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        probe_endpoint.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_everything_that_is_left_out_has_a_default(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    leave({"endpoints": [{"key": "v18", "vlan_id": "2018", "address": "198.18.0.1/24"}]}, capsys)
    ((name, lifetime, items, check),) = calls.asked
    assert (name, lifetime, check) == ("probe", 600, False)
    assert [{key: value for key, value in item.items() if value is not None} for item in items] == [
        {"key": "v18", "bridge": "mgmt-br", "vlan_id": 2018, "address": "198.18.0.1/24"}
    ]


def test_words_of_the_command_line_are_numbers_here(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    leave(
        {"lifetime": "60", "endpoints": [{"key": "own", "device": "mgmt-br.2017", "mtu": "9000"}]}, capsys, check=True
    )
    ((_name, lifetime, items, check),) = calls.asked
    assert (lifetime, items[0]["mtu"], check) == (60, 9000, True)


def test_absent_needs_no_endpoints(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    leave({"state": "absent", "name": "vlans"}, capsys)
    leave({"state": "absent", "endpoints": [{"key": "x"}]}, capsys, check=True)
    assert calls.asked == [("vlans", False), ("probe", True)]


def test_the_result(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    result = leave({"state": "absent"}, capsys)
    result.pop("invocation", None)  # older cores return it always
    (warning,) = result.pop("warnings")
    assert "kept VLAN id 7 on mgmt-bo: mgmt-br uses it now" in str(warning)
    assert result == {
        "changed": True,
        "endpoints": [ENDPOINT],
        "expires": 1767225600,
        "removed": ["veth hnp0 on mgmt-br"],
        "kept": ["VLAN id 7 on mgmt-bo: mgmt-br uses it now"],
        "rearmed": True,
        "diff": {"before": "a\nb\n", "after": "b\n"},
    }
    assert set(RETURN) == set(result) - {"changed", "diff"}
    contains = RETURN["endpoints"]["contains"]
    assert set(contains) == set(ENDPOINT)
    assert all(set(sample) == set(ENDPOINT) for sample in RETURN["endpoints"]["sample"])


def test_an_error_is_its_text(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    calls.outcome = NetworkError("endpoints are made by root only; set 'become: true'")
    result = leave({"state": "absent"}, capsys)
    assert (result["failed"], result["msg"]) == (True, "endpoints are made by root only; set 'become: true'")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "state is present but all of the following are missing: endpoints"),
        ({"state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"endpoints": [{"vlan_id": 7}]}, "missing required arguments: key found in endpoints"),
        ({"endpoints": [{"key": "a", "vlan": 7}]}, "endpoints[0]: vlan: unknown option; did you mean 'vlan_id'?"),
        ({"endpoints": [{"key": "a", "mtu": "big"}]}, "argument 'mtu' is of type str found in 'endpoints'"),
        (
            {"endpoints": [{"key": "a", "routes": [{"to": "198.19.0.0/24"}]}]},
            "missing required arguments: via found in endpoints -> routes",
        ),
    ],
)
def test_what_the_parser_refuses(
    arguments: dict[str, Any], text: str, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    result = leave(arguments, capsys)
    assert result["failed"]
    assert text in result["msg"]
    assert calls.asked == []


def test_a_program_that_is_missing_is_status_127(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(host: Host, _name: str, _check: bool) -> Outcome:
        status, output, errors = host.run(["/no/such/program"], "x")
        assert (status, output, errors) == (127, "", "/no/such/program: No such file or directory")
        assert host.run(["cat"], "netns add x\n")[1].splitlines()[0] == "netns add x"
        assert host.run(["sh", "-c", "echo $LC_ALL"], "")[1] == "C\n"
        return Outcome(False)

    monkeypatch.setattr(_endpoints, "absent", ask)
    assert leave({"state": "absent"}, capsys)["changed"] is False


def options(documented: dict[str, Any]) -> dict[str, Any]:
    """Documented options as an argument spec."""
    found = {}
    for name, option in documented.items():
        spec = {key: value for key, value in option.items() if key not in ("description", "suboptions")}
        if "suboptions" in option:
            spec["options"] = options(option["suboptions"])
        found[name] = spec
    return found


def bare(spec: dict[str, Any]) -> dict[str, Any]:
    """An argument spec without what documentation does not have."""
    found = {}
    for name, option in spec.items():
        found[name] = {key: value for key, value in option.items() if key != "no_log"}
        if "options" in option:
            found[name]["options"] = bare(option["options"])
    return found


def test_options_are_those_of_the_argument_spec() -> None:
    assert options(DOCUMENTATION["options"]) == bare(probe_endpoint.ARGUMENT_SPEC)
    assert "%d to %d." % LIFETIME in DOCUMENTATION["options"]["lifetime"]["description"]


def test_examples_are_accepted() -> None:
    for task in EXAMPLES:
        assert task["name"]
        given = task.get("harvester.network.probe_endpoint")
        if not given or given.get("state") == "absent":
            continue
        for endpoint in given["endpoints"]:
            if "{{" in endpoint.get("address", ""):
                endpoint["address"] = "198.18.0.1/24"
        assert parse(given.get("name", "probe"), given.get("lifetime", 600), given["endpoints"])
