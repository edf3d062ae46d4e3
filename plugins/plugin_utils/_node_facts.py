# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role node_check's raw task printed, and what speaks against the node. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils.common._errors import NetworkError, Problem
from ..module_utils.nm import _info, _links_parse
from ..module_utils.nm._host_support import FIRST_PYTHON, HostFacts, old_harvester, refusals, version
from ..module_utils.nm._links_types import Snapshot, spans

END = "vlan_id"  # the script's last line


def parse(text: str) -> dict[str, Any]:
    """The facts of a node from key=value lines; lines without '=' (a login banner) are passed over.

    Keys: ``os_name``, ``harvester_version``, ``networkmanager``, ``wicked`` (yes or no), ``mgmt_state`` (nmcli's words
    for mgmt-br; missing without NetworkManager), ``findmnt`` (JSON text), ``interpreter`` ({path, version}, None when
    the inventory names none), ``pythons`` (list of the same, the newest that runs), ``python`` (version that modules
    will run with, empty without one), ``usable`` (whether modules can run with it), ``holders`` (VLAN ids that a
    profile ``mgmt-br.<id>`` without addresses holds), ``vlan_id`` (int, 0 without management VLAN), ``machine_id``,
    ``boot_id``, ``ssh_client`` (address that this session comes from; empty without ssh), ``gateway`` (by which the
    node answers it; empty for a neighbour), ``old`` (whether it is Harvester 1.6 or older), ``links`` and ``vlans`` (as
    module profile_info returns them; empty where NetworkManager runs, since that module runs there).
    Raises NetworkError when this is not what the script prints.
    """
    found: dict[str, Any] = {}
    pythons = []
    holders = []
    interpreter = None
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if not equals:
            continue
        if key == "found":
            pythons.append(_python(value))
        elif key == "holder" and value.isdigit():
            holders.append(int(value))
        elif key == "interpreter":
            interpreter = _python(value)
        else:
            found[key] = value.strip()
    if not str(found.get(END, "")).isdigit():
        raise NetworkError(
            "the facts of the node cannot be read, its answer ends early (%s); see whether /bin/sh is a POSIX shell and"
            " whether a login shell gets in the way" % (text.strip()[-200:] or "nothing was printed")
        )
    chosen = interpreter or (max(pythons, key=lambda python: version(python["version"]) or (0, 0)) if pythons else None)
    python = chosen["version"] if chosen else ""
    return dict(
        {"ssh_client": "", "gateway": "", **found},
        harvester_version=found.get("harvester_version") or None,
        interpreter=interpreter,
        pythons=pythons,
        python=python,
        usable=(version(python) or (0, 0)) >= FIRST_PYTHON,
        holders=sorted(holders),
        vlan_id=int(found[END]),
        old=old_harvester(HostFacts.from_mapping(found)) is not None,
        **_kernel(found.get("links", ""), found.get("vlans", "")),
    )


def _kernel(links: str, vlans: str) -> dict[str, Any]:
    """Links and VLAN tables in the words of module profile_info. Options of bonds are left out, sysfs has them."""
    now = Snapshot(links=_links_parse.links(links), vlans=_links_parse.vlans(vlans))
    return {
        "links": [_info.public_link(link, now) for link in now.links.values()],
        "vlans": {device: spans(table) for device, table in now.vlans.items()},
    }


def _python(value: str) -> dict[str, str]:
    path, _blank, number = value.partition(" ")
    return {"path": path, "version": number.strip()}


def objections(facts: Mapping[str, Any], node: str = "") -> list[str]:
    """Why this node is refused, a line each; empty when it is not."""
    problems = refusals(HostFacts.from_mapping(dict(facts, node=node)))
    better = _better_python(facts, node)
    if better and any(problem.option == "python" for problem in problems):
        problems = [better if problem.option == "python" else problem for problem in problems]
    return [str(problem) for problem in problems]


def _better_python(facts: Mapping[str, Any], node: str) -> Problem | None:
    """The inventory names an interpreter that will not do, though the node has one that does."""
    named = facts.get("interpreter")
    usable = [item for item in facts.get("pythons", ()) if (version(item["version"]) or (0, 0)) >= FIRST_PYTHON]
    if not named or not usable:
        return None
    return Problem(
        "node '%s'" % node if node else "this node",
        "ansible_python_interpreter",
        named["path"],
        "its version is %s; modules need Python %d.%d or later"
        % (named["version"] or "unknown, it does not run", *FIRST_PYTHON),
        "the node has %s (%s): name that one" % (usable[0]["path"], usable[0]["version"]),
    )
