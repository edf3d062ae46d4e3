# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes pods of a node that their controllers make anew. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from ..common._errors import Problem, ValidationError
from . import _objects
from ._client import Client
from ._kinds import BY_KEY, title

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "node": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "labels": {"type": "dict", "required": True},
}


def restart(client: Client, params: Mapping[str, Any], check: bool) -> Tuple[bool, List[Dict[str, str]]]:
    """(whether any was deleted, the pods that were restarted or are ending by themselves).

    params: the parsed options. check: delete nothing. Raises ApiError, and ValidationError for labels that no pod of
    the node has, and for a pod that nothing would make anew.
    """
    selector = ",".join("%s=%s" % item for item in sorted(params["labels"].items()))
    if not selector:
        remedy = "give labels that its pods have"
        raise ValidationError(
            [Problem("node '%s'" % params["node"], "labels", "{}", "every pod would be meant", remedy)]
        )
    fields = "spec.nodeName=%s" % params["node"]
    pods = client.list(BY_KEY["pods"], params["namespace"], labels=selector, fields=fields)
    problems = _problems(pods, params, selector)
    if problems:
        raise ValidationError(problems)
    ending = [pod for pod in pods if _objects.deleting(pod)]
    for pod in pods:
        if pod not in ending and not check:
            client.delete(BY_KEY["pods"], _objects.name(pod), params["namespace"], uid=pod["metadata"]["uid"])
    found = [{"namespace": params["namespace"], "name": _objects.name(pod)} for pod in pods]
    return len(ending) < len(pods), sorted(found, key=lambda entry: entry["name"])


def _problems(pods: List[Dict[str, Any]], params: Mapping[str, Any], selector: str) -> List[Problem]:
    if not pods:
        rule = "no pod of namespace %s on it has them" % params["namespace"]
        step = "see kubectl -n %s get pods -l %s -o wide" % (params["namespace"], selector)
        return [Problem("node '%s'" % params["node"], "labels", selector, rule, step)]
    return [
        Problem(
            title("pods", params["namespace"], _objects.name(pod)),
            "",
            None,
            "no controller would make it again",
            "give labels of pods of a DaemonSet or Deployment",
        )
        for pod in pods
        if not any(owner.get("controller") for owner in _objects.dig(pod, "metadata", "ownerReferences") or ())
    ]
