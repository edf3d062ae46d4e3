# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What path_mtu was asked for: typed, and every objection that needs no look at the node.

This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..common import _names
from ..common._errors import Problem, ValidationError
from . import _icmp
from ._paths import Path
from ._prove import Pace
from ._routes import address_objection
from ._wire import Line

MTU = (576, _icmp.LONGEST)
"""Bytes. Every host takes 576 (RFC 1122), and a packet of IPv4 has no more than 65535."""
PATHS = 1000
"""A probe carries the number of its flow in 16 bits, and a bond with legs takes several flows per path."""
COUNT = (1, 20)
TIMEOUT = (0.05, 30.0)
LEGS_TIMEOUT = (0, 3600)
BOND = "mgmt-bo"

ARGUMENT_SPEC: Dict[str, Any] = {
    "paths": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "peer": {"type": "str", "required": True},
            "mtu": {"type": "int", "required": True},
            "namespace": {"type": "str"},
            "device": {"type": "str"},
            "source": {"type": "str"},
            "name": {"type": "str"},
            "larger": {"type": "str", "choices": ["refuse", "allow"], "default": "refuse"},
        },
    },
    "count": {"type": "int", "default": 3},
    "timeout": {"type": "float", "default": 1.0},
    "in_use": {"type": "list", "elements": "str", "default": []},
    "fail_unproved": {"type": "bool", "default": True},
    "legs": {"type": "bool", "default": False},
    "bond": {"type": "str", "default": BOND},
    "legs_up": {"type": "int"},
    "legs_timeout": {"type": "int", "default": 90},
}


class Asked(NamedTuple):
    """legs_up: ports that must be up before legs are proved; None for all of the bond. legs_timeout: seconds."""

    paths: Tuple[Path, ...]
    pace: Pace
    in_use: Tuple[str, ...] = ()
    legs: bool = False
    bond: str = BOND
    legs_up: Optional[int] = None
    legs_timeout: int = 90


def read(params: Mapping[str, Any]) -> Asked:
    """From the parsed options. Raises ValidationError with all objections."""
    problems: List[Problem] = []
    if not params["paths"]:
        problems.append(Problem("path_mtu", "paths", "[]", "there is nothing to prove", "name at least one path"))
    if len(params["paths"]) > PATHS:
        rule = "there are %d paths, and %d at most in one call" % (len(params["paths"]), PATHS)
        problems.append(Problem("path_mtu", "paths", None, rule, "split them over several calls"))
    for option, (low, high) in (("count", COUNT), ("timeout", TIMEOUT), ("legs_timeout", LEGS_TIMEOUT)):
        problems += _outside("path_mtu", option, params[option], low, high)
    if params["legs_up"] is not None and params["legs_up"] < 1:
        problems.append(Problem("path_mtu", "legs_up", params["legs_up"], "at least one port must be up"))
    for word in params["in_use"]:
        try:
            ipaddress.ip_address(word)
        except ValueError:
            problems.append(Problem("path_mtu", "in_use", word, "is no IP address; names are not looked up"))
    wrong = _names.objection(params["bond"]) if params["legs"] else None
    if wrong:
        problems.append(Problem("path_mtu", "bond", params["bond"], wrong))
    for number, item in enumerate(params["paths"]):
        problems += _path_problems(where(number, item.get("name")), item)
    if problems:
        raise ValidationError(problems)
    return Asked(
        paths=tuple(_path(item) for item in params["paths"]),
        pace=Pace(params["count"], params["timeout"]),
        in_use=tuple(params["in_use"]),
        legs=params["legs"],
        bond=params["bond"],
        legs_up=params["legs_up"],
        legs_timeout=params["legs_timeout"],
    )


def where(number: int, name: Optional[str]) -> str:
    """What a path is called in messages."""
    return "path '%s'" % name if name else "paths[%d]" % number


def _path(item: Mapping[str, Any]) -> Path:
    line = Line(item.get("namespace") or "", item.get("device") or "", item.get("source") or "")
    return Path(item["peer"], item["mtu"], item.get("name") or "", line, item["larger"] == "allow")


def _path_problems(place: str, item: Mapping[str, Any]) -> List[Problem]:
    problems = _outside(place, "mtu", item["mtu"], *MTU)
    for option in ("peer", "source"):
        word = item.get(option)
        wrong = address_objection(word) if word or option == "peer" else ""
        if wrong:
            problems.append(Problem(place, option, word, wrong))
    device = item.get("device")
    wrong_device = _names.objection(device) if device else None
    if wrong_device:
        problems.append(Problem(place, "device", device, wrong_device))
    namespace = item.get("namespace")
    if namespace and ("/" in namespace or namespace in (".", "..")):
        problems.append(Problem(place, "namespace", namespace, "is no name of a network namespace"))
    return problems


def _outside(place: str, option: str, value: Any, low: Any, high: Any) -> List[Problem]:
    if low <= value <= high:
        return []
    unit = {"mtu": " bytes", "count": ""}.get(option, " seconds")
    return [Problem(place, option, value, "must be within %s..%s%s" % (low, high, unit))]
