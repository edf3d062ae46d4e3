# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's view of the API with a client that is told what to answer: lists, watches, writes; resets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from lab.apiserver.client import ApiError, Client
from lab.harvester.cache import Cache
from lab.harvester.client import ApiView
from lab.harvester.kinds import NAD, NODE, SUBNET, VLAN_CONFIG, VMI
from lab.harvester.settings import Control, Delays, Settings, load
from lab.harvester.writes import Create, Delete, Patch


def error(status: int, message: str = "") -> ApiError:
    return ApiError("GET", "/", status, json.dumps({"message": message}).encode())


def item(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": item(name, version)}


class Answers:
    """In the client's place: answers in order per method, then the last one again."""

    def __init__(self, *answers: Any, streams: tuple[Any, ...] = ()) -> None:
        self.answers = list(answers)
        self.streams = list(streams)
        self.asked: list[tuple[Any, ...]] = []
        self.watched: list[str] = []
        self.blocked = threading.Event()

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "", query: dict[str, str] | None = None
    ) -> Any:
        self.asked.append((method, path, body, dict(query or {})))
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found

    def stream(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        self.watched.append(query["resourceVersion"])
        if not self.streams:
            self.blocked.set()
            threading.Event().wait()
        found = self.streams.pop(0)
        if isinstance(found, Exception):
            raise found
        yield from found

    def view(self) -> ApiView:
        return ApiView(cast(Client, self))


def listed(*items: dict[str, Any], version: int = 10, more: str = "") -> dict[str, Any]:
    return {"items": list(items), "metadata": {"resourceVersion": str(version), "continue": more}}


# --- lists and watches


def test_a_list_in_pages_names_kind_and_version() -> None:
    api = Answers(listed(item("a", 1), more="next"), listed(item("b", 2)))
    found = api.view().list(NODE)
    assert found == [{"apiVersion": "v1", "kind": "Node", **item(name, n)} for n, name in enumerate("ab", start=1)]
    assert [query.get("continue") for *_, query in api.asked] == [None, "next"]


def test_a_kind_that_is_not_served() -> None:
    api = Answers(error(404))
    assert api.view().list(SUBNET) == []
    assert api.view().serves(SUBNET) is False
    assert Answers({"resources": [{"name": "nodes"}]}).view().serves(NODE) is True


def test_other_errors_are_no_empty_list() -> None:
    with pytest.raises(ApiError):
        Answers(error(403)).view().list(NODE)


def names(cache: Cache) -> list[str]:
    return sorted(found["metadata"]["name"] for found in cache.snapshot()[0].list(NODE))


def followed(*streams: Any, lists: tuple[Any, ...]) -> tuple[Answers, Cache]:
    """A cache after all the streams were read."""
    api = Answers(*lists, streams=streams)
    cache = Cache(api.view(), [NODE])
    cache.start()
    assert api.blocked.wait(10)
    return api, cache


def test_a_watch_goes_on_where_it_was() -> None:
    first = [event("ADDED", "b", 11), event("BOOKMARK", "", 15)]
    second = [event("MODIFIED", "b", 16), event("DELETED", "a", 17)]
    api, cache = followed(first, second, lists=(listed(item("a", 1)),))
    assert api.watched == ["10", "15", "17"]
    assert names(cache) == ["b"]


def test_a_watch_that_expired_begins_with_a_list() -> None:
    gone = [{"type": "ERROR", "object": {"code": 410, "message": "too old"}}]
    api, cache = followed(gone, lists=(listed(item("a", 1)), listed(item("c", 2), version=30)))
    assert api.watched == ["10", "30"]
    assert names(cache) == ["c"]


def test_a_broken_watch_goes_on() -> None:
    api, cache = followed(error(500), [event("ADDED", "b", 11)], lists=(listed(item("a", 1)),))
    assert api.watched == ["10", "10", "11"]
    assert names(cache) == ["a", "b"]


def test_after_a_refresh_old_events_are_no_news() -> None:
    api = Answers(listed(item("a", 1)), listed(item("b", 2), version=20))
    cache = Cache(api.view(), [NODE])
    cache._replace(NODE, [item("a", 1)], "10")
    cache.refresh()
    cache.refresh()
    api.streams = [[event("DELETED", "b", 15), event("ADDED", "c", 21)]]
    assert cache._follow(NODE, "10") == "21"
    assert names(cache) == ["b", "c"]


def test_a_list_that_a_watch_has_overtaken_is_asked_for_again() -> None:
    """The event would be lost for good: the watch does not tell it twice."""
    api = Answers(listed(item("a", 1), version=20), listed(item("a", 1), item("c", 21), version=22))
    api.streams = [[event("ADDED", "c", 21)]]
    cache = Cache(api.view(), [NODE])
    cache._replace(NODE, [item("a", 1)], "10")
    cache._follow(NODE, "10")
    cache.refresh()
    assert len(api.asked) == 2
    assert names(cache) == ["a", "c"]


# --- writes


def test_writes() -> None:
    api = Answers({})
    manager = {"fieldManager": "harvester-network-controller"}
    writes = [
        Create(NAD, {"metadata": {"name": "n", "namespace": "default"}}),
        Patch(VLAN_CONFIG, "a", {"spec": {"x": 1}}, version="7"),
        Patch(VMI, "v", {"status": {"phase": "Running"}}, "default", status=True),
        Delete(VMI, "v", "default"),
    ]
    assert api.view().write(writes, pytest.fail) is True
    assert [(method, path, query) for method, path, _, query in api.asked] == [
        ("POST", "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions", manager),
        ("PATCH", "/apis/network.harvesterhci.io/v1beta1/vlanconfigs/a", manager),
        ("PATCH", "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/v/status", manager),
        ("DELETE", "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/v", {}),
    ]
    assert api.asked[1][2] == {"spec": {"x": 1}, "metadata": {"resourceVersion": "7"}}


def test_a_status_without_subresource() -> None:
    api = Answers(error(404), {})
    assert api.view().write([Patch(VMI, "v", {"status": {}}, "default", status=True)], pytest.fail) is True
    assert [path.rpartition("/")[2] for _, path, *_ in api.asked] == ["status", "v"]


@pytest.mark.parametrize(
    ("write", "answer", "taken", "noted"),
    [
        (Delete(NODE, "a"), error(404), True, False),
        (Patch(NODE, "a", {}), error(404), False, False),
        (Patch(NODE, "a", {}), error(409), False, False),
        (Patch(NODE, "a", {}), error(500, "denied"), False, True),
    ],
)
def test_writes_that_are_not_taken(write: Any, answer: Any, taken: bool, noted: bool) -> None:
    notes: list[str] = []
    assert Answers(answer).view().write([write], notes.append) is taken
    assert bool(notes) is noted


# --- settings and control


def test_settings_come_back(tmp_path: Path) -> None:
    given = Settings("h", 1, "a", "c", "k", "sc", "sk", "127.0.0.1", version="1.9", delays=Delays(look=0.5))
    given.save(tmp_path / "x")
    found = load(tmp_path / "x")
    assert found == given
    assert (found.url, found.harvester.release) == ("https://127.0.0.1:9443", "v1.9.0-rc6")


def test_agents_are_stopped_and_started_and_run_after_a_reset(tmp_path: Path) -> None:
    control = Control(tmp_path)
    control.stop_agent("node1")
    assert control.agent_stopped("node1")
    assert not control.agent_stopped("node2")
    assert control.stopped_agents() == ["node1"]
    control.start_agent("node1")
    assert control.stopped_agents() == []
    control.stop_agent("node2")
    with control.resetting(), control.resetting():
        assert control.resets() == 0
    assert (control.resets(), control.stopped_agents()) == (1, [])


def test_an_agent_rests_from_its_last_look_to_its_next(tmp_path: Path) -> None:
    control = Control(tmp_path)
    seen = []
    for runs in (True, False, False, True):
        control.agent_looked("node1", runs)
        seen.append(control.agent_rests("node1"))
    assert seen == [False, True, True, False]


def test_a_reset_waits_for_the_controllers_at_work(tmp_path: Path) -> None:
    control = Control(tmp_path)
    done: list[str] = []

    def reset() -> None:
        with control.resetting():
            done.append("reset")

    with control.working(), control.working():
        thread = threading.Thread(target=reset)
        thread.start()
        thread.join(0.3)
        done.append("work")
    thread.join(10)
    assert done == ["work", "reset"]
