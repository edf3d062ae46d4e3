# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""profile_info: its documentation says what it takes and returns, and main() hands both through."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import yaml

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _info
from ansible_collections.harvester.network.plugins.module_utils.nm._host import Disk
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondPortState,
    BondState,
    BridgePortState,
    BridgeState,
    Link,
    NextHop,
    Route,
    Snapshot,
    VlanEntry,
)
from ansible_collections.harvester.network.plugins.modules import profile_info

DOCUMENTATION = yaml.safe_load(profile_info.DOCUMENTATION)
RETURN = yaml.safe_load(profile_info.RETURN)


class Exit(Exception):
    """What the module left with."""


class Module:
    """Stands in for AnsibleModule: takes parameters, leaves by Exit."""

    params: ClassVar[dict[str, Any]] = {"profiles": ["bond-mgmt"], "devices": None}

    def __init__(self, **kwargs: Any) -> None:
        assert kwargs == {"argument_spec": profile_info.ARGUMENT_SPEC, "supports_check_mode": True}

    def run(self, argv: list[str]) -> tuple[int, str, str]:
        raise AssertionError(argv)

    def exit_json(self, **result: Any) -> None:
        raise Exit(result)

    def fail_json(self, **result: Any) -> None:
        raise Exit({"failed": True, **result})


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_info, "NodeModule", Module)


def leave() -> dict[str, Any]:
    with pytest.raises(Exit) as caught:
        profile_info.main()
    result: dict[str, Any] = caught.value.args[0]
    return result


def test_parameters_and_result_are_handed_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_info, "gather", lambda _run, ids, devices: {"profiles": ids, "links": devices})
    assert leave() == {"changed": False, "profiles": ["bond-mgmt"], "links": None}


def test_an_error_is_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def gather(*_args: Any) -> None:
        raise NetworkError("ip: command not found")

    monkeypatch.setattr(_info, "gather", gather)
    assert leave() == {"failed": True, "msg": "ip: command not found"}


def test_options_are_those_of_the_argument_spec() -> None:
    documented = {
        name: {key: value for key, value in option.items() if key != "description"}
        for name, option in DOCUMENTATION["options"].items()
    }
    assert documented == profile_info.ARGUMENT_SPEC


def everything() -> dict[str, Any]:
    """A result in which every key has something."""
    bond = BondState("802.3ad", {"mode": "802.3ad 4"}, "up", None, 1, "52:54:00:00:00:01", ("eno1",))
    links = (
        Link("eno1", 2, "ether", 1500, controller="bo", port=BondPortState("active", "up")),
        Link("bo", 3, "bond", 1500, controller="br", bond=bond, bridge_port=BridgePortState()),
        Link("br", 4, "bridge", 1500, bridge=BridgeState(), addresses=(Address("192.0.2.1", 24),)),
    )
    now = Snapshot({link.name: link for link in links}, {"bo": (VlanEntry(1),)})
    return {
        "links": [_info.public_link(link, now) for link in links],
        "routes": [_info.public_route(Route("default", hops=(NextHop("br", "192.0.2.9"),)))],
        "hints": _info.hints(Disk(), now),
    }


def keys(documented: dict[str, Any]) -> set[str]:
    return set(documented["contains"])


def test_every_key_of_the_result_is_documented() -> None:
    found = everything()
    assert keys(RETURN["hints"]) == set(found["hints"])
    assert keys(RETURN["routes"]) == set(found["routes"][0])
    assert keys(RETURN["links"]) == set(found["links"][0])
    links = RETURN["links"]["contains"]
    assert keys(links["addresses"]) == set(found["links"][2]["addresses"][0])
    assert keys(links["bond"]) == set(found["links"][1]["bond"])
    assert keys(links["bond"]["contains"]["ports"]) == set(found["links"][1]["bond"]["ports"][0])
    assert set(RETURN["links"]["sample"][0]) == keys(RETURN["links"])
    assert set(RETURN["connections"]["sample"][0]) == keys(RETURN["connections"])
    assert set(RETURN["routes"]["sample"][0]) == keys(RETURN["routes"])
    assert set(RETURN["hints"]["sample"]) == keys(RETURN["hints"])


def test_examples_are_tasks() -> None:
    for task in yaml.safe_load(profile_info.EXAMPLES):
        assert task["name"]
        options = task.get("harvester.network.profile_info") or {}
        assert set(options) <= set(profile_info.ARGUMENT_SPEC)
