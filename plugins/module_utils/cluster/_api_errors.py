# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster's API can answer instead of an object. This module util is private to the collection.

Harvester's webhooks refuse with status 500, as a broken server would answer: the text tells the two apart.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, NamedTuple, Optional

from ..common._errors import NetworkError

_DENIED = re.compile(r'admission webhook "(?P<webhook>[^"]+)" denied the request(?:: (?P<text>.*))?\Z', re.DOTALL)
# Upstream wraps every refusal in this; it says nothing.
_WRAPPING = "Internal error occurred: "


class Reply(NamedTuple):
    """One answer. status: of HTTP. text: its body."""

    status: int
    text: str

    def data(self) -> Dict[str, Any]:
        """The body as a dict; empty when it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def message(self) -> str:
        """What the API says in a Status object, else the beginning of the body."""
        return str(self.data().get("message") or self.text.strip()[:300] or "no message")

    @property
    def reason(self) -> str:
        return str(self.data().get("reason") or "")


class ApiError(NetworkError):
    """The API did not do what it was asked."""


class Unreachable(ApiError):
    """No answer at all."""


class ServerError(ApiError):
    """Status 429 or 5xx that no webhook gave."""


class Unauthorized(ApiError):
    """Status 401: the credentials are not accepted."""


class Forbidden(ApiError):
    """Status 403: the account lacks a verb on a resource."""

    def __init__(self, text: str, verb: str, resource: str) -> None:
        super().__init__(text)
        self.verb = verb
        self.resource = resource


class NotServed(ApiError):
    """The cluster has no such kind."""


class Conflict(ApiError):
    """Status 409: another writer was there first, or the object exists already."""


class Invalid(ApiError):
    """Status 400, 422 and the like: the API's own validation."""


class Refused(ApiError):
    """A webhook says no. ``sentence`` is what it has to say, ``webhook`` its name."""

    def __init__(self, text: str, sentence: str, webhook: str) -> None:
        super().__init__(text)
        self.sentence = sentence
        self.webhook = webhook


def denial(message: str) -> Optional[re.Match[str]]:
    """The webhook's refusal in a message of the API, with the groups ``webhook`` and ``text``."""
    return _DENIED.search(message)


def retryable(reply: Reply) -> bool:
    """Whether the same request may pass later: 429 and 5xx, but never what a webhook refused."""
    return (reply.status == 429 or reply.status >= 500) and denial(reply.message) is None


def sentence(text: str) -> str:
    """A webhook's refusal without what upstream wraps around it."""
    while text.startswith(_WRAPPING):
        text = text[len(_WRAPPING) :]
    return text.strip()


def error(reply: Reply, verb: str, resource: str, name: str) -> ApiError:
    """The typed error for an answer that is none of 2xx.

    verb: of RBAC ("list", "patch"). resource: plural and group ("vlanconfigs.network.harvesterhci.io").
    name: of the object, with its namespace if it has one; empty for a list.
    """
    thing = "%s '%s'" % (resource, name) if name else resource
    denied = denial(reply.message)
    if denied:
        text = sentence(denied["text"] or "without a reason")
        return Refused("Harvester refuses to %s %s: %s" % (verb, thing, text), text, denied["webhook"])
    if reply.status == 401:
        return Unauthorized(
            "the API does not accept the credentials (status 401, %s of %s); see kubeconfig, api_key and the K8S_AUTH_*"
            " variables of the controller" % (verb, thing)
        )
    if reply.status == 403:
        return Forbidden(
            "the API forbids this account to %s %s: %s; grant the verb '%s' on '%s' (the collection's examples/rbac has"
            " whole roles)" % (verb, thing, reply.message, verb, resource),
            verb,
            resource,
        )
    if reply.status == 404:
        return NotServed("the cluster has no %s: %s" % (thing, reply.message))
    if reply.status == 409:
        return Conflict("%s: %s" % (thing, reply.message))
    if retryable(reply):
        return ServerError("the API failed to %s %s: status %d, %s" % (verb, thing, reply.status, reply.message))
    return Invalid("the API does not take %s: %s" % (thing, reply.message))
