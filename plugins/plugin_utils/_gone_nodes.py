# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that a rollback does not reach, against the nodes that are called gone. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils.common._errors import Problem
from ._accepted import names

OPTION = "change_gone_nodes"
MEND = (
    "bring it back, then roll back again; with change_scope=hosts and --limit those that are reached do not wait for"
    " it; if it will never come back, give change_gone_nodes=%s"
)


def refusals(hosts: Mapping[str, tuple[str, bool]], gone: Any, of_hosts: bool = False) -> list[str]:
    """A line for each host that is away and not called gone, or called gone and not away.

    hosts: the inventory's name of each host -> its node's name in the cluster, and whether it was reached. gone: names
    of nodes, a list or a text with commas. of_hosts: whether only hosts are rolled back, where nobody was reached yet.
    """
    called = names(gone)
    if of_hosts:
        rule, step = "it does not go with change_scope=hosts", "leave it out, and name the others with --limit"
        return [str(Problem("node '%s'" % name, OPTION, name, rule, step)) for name in called]
    found = []
    for host, (node, reached) in hosts.items():
        if not reached and node not in called:
            found.append(str(Problem("node '%s'" % node, "", None, "its host %s is not reached" % host, MEND % node)))
        elif reached and node in called:
            rule = "its host %s is reached, and only a node that is away is left out" % host
            found.append(str(Problem("node '%s'" % node, OPTION, node, rule, "take it off the list")))
    if not found and not any(reached for _node, reached in hosts.values()):
        found.append("no host is reached, so there is nothing to roll back on; see that one of them answers")
    return found
