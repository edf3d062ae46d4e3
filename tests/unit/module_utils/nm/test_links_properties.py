# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every snapshot: it survives its way through JSON, and what is restored is no difference any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from links_samples import ADDRESSED, PVID, added, changed, node, table, tabled, unrouted

from ansible_collections.harvester.network.plugins.module_utils.nm._links_compare import compare
from ansible_collections.harvester.network.plugins.module_utils.nm._links_expected import Expected
from ansible_collections.harvester.network.plugins.module_utils.nm._links_restore import restore_actions
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondPortState,
    BondState,
    BridgePortState,
    BridgeState,
    Link,
    NextHop,
    Route,
    Snapshot,
    VlanEntry,
)

NOW = node()
word = st.text(min_size=1, max_size=8)
number = st.integers(0, 70000)
seconds = st.one_of(st.integers(0, 100), st.sampled_from([0.5, 2.25]))
maybe_word, maybe_number = st.none() | word, st.none() | number
addresses = st.builds(
    Address,
    address=word,
    prefix=st.integers(0, 128),
    family=st.sampled_from(["inet", "inet6"]),
    scope=word,
    label=st.text(max_size=4),
    peer=st.text(max_size=4),
    broadcast=st.text(max_size=4),
    dynamic=st.booleans(),
    noprefixroute=st.booleans(),
    temporary=st.booleans(),
    metric=number,
    protocol=st.text(max_size=4),
)
bonds = st.builds(
    BondState,
    mode=word,
    options=st.dictionaries(word, st.text(max_size=5), max_size=3),
    mii_status=word,
    active_port=maybe_word,
    aggregator=maybe_number,
    partner_mac=maybe_word,
    ports=st.lists(word, max_size=3).map(tuple),
)
links = st.builds(
    Link,
    name=word,
    ifindex=number,
    kind=word,
    mtu=number,
    operstate=word,
    mac=st.text(max_size=4),
    up=st.booleans(),
    controller=maybe_word,
    parent=maybe_word,
    vlan_id=maybe_number,
    peer=maybe_word,
    peer_netns=maybe_number,
    permanent_mac=maybe_word,
    addresses=st.lists(addresses, max_size=3).map(tuple),
    bond=st.none() | bonds,
    port=st.none() | st.builds(BondPortState, word, word, number, number, maybe_number),
    bridge=st.none()
    | st.builds(
        BridgeState,
        st.booleans(),
        seconds,
        seconds,
        seconds,
        seconds,
        number,
        st.booleans(),
        st.booleans(),
        number,
    ),
    bridge_port=st.none() | st.builds(BridgePortState, word, number, number),
)
routes = st.builds(
    Route,
    dst=word,
    dev=st.text(max_size=4),
    gateway=st.text(max_size=4),
    protocol=word,
    metric=number,
    table=word,
    scope=word,
    src=st.text(max_size=4),
    family=st.sampled_from(["inet", "inet6"]),
    type=word,
    mtu=number,
    onlink=st.booleans(),
    hops=st.lists(st.builds(NextHop, word, word, number, st.booleans()), max_size=2).map(tuple),
)
entries = st.builds(VlanEntry, st.integers(1, 40) | st.integers(1, 4094), st.booleans(), st.booleans())
tables = st.lists(entries, max_size=30, unique_by=lambda entry: entry.vid).map(
    lambda found: tuple(sorted(found, key=lambda entry: entry.vid))
)
snapshots = st.builds(
    Snapshot,
    links=st.lists(links, max_size=4).map(lambda found: {link.name: link for link in found}),
    vlans=st.dictionaries(word, tables, max_size=3),
    routes=st.lists(routes, max_size=4).map(tuple),
    boot_id=word,
)


@given(snapshots)
def test_a_snapshot_survives_its_way_through_json(snapshot: Snapshot) -> None:
    assert Snapshot.from_dict(json.loads(json.dumps(snapshot.to_dict()))) == snapshot


@given(snapshots)
def test_a_snapshot_does_not_differ_from_itself_and_needs_no_restoring(snapshot: Snapshot) -> None:
    assert compare(snapshot, snapshot) == []
    assert restore_actions(snapshot, snapshot) == []


@given(snapshots, snapshots)
def test_any_two_snapshots_can_be_compared_and_restored(before: Snapshot, after: Snapshot) -> None:
    for line in compare(before, after):
        assert isinstance(line, str)
    for argv in restore_actions(before, after):
        assert all(isinstance(item, str) and item for item in argv)


# -- damage, and a kernel that takes the commands ----------------------------------------------------------------------

Damage = Callable[[Snapshot], Snapshot]


def _vlans(device: str, keep: list[bool], stray: list[int]) -> Damage:
    def damage(now: Snapshot) -> Snapshot:
        kept = [entry for entry, stays in zip(now.vlans.get(device, ()), keep, strict=False) if stays]
        known = {entry.vid for entry in now.vlans.get(device, ())}
        found = kept + [VlanEntry(vid) for vid in stray if vid not in known]
        return tabled(now, device, *sorted(found, key=lambda entry: entry.vid))

    return damage


def _fall(now: Snapshot) -> Snapshot:
    fallen = changed(now, "vm1", controller=None)
    return replace(fallen, vlans={name: found for name, found in now.vlans.items() if name != "vm1"})


