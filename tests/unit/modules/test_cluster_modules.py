# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every module that changes the cluster: its documentation, and what it does without an API."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from cluster_modules import MODULES, Caller
from cluster_objects import BASE, setting

from ansible_collections.harvester.network.plugins.module_utils.cluster import _module
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply, Unreachable
from ansible_collections.harvester.network.plugins.module_utils.cluster._auth import API_ARGSPEC, AUTH_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import (
    _cluster_network,
    _host_config,
    _network_config,
    _node_labels,
    _vm_network,
)

FRAGMENTS = "ansible_collections.harvester.network.plugins.doc_fragments."
SPECS = {
    "cluster_network": _cluster_network.CLUSTER_NETWORK_ARGSPEC,
    "host_network_config": _host_config.HOST_CONFIG_ARGSPEC,
    "network_config": _network_config.NETWORK_CONFIG_ARGSPEC,
    "node_labels": _node_labels.NODE_LABELS_ARGSPEC,
    "vm_network": _vm_network.VM_NETWORK_ARGSPEC,
}
COMPARED = ("type", "elements", "default", "choices", "aliases", "required")


def documented(options: Mapping[str, Any], below: str) -> dict[str, Any]:
    """Documented options, reduced to what an argument spec says too."""
    return {
        name: {
            **{key: option[key] for key in COMPARED if key in option},
            **({"below": documented(option[below], below)} if below in option else {}),
        }
        for name, option in options.items()
    }


def options_of(module: Any) -> dict[str, Any]:
    """The options of a module's documentation, those of its fragments included."""
    docs = yaml.safe_load(module.DOCUMENTATION)
    found = dict(docs["options"])
    for path in docs["extends_documentation_fragment"]:
        _namespace, _collection, name, *section = path.split(".")
        fragment = importlib.import_module(FRAGMENTS + name).ModuleDocFragment
        text = getattr(fragment, section[0].upper() if section else "DOCUMENTATION")
        found.update(yaml.safe_load(text)["options"])
    return found


@pytest.mark.parametrize("name", sorted(SPECS))
def test_documentation_says_what_the_argument_spec_says(name: str) -> None:
    module = importlib.import_module(MODULES + name)
    spec = {**AUTH_ARGSPEC, **API_ARGSPEC, **change_argspec(SPECS[name], state=name != "node_labels")}
    assert documented(options_of(module), "suboptions") == documented(spec, "options")


@pytest.mark.parametrize("name", sorted(SPECS))
def test_all_modules_document_the_same_result(name: str) -> None:
    """Ansible has no fragments for RETURN, so the text stands in each module; only the samples are its own."""

    def without_samples(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_samples(item) for key, item in value.items() if key != "sample"}
        return value

    texts = [importlib.import_module(MODULES + one).RETURN for one in (name, "network_config")]
    mine, other = (without_samples(yaml.safe_load(text)) for text in texts)
    assert mine == other


CALLS: dict[str, dict[str, Any]] = {
    "cluster_network": {"name": "new"},
    "host_network_config": {
        "name": "hosts",
        "cluster_network": "mgmt",
        "vlan_id": 7,
        "mode": "dhcp",
        "all_nodes": True,
    },
    "network_config": {"name": "new", "cluster_network": "cn1", "node": "n3", "nics": ["eno4"]},
    "node_labels": {"labels": {"n3": {"example.com/rack": "b"}}},
    "vm_network": {"name": "new", "cluster_network": "cn1", "vlan_id": 7},
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_result_holds_what_is_documented_and_nothing_else(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = Caller(name, BASE, monkeypatch, capsys)(**CALLS[name])
    known = set(yaml.safe_load(importlib.import_module(MODULES + name).RETURN))
    assert set(result) - {"changed", "diff", "invocation"} == known - {"objections", "missing", "waited"}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_version_that_the_rules_do_not_know_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = Caller(name, BASE.put("settings", setting("server-version", "v1.5.1")), monkeypatch, capsys)
    result = call(**CALLS[name])
    assert result["msg"] == "Harvester 1.5.1 is older than 1.6.0, the first that the rules know"
    assert call.writes == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Reply(403, json.dumps({"message": "User ci cannot list nodes"})),
            (
                "the API forbids this account to list nodes: User ci cannot list nodes; grant the verb 'list' on"
                " 'nodes' (the collection's examples/rbac has whole roles)"
            ),
        ),
        (
            Unreachable("the cluster's API does not answer: refused"),
            "the cluster's API does not answer: refused (tried for 0 s)",
        ),
    ],
    ids=["forbidden", "unreachable"],
)
@pytest.mark.parametrize("name", sorted(CALLS))
def test_an_api_that_does_not_let_in_is_an_error(
    name: str,
    answer: Any,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def send(*_request: Any) -> Reply:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(send, retry_timeout=0))
    with patch_module_args(CALLS[name]), pytest.raises(SystemExit):
        importlib.import_module(MODULES + name).main()
    result = json.loads(capsys.readouterr().out)
    assert (result["failed"], result["msg"]) == (True, message)
