# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter audit: what the standing audit finds."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit
short_description: Judge hosts and cluster as the standing audit does
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Judges what role P(harvester.network.verify#role) has read on the hosts and in the cluster's API.
  - A host that could not be read is a failed check, and is left out of the others.
positional: _input, hostvars, cluster, open_change, probe, legs
options:
  _input:
    description: Hosts to judge, inventory names, also those that could not be reached.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
  cluster:
    description: Result of module M(harvester.network.network_info); none without an API.
    type: dict
  open_change:
    description: Id of the change that is open; empty for none.
    type: str
    default: ""
  probe:
    description: Whether VLANs of VM networks are proved too.
    type: bool
    default: false
  legs:
    description: Whether the legs of bonds are proved by themselves.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what does not hold
  ansible.builtin.debug:
    msg: >-
      {{ (ansible_play_hosts_all | harvester.network.audit(hostvars, cluster)).checks
      | rejectattr('passed') | map(attribute='what') }}
"""

RETURN = r"""
_value:
  description: What was found.
  type: dict
  contains:
    checks:
      description: Every check with C(id), C(what), C(where), C(expected), C(seen), C(passed) and C(remedy).
      type: list
      elements: dict
    proofs:
      description:
        - What is to be proved on the wire, for one call of role P(harvester.network.path_proof#role) after the other.
          C(networks), C(bond), C(legs) and C(ports_up) are its options, C(name) is for people, C(bound) how long a call
          takes at most, in seconds.
      type: list
      elements: dict
    not_measured:
      description: What nobody looks at, a line each.
      type: list
      elements: str
    proving:
      description: The hosts that can take part in a proof on the wire.
      type: list
      elements: str
    topology:
      description: Links, VM networks and VMs as filter P(harvester.network.evidence#filter) takes them.
      type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils.audit import _paths, _proofs
from ..plugin_utils.audit._checks import checks
from ..plugin_utils.audit._model import Audit, Host


def audit(
    hosts: Sequence[str],
    hostvars: Mapping[str, Any],
    cluster: Mapping[str, Any] | None = None,
    open_change: str = "",
    probe: bool = False,
    legs: bool = False,
) -> dict[str, Any]:
    found = Audit(tuple(_host(name, hostvars[name]) for name in hosts), cluster, open_change)
    try:
        return {
            "checks": [check._asdict() for check in checks(found)],
            "proofs": _proofs.proofs(found, probe, legs),
            "not_measured": _paths.not_measured(found, probe) + _proofs.not_measured(found, probe, legs),
            "proving": [host.name for host in found.proving],
            "topology": {
                "hosts": {host.name: list(host.links.values()) for host in found.readable},
                "vm_networks": [item for item in found.part("vm_networks") if item["cluster_network"]],
                "vms": list(found.part("vms")),
            },
        }
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


def _host(name: str, known: Mapping[str, Any]) -> Host:
    return Host(
        name=name,
        node=str(known.get("harvester_node_name") or name),
        problem=_problem(known),
        checked=known.get("node_check_facts"),
        info=known.get("verify_host"),
        profiles=known.get("verify_profiles"),
        installed=known.get("verify_installed"),
    )


def _problem(known: Mapping[str, Any]) -> str:
    """Why a host could not be read; empty when it could. A module that failed has no result but a message."""
    checked = known.get("node_check_facts")
    if checked is None:
        return "not reached: " + _message(known.get("node_check_answer"))
    if not checked["usable"]:
        return "no Python that modules can use"
    for name, key in (("verify_host", "nics"), ("verify_profiles", "links")):
        result = known.get(name) or {}
        if key not in result and not result.get("skipped"):
            return "not read: " + _message(result)
    return ""


def _message(result: Any) -> str:
    return str((result or {}).get("msg") or "no answer").strip()


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"audit": audit}