def _addresses(keep: list[bool]) -> Damage:
    def damage(now: Snapshot) -> Snapshot:
        left = tuple(item for item, stays in zip(now.links[ADDRESSED].addresses, keep, strict=False) if stays)
        gone = {item.address for item in now.links[ADDRESSED].addresses} - {item.address for item in left}
        lost = [route for route in now.routes if route.src in gone]
        return unrouted(changed(now, ADDRESSED, addresses=left), *lost)

    return damage


devices = st.sampled_from([name for name in NOW.links if NOW.links[name].port is None and name != "cali1"])
flags = st.lists(st.booleans(), min_size=6, max_size=6)
damages = st.one_of(
    st.builds(
        _vlans,
        st.sampled_from(["mgmt-bo", "mgmt-br", "vm1"]),
        flags,
        st.lists(st.integers(2, 60), max_size=5, unique=True),
    ),
    st.just(_fall),
    st.builds(_addresses, flags),
    st.builds(lambda device, mtu: lambda now: changed(now, device, mtu=mtu), devices, st.integers(1280, 9000)),
    st.builds(lambda device: lambda now: changed(now, device, up=False), devices),
    st.builds(
        lambda keep: lambda now: unrouted(now, *[r for r, stays in zip(NOW.routes, keep, strict=False) if not stays]),
        flags,
    ),
)


def kernel(now: Snapshot, before: Snapshot, commands: Sequence[Sequence[str]]) -> Snapshot:
    """A kernel that understands exactly the commands that restore_actions makes."""
    for argv in commands:
        words = list(argv)
        if words[:2] == ["bridge", "vlan"]:
            now = _bridge_vlan(now, words)
        elif words[:3] == ["ip", "link", "set"]:
            device, verb = words[4], words[5]
            if verb == "master":
                default = (VlanEntry(1, True, True),)
                now = tabled(changed(now, device, controller=words[6]), device, *default)
            elif verb == "mtu":
                now = changed(now, device, mtu=int(words[6]))
            else:
                assert verb == "up"
                now = changed(now, device, up=True)
        elif words[:3] == ["ip", "addr", "replace"]:
            device = words[words.index("dev") + 1]
            found = [item for item in before.links[device].addresses if str(item) == words[3]]
            assert ("noprefixroute" in words) == found[0].noprefixroute
            now = changed(now, device, addresses=now.links[device].addresses + tuple(found))
            if not found[0].noprefixroute:
                now = added(now, *[r for r in before.routes if r.src == found[0].address and r not in now.routes])
        else:
            assert words[2:4] in (["route", "add"], ["route", "replace"])
            found_routes = [route for route in before.routes if route.dst == words[4] and route not in now.routes]
            assert len(found_routes) == 1, "the kernel would answer 'File exists': %s" % words
            now = added(now, *found_routes)
    order = [address for address in before.links[ADDRESSED].addresses if address in now.links[ADDRESSED].addresses]
    return changed(now, ADDRESSED, addresses=tuple(order))


def _bridge_vlan(now: Snapshot, words: list[str]) -> Snapshot:
    verb, span, device = words[2], words[4], words[6]
    assert now.links[device].kind != "bridge" or "self" in words
    first, _dash, last = span.partition("-")
    vids = set(range(int(first), int(last or first) + 1))
    have = {entry.vid: entry for entry in now.vlans[device]}
    if verb == "del":
        assert vids <= set(have), "the kernel would answer 'No such file': %s" % words
        have = {vid: entry for vid, entry in have.items() if vid not in vids}
    else:
        pvid = "pvid" in words
        assert not (pvid and len(vids) > 1)
        if pvid:
            have = {vid: entry._replace(pvid=False) for vid, entry in have.items()}
        have.update({vid: VlanEntry(vid, pvid, "untagged" in words) for vid in vids})
    return tabled(now, device, *[have[vid] for vid in sorted(have)])


@given(st.lists(damages, min_size=1, max_size=6))
def test_what_is_restored_is_as_before(found: list[Damage]) -> None:
    damaged = NOW
    for damage in found:
        damaged = damage(damaged)
    commands = restore_actions(NOW, damaged)
    healed = kernel(damaged, NOW, commands)
    assert compare(NOW, healed) == []
    assert restore_actions(NOW, healed) == []
    assert bool(commands) or compare(NOW, damaged) == []


@given(st.lists(damages, min_size=1, max_size=3), st.sets(st.integers(70, 90), max_size=4))
def test_restoring_never_takes_what_was_asked_for(found: list[Damage], vids: set[int]) -> None:
    asked = Expected(mtu={"mgmt-br": 9000}, vlans_added={"mgmt-bo": frozenset(vids)})
    damaged = NOW
    for damage in found:
        damaged = damage(damaged)
    healed = kernel(damaged, NOW, restore_actions(NOW, damaged, asked))
    assert compare(NOW, healed, asked) == []
    assert healed.links["mgmt-br"].mtu == 9000
    assert vids <= {entry.vid for entry in healed.vlans["mgmt-bo"]}
    assert PVID in healed.vlans["mgmt-bo"]
    assert set(table(100, 2017, 2030)) <= set(healed.vlans["mgmt-bo"])
