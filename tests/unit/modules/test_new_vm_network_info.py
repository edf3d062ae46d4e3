# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""new_vm_network_info: a dry run, what becomes of its answer, and what is told where it fails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from cluster_api import DENIED, Api, failure, reply
from cluster_modules import Caller
from cluster_objects import snapshot

from ansible_collections.harvester.network.plugins.module_utils.cluster import _new_vm_network
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.modules import new_vm_network_info

TRIED = "VM network 'default/harvester-network-dry-run': a new one on cluster network mgmt, tried as a dry run: "
STEP = (
    "; see annotation uplink-mtu of cluster network mgmt, and the pods of harvester-network-webhook in harvester-system"
)
DENIAL = "can't create nad default/harvester-network-dry-run because nad MTU 0 does not match cluster network MTU 9000"


class Webhook(Api):
    """Harvester's: gives what is created an MTU, or refuses it. Nothing but dry runs is expected."""

    def __init__(self, mtu: int | None, refusal: str = "", status: int = 500) -> None:
        super().__init__(snapshot())
        self.mtu, self.refusal, self.status = mtu, refusal, status

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> Reply:
        self.sent.append((method, urlsplit(url).path, body))
        assert (method, parse_qs(urlsplit(url).query)["dryRun"]) == ("POST", ["All"])
        if self.refusal:
            return failure(self.status, self.refusal)
        config = json.loads(body["spec"]["config"])
        assert "mtu" not in config
        changed = config if self.mtu is None else {**config, "mtu": self.mtu}
        return reply({**body, "spec": {"config": json.dumps(changed)}})


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("new_vm_network_info", snapshot(), monkeypatch, capsys)


@pytest.mark.parametrize(("given", "mtu"), [(9000, 9000), (None, 1500), (0, 1500)])
@pytest.mark.parametrize("expected", [True, False])
def test_the_mtu_of_the_answer(call: Caller, given: int | None, mtu: int, expected: bool) -> None:
    call.api = Webhook(given)
    found = call(cluster_network="mgmt", namespace="prod", **({"mtu": mtu} if expected else {}))
    assert (found["changed"], found["mtu"]) == (False, mtu)
    ((_method, path, body),) = call.api.sent
    assert path == "/apis/k8s.cni.cncf.io/v1/namespaces/prod/network-attachment-definitions"
    assert body["metadata"]["labels"]["network.harvesterhci.io/clusternetwork"] == "mgmt"
    config = json.loads(body["spec"]["config"])
    assert (config["type"], config["bridge"], config["vlan"]) == ("bridge", "mgmt-br", 0)


@pytest.mark.parametrize(
    ("api", "message"),
    [
        (Webhook(1500), TRIED + "it would get MTU 1500, and not 9000" + STEP),
        (
            Webhook(None, DENIED % DENIAL),
            TRIED
            + "Harvester refuses to create network-attachment-definitions.k8s.cni.cncf.io"
            + " 'default/harvester-network-dry-run': "
            + DENIAL
            + STEP,
        ),
    ],
    ids=["another", "refused"],
)
def test_what_is_told(call: Caller, api: Webhook, message: str) -> None:
    call.api = api
    assert call(cluster_network="mgmt", mtu=9000)["msg"] == message


def test_an_account_that_may_not_create_is_told_the_verb(call: Caller) -> None:
    call.api = Webhook(None, "no", 403)
    told = "grant the verb 'create' on 'network-attachment-definitions.k8s.cni.cncf.io'"
    assert told in call(cluster_network="mgmt")["msg"]


def test_the_documentation_has_the_options() -> None:
    documented = yaml.safe_load(new_vm_network_info.DOCUMENTATION)["options"]
    shown = {
        name: {key: value for key, value in one.items() if key != "description"} for name, one in documented.items()
    }
    assert shown == _new_vm_network.ARGUMENT_SPEC
