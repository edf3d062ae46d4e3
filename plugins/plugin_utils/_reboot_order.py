# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order nodes are rebooted, and how many at a time. Pure; private to the collection.

Source of the order: members of etcd last, since three members bear the loss of one; the witness is a member too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from ..module_utils.common._names import suggest

WORKERS, CONTROL_PLANE, WITNESS = "harvester_workers", "harvester_control_plane", "harvester_witness"
MEMBERS = frozenset({"etcd", "control-plane", "master"})
"""Roles of nodes, by the keys of their labels, that make a node one of the control plane."""
SHARE = 3
"""One of so many workers may be away at a time: Longhorn keeps three replicas, and VMs need room elsewhere."""


def batches(
    nodes: Sequence[str],
    hosts: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    order: Sequence[str] | str | None = None,
    last: str | None = None,
    max_unavailable: int = 1,
    late: Sequence[str] = (),
) -> list[list[str]]:
    """The nodes that need a reboot, in the order of their turns; those of one list go together.

    nodes: to be rebooted. hosts: all of the run, in its order. groups: Ansible's. order: explicit, not by groups.
    last: the node whose turn comes last when the groups decide (the holder of the VIP, say). max_unavailable: workers
    that may be away at a time; members of etcd always go alone, as does a node that is in none of the groups. late:
    nodes that go after all others when the groups decide, in this order (the holder of the VIP, then etcd's leader).
    Raises ValidationError.
    """
    if isinstance(order, str):
        # -e change_reboot_order=node3,node1 hands on one text, which Ansible's own options take as a list too.
        order = [name.strip() for name in order.split(",") if name.strip()]
    problems = _of_order(nodes, hosts, order, last)
    members = {name: frozenset(groups.get(name, ())) for name in (WORKERS, CONTROL_PLANE, WITNESS)}
    # a witness, or a node with both roles, is a member of etcd first
    workers = members[WORKERS] - members[CONTROL_PLANE] - members[WITNESS]
    problems += _of_number(max_unavailable, workers & frozenset(hosts))
    if problems:
        raise ValidationError(problems)
    turns = list(order) if order else _by_groups(hosts, workers, members, [*late, *([last] if last else [])])
    found: list[list[str]] = []
    for node in (turn for turn in turns if turn in nodes):
        together = found and node in workers and found[-1][-1] in workers and len(found[-1]) < max_unavailable
        if together:
            found[-1].append(node)
        else:
            found.append([node])
    return found


def groups_of(nodes: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, list[str]]:
    """The hosts by the roles that their nodes have in the cluster, under the names of the groups.

    nodes: of module network_info. names: host -> name of its node. A member of etcd counts as control plane whatever it
    is called; a node that the cluster does not know is in no group.
    """
    roles = {str(node["name"]): frozenset(node["roles"]) for node in nodes}
    found: dict[str, list[str]] = {WORKERS: [], CONTROL_PLANE: [], WITNESS: []}
    for host, name in names.items():
        if name in roles:
            has = roles[name]
            group = WITNESS if "witness" in has else CONTROL_PLANE if has & MEMBERS else WORKERS
            found[group].append(host)
    return found


def _by_groups(
    hosts: Sequence[str], workers: frozenset[str], members: Mapping[str, frozenset[str]], late: Sequence[str]
) -> list[str]:
    """late: the nodes at the end; of one that is there twice the later place counts."""
    if not any(members.values()):
        ranked = list(hosts)
    else:
        control_plane = members[CONTROL_PLANE] - members[WITNESS]
        ranks = {host: 0 if host in workers else 3 if host in control_plane else 1 for host in hosts}
        ranks |= {host: 2 for host in hosts if host in members[WITNESS]}
        ranked = sorted(hosts, key=lambda host: ranks[host])
    # a dict keeps the first place, so that it is filled from the end
    end = [host for host in reversed(dict.fromkeys(reversed(late))) if host in hosts]
    return [host for host in ranked if host not in end] + end


def _of_order(
    nodes: Sequence[str], hosts: Sequence[str], order: Sequence[str] | None, last: str | None
) -> list[Problem]:
    where, found = "ordered_reboot_order", []
    if last and order:
        found.append(
            Problem(
                f"ordered_reboot_last={last}",
                "",
                None,
                "it is for an order by groups, and ordered_reboot_order is given",
                "write the node at the end of the order, or leave the order out",
            )
        )
    if last and last not in hosts:
        found.append(
            Problem(
                f"ordered_reboot_last={last}",
                "",
                None,
                "no node of this run has that name",
                suggest(last, hosts) or f"nodes are {', '.join(hosts)}",
            )
        )
    if not order:
        return found
    listed = ", ".join(order)
    twice = sorted({name for name in order if list(order).count(name) > 1})
    if twice:
        verb = "is" if len(twice) == 1 else "are"
        found.append(Problem(where, "", None, f"{', '.join(twice)} {verb} there twice", "name each node once"))
    missing = [name for name in nodes if name not in order]
    if missing:
        one = len(missing) == 1
        rule = "has to be rebooted and is not in it" if one else "have to be rebooted and are not in it"
        found.append(
            Problem(
                where,
                "",
                None,
                f"{', '.join(missing)} {rule} ({listed})",
                f"add {'it at its place' if one else 'them at their places'}. No node was rebooted",
            )
        )
    return found


def _of_number(max_unavailable: int, workers: frozenset[str]) -> list[Problem]:
    where = f"ordered_reboot_max_unavailable={max_unavailable}"
    if max_unavailable < 1:
        return [Problem(where, "", None, "at least one node has to be away at a time", "give 1")]
    safe = max(1, len(workers) // SHARE)
    if max_unavailable <= safe:
        return []
    if not workers:
        return [
            Problem(
                where,
                "",
                None,
                f"no node of this run is in group {WORKERS}, so each counts as a member of etcd,"
                " which go one at a time",
                f"give 1, or put the workers into group {WORKERS}",
            )
        ]
    return [
        Problem(
            where,
            "",
            None,
            f"{len(workers)} worker(s) allow {safe} at a time (a third of them, so that volumes keep"
            " a replica and VMs find room)",
            f"give {safe} or less",
        )
    ]
