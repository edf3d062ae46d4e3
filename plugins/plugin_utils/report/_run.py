# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run, from what its roles left in the variables of the hosts. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...module_utils.change._texts import spent
from ..audit._paths import rows

LINKS = ("link_proof_links", "preflight_profiles", "reboot_found")
"""Results of module profile_info that roles and playbooks keep, the latest first."""
THROUGH = ("evidence_through", "change_through")
"""Facts of a host on which the run came to its end; a playbook sets the first, role change the other."""
CHANGES = ("change_closed", "change_stopped")
"""Results of module change at the end of a run, by role change."""
PLANNED = "change_planned"
"""Result of module change_plan, by role change."""
CLUSTER = "evidence_cluster_read"
"""Result of module network_info at the end of the run, by role evidence."""
ENDED = ("done", "undone")
"""States of a phase that is through."""
WORDS = ("started", "ended")
PLAN = ("phases", "seconds", "objections")


def of_run(hosts: Mapping[str, Mapping[str, Any]], runbook: str, change: str = "") -> dict[str, Any]:
    """A report as the model takes it. hosts: the variables of each. change: id of the change; the runbook's name
    without one."""
    phases = _phases(hosts)
    return {
        "id": (change or runbook).lower(),
        "title": runbook,
        "plan": _plan(hosts),
        "checks": [
            *_findings(hosts),
            *(_of_phase(phase) for phase in phases),
            *(check for name, known in hosts.items() for check in _of_host(name, known)),
        ],
        "paths": rows({name: known.get("path_proof_seen") or {} for name, known in hosts.items()}),
        "not_measured": _not_read(hosts),
        "times": _times(phases),
        "topology": {
            "hosts": {name: links for name, known in hosts.items() if (links := _links(known))},
            **_cluster(hosts),
        },
    }


def _times(phases: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """When each phase began and ended, and how much of the way forth was waiting, as its end is told."""
    found = {f"{phase['id']} {word}": phase[word] for phase in phases for word in WORDS if phase.get(word)}
    ways = [] if any(phase["back"] for phase in phases) else [(phase["took"], phase["waited"]) for phase in phases]
    return {**found, **({"phases took": told} if (told := spent(ways)) else {})}


def _of_host(name: str, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    through = any(known.get(name) is True for name in THROUGH)
    yield _check(
        "run", "the run has come to its end", name, "yes", "yes" if through else "no, its log says why", through
    )
    findings = known.get("link_proof_findings")
    if findings is not None:
        seen = "; ".join(map(str, findings)) or "as expected"
        yield _check("links", "links are as expected", name, "as expected", seen, not findings)


def _findings(hosts: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of the preflight; it leaves the same on every host. A warning is told, and fails nothing."""
    found = [known["preflight_findings"] for known in hosts.values() if known.get("preflight_findings")]
    for item in found[0] if found else ():
        where = item["node"] or "cluster"
        good = item["severity"] != "error"
        yield {
            **_check(item["check"], f"preflight: {item['check']}", where, "nothing", item["message"], good),
            "remedy": item["next_step"],
        }


def _plan(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The plan of a change; also of one that was refused. Its lines in words say how much time the window has left, so
    they are no part of it. None without role change, and where a step could not be."""
    found = next((known[PLANNED] for known in hosts.values() if "phases" in (known.get(PLANNED) or {})), None)
    return found and {"objections": [], **{key: found[key] for key in PLAN if key in found}}


def _cluster(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """VM networks and VMs, as far as the API has told them."""
    found = next((known[CLUSTER] for known in hosts.values() if "vms" in (known.get(CLUSTER) or {})), None)
    if found is None:
        return {}
    return {
        "vm_networks": [item for item in found.get("vm_networks") or () if item["cluster_network"]],
        "vms": list(found["vms"]),
    }


def _not_read(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the topology lacks since the API has not told it, and why. Nothing where nobody has asked."""
    answers = [known[CLUSTER] for known in hosts.values() if known.get(CLUSTER)]
    if any("vms" in answer for answer in answers):
        return []
    failed = [answer for answer in answers if not answer.get("skipped")]
    return [f"VM networks and VMs for the topology: {_why(failed[0])}"] if failed else []


def _why(answer: Mapping[str, Any]) -> str:
    lines = str(answer.get("msg") or "").split("\n")
    return lines[0].strip() or "the API could not be read"


def _phases(hosts: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The phases of a change as its record has them at the end of the run, each with ``closed`` and ``back``, what the
    change is.

    None in check mode, and without role change.
    """
    results = [known[name] for known in hosts.values() for name in CHANGES if known.get(name)]
    change = next((result["change"] for result in results if result.get("change")), None)
    return [{**phase, **_way(change)} for phase in change["phases"]] if change else []


def _way(change: Mapping[str, Any]) -> dict[str, bool]:
    return {"closed": change["state"] != "open", "back": change["direction"] == "back"}


def _of_phase(phase: Mapping[str, Any]) -> dict[str, Any]:
    # A change that was rolled back may have phases that never began.
    good = phase["closed"] or phase["state"] in ENDED
    return {
        **_check(
            "phase", "the phase is through, forward or back", phase["id"], " or ".join(ENDED), phase["state"], good
        ),
        "remedy": "" if good else "the same playbook goes on; playbook rollback goes back",
    }


def _check(rule: str, what: str, where: str, expected: str, seen: str, passed: bool) -> dict[str, Any]:
    return {"id": rule, "what": what, "where": where, "expected": expected, "seen": seen, "passed": passed}


def _links(known: Mapping[str, Any]) -> list[Any]:
    return next((list(known[name]["links"]) for name in LINKS if (known.get(name) or {}).get("links")), [])
