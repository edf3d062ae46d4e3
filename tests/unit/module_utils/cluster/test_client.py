# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, retries and errors, with a server that answers from a list."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from ansible_collections.harvester.network.plugins.module_utils.cluster import _api_errors as errors
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import (
    Client,
    contains,
    differing,
    path,
    resource,
)


class Kind(NamedTuple):
    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = False


CONFIG = Kind("network.harvesterhci.io", "v1beta1", "vlanconfigs", "VlanConfig")
NAD = Kind("k8s.cni.cncf.io", "v1", "network-attachment-definitions", "NetworkAttachmentDefinition", True)
NODE = Kind("", "v1", "nodes", "Node")

WEBHOOK = "validator.harvester-system.harvester-network-webhook"
TEXT = "can't delete vlanConfig a because it is blocked by VM(s) default/vm1 which must be stopped at first"
DENIED = f'admission webhook "{WEBHOOK}" denied the request: Internal error occurred: {TEXT}'


def status(code: int, message: str, reason: str = "") -> errors.Reply:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    return errors.Reply(code, json.dumps(body))


def found(item: dict[str, Any]) -> errors.Reply:
    return errors.Reply(200, json.dumps(item))


class Server:
    """Gives its answers one after the other; an exception is raised. sent: what it was asked."""

    def __init__(self, *answers: errors.Reply | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, Any, str]] = []

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> errors.Reply:
        self.sent.append((method, url, body, content_type))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    """Time that passes only by sleeping."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def client(server: Server, retry_timeout: float = 10) -> Client:
    clock = Clock()
    return Client(server, retry_timeout, sleep=clock.sleep, clock=clock)


def config(name: str = "a", version: str = "7", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": version}, "spec": spec}


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "expected"),
    [
        (CONFIG, "", "a", "/apis/network.harvesterhci.io/v1beta1/vlanconfigs/a"),
        (CONFIG, "", "", "/apis/network.harvesterhci.io/v1beta1/vlanconfigs"),
        (NAD, "default", "v", "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions/v"),
        (NAD, "", "", "/apis/k8s.cni.cncf.io/v1/network-attachment-definitions"),
        (NODE, "", "n/1", "/api/v1/nodes/n%2F1"),
    ],
)
def test_path(kind: Kind, namespace: str, name: str, expected: str) -> None:
    assert path(kind, namespace, name) == expected


def test_resources_are_named_as_in_rbac() -> None:
    assert (resource(CONFIG), resource(NODE)) == ("vlanconfigs.network.harvesterhci.io", "nodes")


def test_a_list_is_one_request_and_its_items_say_what_they_are() -> None:
    server = Server(found({"items": [config("a"), config("b")]}))
    api = client(server)
    items = api.list(CONFIG, labels="x=y")
    assert [(item["kind"], item["apiVersion"], item["metadata"]["name"]) for item in items] == [
        ("VlanConfig", "network.harvesterhci.io/v1beta1", "a"),
        ("VlanConfig", "network.harvesterhci.io/v1beta1", "b"),
    ]
    assert [sent[:2] for sent in server.sent] == [
        ("GET", "/apis/network.harvesterhci.io/v1beta1/vlanconfigs?labelSelector=x%3Dy")
    ]
    assert dict(api.requests) == {("list", "vlanconfigs"): 1}


def test_a_kind_that_is_not_served_has_no_objects() -> None:
    assert client(Server(status(404, "the server could not find the requested resource"))).list(CONFIG) == []


def test_an_object_that_is_not_there_is_none() -> None:
    assert client(Server(status(404, "not found", "NotFound"))).get(CONFIG, "a") is None


def test_creating_a_kind_that_is_not_served_is_an_error() -> None:
    with pytest.raises(errors.NotServed) as caught:
        client(Server(status(404, "404 page not found"))).create(CONFIG, {"metadata": {"name": "a"}})
    assert str(caught.value) == ("the cluster has no vlanconfigs.network.harvesterhci.io 'a': 404 page not found")


@pytest.mark.parametrize("code", [500, 400, 409, 422])
def test_a_webhooks_refusal_is_its_sentence_whatever_the_status_and_is_not_tried_again(code: int) -> None:
    server = Server(status(code, DENIED))
    with pytest.raises(errors.Refused) as caught:
        client(server).delete(CONFIG, "a")
    assert str(caught.value) == f"Harvester refuses to delete vlanconfigs.network.harvesterhci.io 'a': {TEXT}"
    assert (caught.value.sentence, caught.value.webhook) == (TEXT, WEBHOOK)
    assert len(server.sent) == 1


def test_a_webhook_that_cannot_be_called_is_a_server_error_and_is_tried_again() -> None:
    down = status(500, f'Internal error occurred: failed calling webhook "{WEBHOOK}": connection refused')
    server = Server(down, down, found(config()))
    assert client(server).patch(CONFIG, "a", {"spec": {}})["metadata"]["name"] == "a"
    assert len(server.sent) == 3


@pytest.mark.parametrize("code", [429, 500, 503])
def test_errors_of_the_server_are_tried_again_for_a_bounded_time(code: int) -> None:
    server = Server(*[status(code, "overloaded")] * 20)
    with pytest.raises(errors.ServerError) as caught:
        client(server, retry_timeout=10).list(CONFIG)
    assert str(caught.value) == (
        f"the API failed to list vlanconfigs.network.harvesterhci.io: status {code}, overloaded"
    )
    assert len(server.sent) == 6


def test_a_server_that_does_not_answer_is_tried_again_for_a_bounded_time() -> None:
    server = Server(*[errors.Unreachable("the cluster's API does not answer: refused")] * 20)
    with pytest.raises(errors.Unreachable) as caught:
        client(server, retry_timeout=4).get(CONFIG, "a")
    assert str(caught.value) == "the cluster's API does not answer: refused (tried for 4 s)"
    assert len(server.sent) == 3


def test_forbidden_names_verb_and_resource() -> None:
    with pytest.raises(errors.Forbidden) as caught:
        client(Server(status(403, 'User "ci" cannot list resource "nodes"', "Forbidden"))).list(NODE)
    assert (caught.value.verb, caught.value.resource) == ("list", "nodes")
    assert str(caught.value) == (
        'the API forbids this account to list nodes: User "ci" cannot list resource "nodes"; grant the verb \'list\''
        " on 'nodes' (the collection's examples/rbac has whole roles)"
    )


def test_unauthorized_names_where_credentials_come_from() -> None:
    with pytest.raises(errors.Unauthorized) as caught:
        client(Server(status(401, "Unauthorized"))).list(NODE)
    assert str(caught.value) == (
        "the API does not accept the credentials (status 401, list of nodes); see kubeconfig, api_key and the"
        " K8S_AUTH_*"
        " variables of the controller"
    )


def test_the_apis_own_validation_is_told_as_it_is() -> None:
    with pytest.raises(errors.Invalid) as caught:
        client(Server(status(422, "spec.uplink: Required value", "Invalid"))).patch(CONFIG, "a", {})
    assert str(caught.value) == (
        "the API does not take vlanconfigs.network.harvesterhci.io 'a': spec.uplink: Required value"
    )


def test_an_answer_that_is_no_json_is_shown_by_its_beginning() -> None:
    with pytest.raises(errors.Invalid, match=r"status code 400$"):
        client(Server(errors.Reply(400, "<html>status code 400"))).get(CONFIG, "a")


def test_a_change_is_a_merge_patch_with_the_version_that_was_seen() -> None:
    server = Server(found(config()))
    client(server).patch(CONFIG, "a", {"metadata": {"labels": {"x": "y"}}, "spec": {"n": 1}}, seen=config(version="7"))
    method, url, body, content_type = server.sent[0]
    assert (method, content_type) == ("PATCH", "application/merge-patch+json")
    assert url.endswith("/vlanconfigs/a?fieldManager=harvester.network")
    assert body == {"metadata": {"labels": {"x": "y"}, "resourceVersion": "7"}, "spec": {"n": 1}}


def test_a_conflict_names_what_others_changed() -> None:
    server = Server(status(409, "the object has been modified", "Conflict"), found(config(version="8", nics=["b"])))
    with pytest.raises(errors.Conflict) as caught:
        client(server).patch(CONFIG, "a", {"spec": {"mtu": 9000}}, seen=config(version="7", nics=["a"]))
    assert str(caught.value) == (
        "vlanconfigs.network.harvesterhci.io 'a' was changed by others meanwhile (spec.nics); look at it and run again"
    )


def test_a_conflict_with_ones_own_lost_answer_is_none() -> None:
    server = Server(
        errors.Unreachable("cut"), status(409, "modified", "Conflict"), found(config(version="8", mtu=9000))
    )
    done = client(server).patch(CONFIG, "a", {"spec": {"mtu": 9000}}, seen=config(version="7"))
    assert done["spec"] == {"mtu": 9000}


def test_a_create_whose_answer_was_lost_goes_on_with_the_object() -> None:
    whole = {"apiVersion": "network.harvesterhci.io/v1beta1", "kind": "VlanConfig", **config(mtu=9000)}
    server = Server(errors.Unreachable("cut"), status(409, "exists", "AlreadyExists"), found(whole))
    body = {"metadata": {"name": "a"}, "spec": {"mtu": 9000}}
    assert client(server).create(CONFIG, body) == whole


@pytest.mark.parametrize("earlier", [(), (errors.Unreachable("cut"),)])
def test_a_create_that_meets_another_object_is_a_conflict(earlier: tuple[Exception, ...]) -> None:
    other = {"apiVersion": "network.harvesterhci.io/v1beta1", "kind": "VlanConfig", **config(mtu=1500)}
    server = Server(*earlier, status(409, '"a" already exists', "AlreadyExists"), found(other))
    with pytest.raises(errors.Conflict) as caught:
        client(server).create(CONFIG, {"metadata": {"name": "a"}, "spec": {"mtu": 9000}})
    assert str(caught.value) == "vlanconfigs.network.harvesterhci.io 'a': \"a\" already exists"


def test_a_removal_can_demand_the_very_object() -> None:
    server = Server(found({}), status(404, "gone", "NotFound"))
    api = client(server)
    assert (api.delete(CONFIG, "a", uid="u1"), api.delete(CONFIG, "a")) == (True, False)
    assert server.sent[0][2] == {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "u1"}}


def test_a_dry_run_says_so() -> None:
    server = Server(found(config()), found(config()), found({}))
    api = client(server)
    api.create(CONFIG, {"metadata": {"name": "a"}}, dry_run=True)
    api.patch(CONFIG, "a", {}, dry_run=True)
    api.delete(CONFIG, "a", dry_run=True)
    assert ["dryRun=All" in url for _method, url, _body, _type in server.sent] == [True, True, False]
    # Beside a body the API server does not look at the query.
    assert server.sent[2][2] == {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}


VIRT = "virt-launcher-eviction-interceptor.kubevirt.io"
EVACUATION = f'admission webhook "{VIRT}" denied the request: Eviction triggered evacuation of VMI "default/vm1"'


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (errors.Reply(201, "{}"), ""),
        (status(404, "not found"), ""),
        (status(409, "the UID in the precondition does not match"), ""),
        (status(429, "the disruption budget needs it"), "the disruption budget needs it"),
        (status(429, EVACUATION), EVACUATION),
    ],
    ids=["granted", "gone", "another pod of its name", "budget", "webhook"],
)
def test_an_eviction_is_granted_or_has_to_wait(answer: errors.Reply, why: str) -> None:
    server = Server(answer)
    assert client(server).evict("web", "default", "u1") == why
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "web", "namespace": "default"},
        "deleteOptions": {"preconditions": {"uid": "u1"}},
    }
    url = "/api/v1/namespaces/default/pods/web/eviction"
    assert server.sent == [("POST", url, body, "application/json")]


def test_an_eviction_is_tried_again_when_the_server_fails() -> None:
    assert client(Server(status(503, "down"), errors.Reply(201, "{}"))).evict("web", "default", "u1") == ""


def test_an_eviction_that_is_forbidden_names_the_verb() -> None:
    with pytest.raises(errors.Forbidden, match=r"grant the verb 'create' on 'pods/eviction'"):
        client(Server(status(403, "no"))).evict("web", "default", "u1")


@pytest.mark.parametrize(
    ("whole", "part", "expected"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"c": 2}}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"b": None}, True),
        ({"b": 1}, {"b": None}, False),
        ({}, {"b": {}}, True),
        ({"b": [1]}, {"b": [1, 2]}, False),
        ({"b": 3}, {"b": {"c": 1}}, False),
    ],
)
def test_contains(whole: Any, part: Any, expected: bool) -> None:
    assert contains(whole, part) is expected


def test_differing_leaves_out_what_the_server_counts() -> None:
    before = {"metadata": {"resourceVersion": "1", "labels": {"a": "1"}}, "spec": {"nics": ["a"]}}
    after = {"metadata": {"resourceVersion": "2", "labels": {"a": "1", "b": "2"}}, "spec": {"nics": ["b"]}}
    assert differing(before, after) == ["metadata.labels.b", "spec.nics"]
