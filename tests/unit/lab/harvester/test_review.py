# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviews as the API server sends them, over HTTPS; the webhook configurations."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin_objects import ALL, P, cluster, config, nad, setting, vm, vmi

from lab.harvester.kinds import CLUSTER_NETWORK, SETTING, VLAN_CONFIG, Kind
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.webhooks import WEBHOOKS, review
from lab.harvester.webhooks.configuration import configurations
from lab.harvester.webhooks.server import WebhookServer

VIEW = cluster(nad("n"), vmi("v", ["n"]), vm("w", printable="Running"))


def asked(kind: Kind, operation: str, old: Obj | None = None, new: Obj | None = None, dry: bool = False) -> Obj:
    resource = {"group": kind.group, "version": kind.version, "resource": kind.plural}
    request = {"uid": "u1", "operation": operation, "resource": resource, "object": new, "oldObject": old}
    return {"kind": "AdmissionReview", "request": {**request, "dryRun": dry, "userInfo": {"username": "admin"}}}


def test_a_refusal_of_the_network_controller_is_an_internal_error() -> None:
    body = asked(VLAN_CONFIG, "DELETE", old=config("a"))
    answer = review.validate(body, WEBHOOKS, "network", VIEW, VERSIONS["1.8"])
    assert answer == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {
            "uid": "u1",
            "allowed": False,
            "status": {
                "status": "Failure",
                "code": 500,
                "reason": "InternalError",
                "message": "Internal error occurred: can't delete vlanConfig a because it is blocked by VM(s) "
                "default/v which must be stopped at first",
            },
        },
    }


def test_a_refusal_of_harvesters_own_webhook_has_its_code() -> None:
    body = asked(SETTING, "UPDATE", setting("storage-network", "x"), setting("storage-network"))
    answer = review.validate(body, WEBHOOKS, "harvester", VIEW, VERSIONS["1.8"])
    assert answer["response"]["status"] == {
        "status": "Failure",
        "code": 422,
        "reason": "Invalid",
        "message": "Please stop all VMs before configuring the storage-network setting",
    }


def test_the_other_servers_rules_are_not_asked() -> None:
    body = asked(VLAN_CONFIG, "DELETE", old=config("a"))
    answer = review.validate(body, WEBHOOKS, "harvester", VIEW, VERSIONS["1.8"])
    assert answer["response"] == {"uid": "u1", "allowed": True}


def test_a_mutation_is_a_json_patch() -> None:
    body = asked(VLAN_CONFIG, "CREATE", new=config("a", nodes=None))
    response = review.mutate(body, WEBHOOKS, "network", VIEW, VERSIONS["1.8"])["response"]
    assert (response["allowed"], response["patchType"]) == (True, "JSONPatch")
    assert json.loads(base64.b64decode(response["patch"])) == [
        {
            "op": "add",
            "path": "/metadata/annotations",
            "value": {f"{P}/matched-nodes": '["node1","node2","node3"]'},
        }
    ]


@pytest.mark.parametrize("version", ALL)
def test_configurations(version: str) -> None:
    found = configurations("https://10.0.0.1:9443", "Q0E=", VERSIONS[version])
    hooks = {hook["name"]: hook for item in found for hook in item["webhooks"]}
    assert sorted(hooks) == [
        "migration-create-validator.kubevirt.io",
        "mutator.harvester-system.harvester-network-webhook",
        "mutator.harvesterhci.io",
        "validator.harvester-system.harvester-network-webhook",
        "validator.harvesterhci.io",
        "virt-launcher-eviction-interceptor.kubevirt.io",
    ]
    # the eviction's webhook marks the instance, and KubeVirt lets evictions pass that it cannot judge
    interceptor = hooks.pop("virt-launcher-eviction-interceptor.kubevirt.io")
    assert (interceptor["sideEffects"], interceptor["failurePolicy"]) == ("NoneOnDryRun", "Ignore")
    for hook in hooks.values():
        assert (hook["sideEffects"], hook["failurePolicy"]) == ("None", "Fail")
    rules = hooks["validator.harvester-system.harvester-network-webhook"]["rules"]
    kinds = ["clusternetworks", "vlanconfigs", "network-attachment-definitions"]
    kinds += ["hostnetworkconfigs"] if version in ("1.8", "1.9") else []
    assert [rule["resources"] for rule in rules] == [[kind] for kind in kinds]
    mutating = hooks["mutator.harvester-system.harvester-network-webhook"]["rules"]
    assert [(rule["resources"], rule["operations"]) for rule in mutating] == [
        (["vlanconfigs"], ["CREATE", "UPDATE"]),
        (["network-attachment-definitions"], ["CREATE", "UPDATE"]),
    ]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[WebhookServer, ssl.SSLContext]]:
    certificate, key = tmp_path / "crt", tmp_path / "key"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost".split()
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(words, check=True, capture_output=True)
    found = WebhookServer(("127.0.0.1", 0), certificate, key, VIEW, VERSIONS["1.8"])
    thread = found.start()
    yield found, ssl.create_default_context(cafile=str(certificate))
    found.shutdown()
    found.server_close()
    thread.join()


def test_server(server: tuple[WebhookServer, ssl.SSLContext]) -> None:
    found, context = server
    connection = http.client.HTTPSConnection("127.0.0.1", found.server_address[1], context=context, timeout=10)
    body = asked(CLUSTER_NETWORK, "DELETE", old={"metadata": {"name": "mgmt"}}, dry=True)

    def post(path: str, sent: Any) -> tuple[int, bytes]:
        connection.request("POST", path, json.dumps(sent))
        answer = connection.getresponse()
        return answer.status, answer.read()

    code, said = post("/network/validate?timeout=15s", body)
    assert code == 200
    assert json.loads(said)["response"]["status"]["message"] == (
        "Internal error occurred: can't delete cluster network mgmt because it is not allowed"
    )
    assert post("/other", body) == (404, b"no such webhook")
    # a fault of the stand-in itself is no answer, so it cannot be taken for a refusal
    code, said = post("/network/validate", {"request": {}})
    assert (code, said.splitlines()[-1]) == (500, b"KeyError: 'operation'")
    connection.close()
