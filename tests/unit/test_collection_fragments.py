# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each documentation fragment against the argument spec that it documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.harvester.network.plugins.doc_fragments import (
    attributes,
    cluster_api,
    cluster_auth,
    node,
    wait,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._auth import API_ARGSPEC, AUTH_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.common._node_argspec import NODE_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.common._wait import WAIT_ARGSPEC

PAIRS = {
    "cluster_api": (cluster_api.ModuleDocFragment.DOCUMENTATION, API_ARGSPEC),
    "cluster_auth": (cluster_auth.ModuleDocFragment.DOCUMENTATION, AUTH_ARGSPEC),
    "node": (node.ModuleDocFragment.DOCUMENTATION, NODE_ARGSPEC),
    "wait": (wait.ModuleDocFragment.DOCUMENTATION, WAIT_ARGSPEC),
}
COMPARED = ("type", "elements", "default", "choices", "aliases", "required")


def documented(options: Mapping[str, Any]) -> dict[str, Any]:
    """A fragment's options, reduced to what an argument spec says too."""
    found: dict[str, Any] = {}
    for name, option in options.items():
        found[name] = {key: option[key] for key in COMPARED if key in option}
        if "suboptions" in option:
            found[name]["options"] = documented(option["suboptions"])
    return found


def specified(spec: Mapping[str, Any]) -> dict[str, Any]:
    """An argument spec, reduced to what the documentation says too."""
    found: dict[str, Any] = {}
    for name, option in spec.items():
        found[name] = {key: option[key] for key in COMPARED if key in option}
        if "options" in option:
            found[name]["options"] = specified(option["options"])
    return found


def secrets(spec: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, option in spec.items():
        if option.get("no_log"):
            yield prefix + name
        yield from secrets(option.get("options", {}), prefix + name + ".")


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_fragment_documents_its_argument_spec(name: str) -> None:
    text, spec = PAIRS[name]
    assert documented(yaml.safe_load(text)["options"]) == specified(spec)


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_every_option_has_a_type_and_a_description(name: str) -> None:
    for option, rest in yaml.safe_load(PAIRS[name][0])["options"].items():
        assert rest["type"], option
        assert rest["description"], option


def test_secrets_of_the_authentication_never_reach_a_log() -> None:
    assert set(secrets(AUTH_ARGSPEC)) == {
        "api_key",
        "password",
        "proxy_headers.basic_auth",
        "proxy_headers.proxy_basic_auth",
    }


def test_authentication_is_that_of_kubernetes_core() -> None:
    """Names, types and aliases, so that its environment variables and AWX's credential work unchanged."""
    args_common = pytest.importorskip("ansible_collections.kubernetes.core.plugins.module_utils.args_common")
    theirs = args_common.AUTH_ARG_SPEC
    assert set(AUTH_ARGSPEC) == set(theirs)
    for name, option in theirs.items():
        assert AUTH_ARGSPEC[name]["type"] == option.get("type", "str"), name
        assert AUTH_ARGSPEC[name].get("aliases") == option.get("aliases"), name


def test_attributes_say_the_same_things_in_every_section() -> None:
    sections = {
        name: yaml.safe_load(text)["attributes"]
        for name, text in vars(attributes.ModuleDocFragment).items()
        if name.isupper()
    }
    assert set(sections) == {"DOCUMENTATION", "CHANGE", "INFO"}
    for name, section in sections.items():
        assert set(section) == {"check_mode", "diff_mode", "platform"}, name
