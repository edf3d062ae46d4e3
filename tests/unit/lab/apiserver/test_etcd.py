# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from one state of the API to another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.apiserver import etcd

ONE = "00000000-0000-4000-8000-000000000001"
TWO = "00000000-0000-4000-8000-000000000002"
OTHER = "00000000-0000-4000-8000-00000000000f"


def stored(uid: str, owner: str | None = None, **more: str) -> bytes:
    metadata = {"uid": uid, **({"ownerReferences": [{"uid": owner}]} if owner else {}), **more}
    return json.dumps({"metadata": metadata}).encode()


def protobuf(uid: str) -> bytes:
    """The beginning of a stored built-in object: name, then uid, each with its length."""
    return b"k8s\x00\x0a\x05node1" + b"\x2a\x24" + uid.encode() + b"\x32\x24" + OTHER.encode()


@pytest.mark.parametrize(
    ("value", "uid"),
    [(stored(ONE), ONE), (stored(ONE, owner=TWO), ONE), (protobuf(TWO), TWO), (b"plain", None), (b"{}", None)],
)
def test_the_uid_of_a_stored_object(value: bytes, uid: str | None) -> None:
    assert etcd.uid(value) == (uid.encode() if uid else None)


def test_no_difference_writes_nothing() -> None:
    state = {b"/registry/a": stored(ONE), b"/registry/b": protobuf(TWO)}
    assert etcd.difference(dict(state), dict(state)) == ({}, [], state)


def test_a_change_is_put_back_under_its_uid() -> None:
    kept = {b"/registry/a": stored(ONE)}
    puts, deletes, wanted = etcd.difference({b"/registry/a": stored(ONE, name="changed")}, kept)
    assert (puts, deletes, wanted) == (kept, [], kept)


def test_what_is_new_is_deleted() -> None:
    kept = {b"/registry/a": stored(ONE)}
    assert etcd.difference({**kept, b"/registry/new": stored(TWO)}, kept) == ({}, [b"/registry/new"], kept)


@pytest.mark.parametrize("now", [{}, {b"/registry/owner": stored(OTHER)}], ids=["deleted", "created again"])
@pytest.mark.parametrize("form", [stored, protobuf])
def test_an_owner_that_was_gone_comes_back_under_a_new_uid_that_its_dependents_know(
    now: etcd.State, form: object
) -> None:
    assert callable(form)
    dependent = stored(TWO, owner=ONE)
    kept = {b"/registry/owner": form(ONE), b"/registry/dependent": dependent}
    puts, deletes, wanted = etcd.difference({b"/registry/dependent": dependent, **now}, kept)
    fresh = etcd.uid(puts[b"/registry/owner"])
    assert fresh not in (None, ONE.encode(), OTHER.encode())
    assert json.loads(puts[b"/registry/dependent"])["metadata"] == {
        "uid": TWO,
        "ownerReferences": [{"uid": fresh.decode() if fresh else ""}],
    }
    assert deletes == []
    assert puts == wanted
    assert len(puts[b"/registry/owner"]) == len(form(ONE))


def test_the_kept_state_learns_the_new_uids() -> None:
    kept = {b"/registry/a": stored(ONE)}
    puts, _deletes, wanted = etcd.difference({}, kept)
    assert etcd.difference(puts, wanted) == ({}, [], wanted)


def test_a_state_is_kept_as_a_file(tmp_path: Path) -> None:
    state = {b"/registry/a": stored(ONE), b"/registry/b": bytes(range(256))}
    etcd.save(state, tmp_path / "base.json")
    assert etcd.load(tmp_path / "base.json") == state
    assert [path.name for path in tmp_path.iterdir()] == ["base.json"]
