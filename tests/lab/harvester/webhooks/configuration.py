# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webhook configurations, as objects for the API, with upstream's names (they stand in every refusal)."""

from __future__ import annotations

from typing import Any, Literal

from ..kinds import HOST_NETWORK_CONFIG
from ..versions import Version
from . import WEBHOOKS
from .admission import Server, Webhook

API_VERSION = "admissionregistration.k8s.io/v1"
Action = Literal["mutate", "validate"]
KINDS: dict[Action, str] = {"mutate": "MutatingWebhookConfiguration", "validate": "ValidatingWebhookConfiguration"}
HOOKS: dict[tuple[Server, Action], str] = {
    ("network", "mutate"): "mutator.harvester-system.harvester-network-webhook",
    ("network", "validate"): "validator.harvester-system.harvester-network-webhook",
    ("harvester", "mutate"): "mutator.harvesterhci.io",
    ("harvester", "validate"): "validator.harvesterhci.io",
    ("kubevirt-eviction", "validate"): "virt-launcher-eviction-interceptor.kubevirt.io",
    ("kubevirt-migration", "validate"): "migration-create-validator.kubevirt.io",
}
NAMES: dict[Server, str] = {
    "network": "harvester-network-webhook",
    "harvester": "harvester-webhook",
    "kubevirt-eviction": "virt-api-eviction",
    "kubevirt-migration": "virt-api-migration",
}
TIMEOUT = 15
"""Seconds that the API server waits for an answer."""


def served(version: Version) -> tuple[Webhook, ...]:
    """The webhooks that a version has."""
    return tuple(item for item in WEBHOOKS if item.kind != HOST_NETWORK_CONFIG or version.host_network_config)


def path(server: Server, action: Action) -> str:
    """The path of the stand-in's server."""
    return f"/{server}/{action}"


def _rule(webhook: Webhook, action: Action) -> dict[str, Any]:
    kind = webhook.kind
    return {
        "apiGroups": [kind.group],
        "apiVersions": [kind.version],
        "resources": [kind.plural],
        "operations": list(webhook.mutated if action == "mutate" else webhook.validated),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
    }


def configurations(url: str, ca_bundle: str, version: Version) -> list[dict[str, Any]]:
    """A configuration for each webhook. ``url``: ``https://host:port``; ``ca_bundle``: PEM in base64."""
    found = []
    for (server, action), hook in HOOKS.items():
        webhooks = [item for item in served(version) if item.server == server]
        rules = [_rule(item, action) for item in webhooks if (item.mutated if action == "mutate" else item.validated)]
        found.append(
            {
                "apiVersion": API_VERSION,
                "kind": KINDS[action],
                "metadata": {"name": NAMES[server]},
                "webhooks": [
                    {
                        "name": hook,
                        "admissionReviewVersions": ["v1"],
                        "clientConfig": {"url": url + path(server, action), "caBundle": ca_bundle},
                        "failurePolicy": "Ignore" if server == "kubevirt-eviction" else "Fail",
                        "matchPolicy": "Equivalent",
                        "rules": rules,
                        "sideEffects": "NoneOnDryRun" if server == "kubevirt-eviction" else "None",
                        "timeoutSeconds": TIMEOUT,
                    }
                ],
            }
        )
    return found
