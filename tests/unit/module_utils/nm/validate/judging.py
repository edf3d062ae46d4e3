# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges changes of a node that looks as Harvester's installer leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harvester_profiles import FIVE

from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm import _keyfile
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import Address, Link
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile
from ansible_collections.harvester.network.plugins.module_utils.nm.validate import Limits, Report, validate

NODE = {name: _keyfile.parse(text, name, "/%s" % name) for name, text in FIVE.items()}
WITHOUT_VLAN = {
    "bond-mgmt": NODE["bond-mgmt"].replaced(
        {**NODE["bond-mgmt"].values, "bridge_port.vlans": VlanList.parse("1 pvid untagged")}
    ),
    "bond-slave-eno1": NODE["bond-slave-eno1"],
    "bond-slave-eno2": NODE["bond-slave-eno2"],
    "bridge-mgmt": NODE["bridge-mgmt"].replaced(
        {
            **{name: value for name, value in NODE["bridge-mgmt"].values.items() if name != "bridge.vlans"},
            "ipv4.method": "auto",
        }
    ),
}


def links(*more: Link) -> dict[str, Link]:
    """The kernel's side of NODE: mgmt-bo over eno1 and eno2, eno3 to eno5 free, and what ``more`` says."""
    found = [
        Link("lo", 1, "loopback", 65536),
        Link("eno1", 2, "ether", 1500, controller="mgmt-bo"),
        Link("eno2", 3, "ether", 1500, controller="mgmt-bo"),
        Link("eno3", 4, "ether", 1500, addresses=(Address("fe80::3", 64, "inet6", "link"),)),
        Link("eno4", 5, "ether", 1500),
        Link("eno5np0", 6, "ether", 1500),
        Link("mgmt-bo", 10, "bond", 1500, controller="mgmt-br"),
        Link("mgmt-br", 11, "bridge", 1500),
        Link("mgmt-br.2017", 12, "vlan", 1500, parent="mgmt-br", addresses=(Address("10.217.0.11", 24),)),
        Link("cn1-bo", 20, "bond", 1500, controller="cn1-br"),
        Link("cn1-br", 21, "bridge", 9000),
        *more,
    ]
    return {link.name: link for link in found}


LINKS = links()


def judge(
    changes: Mapping[str, Mapping[str, Any]],
    *,
    removed: Iterable[str] = (),
    node: Mapping[str, Profile] = NODE,
    untouched: Iterable[str] = (),
    kernel: Mapping[str, Any] | None = LINKS,
    limits: Limits | None = None,
    before: bool = True,
) -> Report:
    """What validation says to changes of a node: id -> dotted options; None unsets; ``type`` makes a new profile.

    untouched: ids among ``changes`` that were like that before the call.
    """
    old = dict(node)
    after = dict(node)
    for name, options in changes.items():
        kind = options.get("type") or after[name].type
        wanted = Profile(name, kind, {key: _typed(key, value) for key, value in options.items() if key != "type"})
        values = after[name].values if name in after else {}
        after[name] = Profile(name, kind, values).merged(wanted)
        if name in untouched:
            old[name] = after[name]
    for name in removed:
        after.pop(name)
    return validate(
        after,
        touched=set(changes) - set(untouched),
        links=kernel,
        limits=limits,
        removed=set(removed),
        before=old if before else None,
    )


def problems(*args: Any, **kwargs: Any) -> list[str]:
    """The problems, as the operator reads them; no warning is expected."""
    report = judge(*args, **kwargs)
    assert report.warnings == []
    return [str(problem) for problem in report.problems]


def warnings(*args: Any, **kwargs: Any) -> list[str]:
    """The warnings, as the operator reads them; no problem is expected."""
    report = judge(*args, **kwargs)
    assert report.problems == []
    return report.warnings


def line(text: str) -> str:
    """A message that is wrapped in the source, as the one line that it is."""
    return " ".join(text.split())


def _typed(option: str, value: Any) -> Any:
    if option.endswith(".vlans") and value is not None:
        return VlanList.parse(value)
    return value
