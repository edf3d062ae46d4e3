# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AdmissionReview v1: a request's JSON in, the answer's JSON out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from ..versions import Version
from ..view import OneLook, View
from ..writes import Write
from .admission import Refusal, Request, Server, Webhook

API_VERSION = "admission.k8s.io/v1"


def read(review: dict[str, Any]) -> Request:
    """The request of a review. A deletion's object is under ``oldObject``."""
    asked = review["request"]
    return Request(
        asked["operation"],
        old=asked.get("oldObject"),
        new=asked.get("object") if asked["operation"] != "DELETE" else None,
        user=str((asked.get("userInfo") or {}).get("username") or ""),
    )


def concerned(review: dict[str, Any], webhooks: Iterable[Webhook], server: Server) -> list[Webhook]:
    """The webhooks of one upstream server for the review's kind."""
    resource = review["request"]["resource"]
    plural = "/".join(filter(None, [resource["resource"], review["request"].get("subResource")]))
    return [
        webhook
        for webhook in webhooks
        if webhook.server == server and (webhook.kind.group, webhook.kind.plural) == (resource["group"], plural)
    ]


def mutate(review: dict[str, Any], webhooks: Iterable[Webhook], server: Server, view: View, version: Version) -> Any:
    """Answer a mutating review: the patches of the webhooks concerned."""
    request, patch = read(review), []
    try:
        for webhook in concerned(review, webhooks, server):
            if webhook.mutate and request.operation in webhook.mutated:
                patch += webhook.mutate(request, OneLook(view), version)
    except Refusal as error:
        return _answer(review, refusal=error)
    return _answer(review, patch=patch)


def validate(
    review: dict[str, Any],
    webhooks: Iterable[Webhook],
    server: Server,
    view: View,
    version: Version,
    write: Callable[[list[Write]], object] | None = None,
) -> Any:
    """Answer a validating review. ``write`` carries out what a refusal does besides, unless it is a dry run."""
    request = read(review)
    try:
        for webhook in concerned(review, webhooks, server):
            if webhook.validate and request.operation in webhook.validated:
                webhook.validate(request, OneLook(view), version)
    except Refusal as error:
        if write is not None and error.writes and not review["request"].get("dryRun"):
            write(list(error.writes))
        return _answer(review, refusal=error)
    return _answer(review)


def status_of(refusal: Refusal) -> dict[str, Any]:
    """The Status of a refusal. An untyped error of upstream is wrapped as the API's internal error."""
    message = refusal.message
    if refusal.code == 500:
        message = f"Internal error occurred: {message}"
    return {"status": "Failure", "code": refusal.code, "reason": refusal.reason, "message": message}


def _answer(
    review: dict[str, Any],
    *,
    patch: list[dict[str, Any]] | None = None,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    response: dict[str, Any] = {"uid": review["request"]["uid"], "allowed": refusal is None}
    if refusal is not None:
        response["status"] = status_of(refusal)
    elif patch:
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(json.dumps(patch).encode()).decode()
    return {"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response}
