# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of path_mtu that need no node to be refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.module_utils.probe._path_request import Asked, read
from ansible_collections.harvester.network.plugins.module_utils.probe._paths import Path
from ansible_collections.harvester.network.plugins.module_utils.probe._prove import Pace
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Line

DEFAULTS: dict[str, Any] = {
    "count": 3,
    "timeout": 1.0,
    "in_use": [],
    "fail_unproved": True,
    "legs": False,
    "bond": "mgmt-bo",
    "legs_up": None,
    "legs_timeout": 90,
}


def item(**values: Any) -> dict[str, Any]:
    """A path as the parser gives it."""
    start = {"peer": "10.0.0.2", "mtu": 9000, "namespace": None, "device": None, "source": None, "name": None}
    return {**start, "larger": "refuse", **values}


def test_what_is_read() -> None:
    paths = [
        item(),
        item(namespace="ns1", device="eth0", source="10.0.0.1", name="node2", larger="allow"),
    ]
    asked = read({**DEFAULTS, "paths": paths, "in_use": ["10.0.0.9", "2001:db8::9"], "legs": True, "legs_up": 1})
    assert asked == Asked(
        paths=(Path("10.0.0.2", 9000), Path("10.0.0.2", 9000, "node2", Line("ns1", "eth0", "10.0.0.1"), True)),
        pace=Pace(3, 1.0),
        in_use=("10.0.0.9", "2001:db8::9"),
        legs=True,
        bond="mgmt-bo",
        legs_up=1,
        legs_timeout=90,
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"paths": []}, "path_mtu: paths=[]: there is nothing to prove; name at least one path"),
    (
        {"paths": [item()] * 1001},
        "path_mtu: paths: there are 1001 paths, and 1000 at most in one call; split them over several calls",
    ),
    ({"count": 0}, "path_mtu: count=0: must be within 1..20"),
    ({"count": 21}, "path_mtu: count=21: must be within 1..20"),
    ({"timeout": 0.0}, "path_mtu: timeout=0.0: must be within 0.05..30.0 seconds"),
    ({"timeout": float("nan")}, "path_mtu: timeout=nan: must be within 0.05..30.0 seconds"),
    ({"timeout": float("inf")}, "path_mtu: timeout=inf: must be within 0.05..30.0 seconds"),
    ({"legs_timeout": -1}, "path_mtu: legs_timeout=-1: must be within 0..3600 seconds"),
    ({"legs_up": 0}, "path_mtu: legs_up=0: at least one port must be up"),
    ({"in_use": ["api.example.org"]}, "path_mtu: in_use=api.example.org: is no IP address; names are not looked up"),
    ({"in_use": ["10.0.0.0/24"]}, "path_mtu: in_use=10.0.0.0/24: is no IP address; names are not looked up"),
    (
        {"legs": True, "bond": "../mgmt-bo"},
        "path_mtu: bond=../mgmt-bo: a device name must not hold '/'",
    ),
    ({"paths": [item(mtu=575)]}, "paths[0]: mtu=575: must be within 576..65535 bytes"),
    ({"paths": [item(mtu=65536, name="x")]}, "path 'x': mtu=65536: must be within 576..65535 bytes"),
    ({"paths": [item(), item(peer="node2")]}, "paths[1]: peer=node2: is no IPv4 address; names are not looked up"),
    ({"paths": [item(peer="")]}, "paths[0]: peer=: is no IPv4 address; names are not looked up"),
    ({"paths": [item(peer="10.0.0.2/24")]}, "paths[0]: peer=10.0.0.2/24: is no IPv4 address; names are not looked up"),
    ({"paths": [item(peer="010.0.0.2")]}, "paths[0]: peer=010.0.0.2: is no IPv4 address; names are not looked up"),
    (
        {"paths": [item(peer="2001:db8::2")]},
        "paths[0]: peer=2001:db8::2: is an IPv6 address, which is not supported yet",
    ),
    ({"paths": [item(source="fe80::1")]}, "paths[0]: source=fe80::1: is an IPv6 address, which is not supported yet"),
    (
        {"paths": [item(device="mgmt-br.2017.very")]},
        "paths[0]: device=mgmt-br.2017.very: a device name has at most 15 characters, this one has 17",
    ),
    ({"paths": [item(namespace="../x")]}, "paths[0]: namespace=../x: is no name of a network namespace"),
    ({"paths": [item(namespace="..")]}, "paths[0]: namespace=..: is no name of a network namespace"),
]


@pytest.mark.parametrize(("given", "message"), WRONG, ids=[row[1][:50] for row in WRONG])
def test_what_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read({**DEFAULTS, "paths": [item()], **given})
    assert str(caught.value) == message


def test_everything_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        read({**DEFAULTS, "paths": [item(mtu=1, peer="x"), item(source="y")], "count": 0})
    assert len(caught.value.problems) == 4


def test_the_bond_is_nobodys_business_without_legs() -> None:
    assert read({**DEFAULTS, "paths": [item()], "bond": "../x"}).legs is False
