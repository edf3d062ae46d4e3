# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyfiles: what is ours is rendered and parsed by one table, what is not survives byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from harvester_profiles import BOND, BRIDGE, FIVE, VLAN
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm import _keyfile
from ansible_collections.harvester.network.plugins.module_utils.nm._codecs import Word
from ansible_collections.harvester.network.plugins.module_utils.nm._keyfile import Keyfile, parse, render, shown
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import TYPES, Profile
from ansible_collections.harvester.network.plugins.module_utils.nm._properties import TABLE, Property, plain, row, typed


@pytest.mark.parametrize("name", FIVE)
def test_harvesters_own_files_come_back_byte_for_byte(name: str) -> None:
    profile = parse(FIVE[name], name)
    assert render(profile, FIVE[name]) == FIVE[name]


@pytest.mark.parametrize("name", FIVE)
def test_a_new_file_parses_to_the_same_profile(name: str) -> None:
    profile = parse(FIVE[name], name)
    again = parse(render(profile), "other")
    assert again == profile
    assert "uuid" not in render(profile)


def test_bond_values_are_typed() -> None:
    profile = parse(BOND, "x")
    assert (profile.id, profile.type, profile.device) == ("bond-mgmt", "bond", "mgmt-bo")
    assert profile.values["mtu"] == 1500
    assert profile.values["bond.miimon"] == 100
    assert profile.values["bridge_port.vlans"] == VlanList.parse("1 pvid untagged, 2017")
    assert profile.values["controller"] == "mgmt-br"


def test_vlan_without_interface_name_gets_its_kernel_name() -> None:
    assert parse(VLAN, "x").device == "mgmt-br.2017"


def test_gateway_hangs_on_the_address_and_stays_there() -> None:
    profile = parse(VLAN, "x")
    assert profile.values["ipv4.addresses"] == ["10.217.0.11/24"]
    assert profile.values["ipv4.gateway"] == "10.217.0.1"
    changed = profile.merged(Profile("x", "vlan", {"ipv4.addresses": ["10.217.0.12/24", "10.217.0.13/24"]}))
    text = render(changed, VLAN)
    assert "address1=10.217.0.12/24,10.217.0.1\n" in text
    assert "address2=10.217.0.13/24\n" in text


FOREIGN = """# made by hand
[connection]
id=mine
uuid=8d1f0d6e-0000-4000-8000-000000000001
type=802-3-ethernet
interface-name=eno9
controller=mgmt-bo
port-type=bond

[802-3-ethernet]
cloned-mac-address=52:54:00:AA:BB:CC
wake-on-lan=4

[802-1x]
password=secret word
"""


def test_foreign_keys_sections_comments_and_spellings_survive() -> None:
    profile = parse(FOREIGN, "x")
    assert profile.type == "ethernet"
    assert profile.get("controller") == "mgmt-bo"
    text = render(profile.merged(Profile("mine", "ethernet", {"mtu": 9000})), FOREIGN)
    assert text == FOREIGN.replace("wake-on-lan=4\n", "wake-on-lan=4\nmtu=9000\n")


def test_unset_takes_the_line_out_and_an_emptied_section_with_it() -> None:
    profile = parse(BRIDGE, "x")
    text = render(profile.merged(Profile("bridge-mgmt", "bridge", {"mtu": None})), BRIDGE)
    assert text == BRIDGE.replace("[ethernet]\nmtu=1500\n\n", "")
    back = render(parse(text, "x").merged(Profile("bridge-mgmt", "bridge", {"mtu": 1500})), text)
    assert back == BRIDGE


def test_secrets_are_not_shown_in_a_diff() -> None:
    assert "secret word" not in shown(FOREIGN)
    assert "[802-1x]\n# (not shown)\n" in shown(FOREIGN)
    assert "cloned-mac-address" in shown(FOREIGN)


def test_a_value_that_does_not_parse_names_file_section_and_key() -> None:
    with pytest.raises(NetworkError) as error:
        parse(BOND.replace("mtu=1500", "mtu=many"), "bond-mgmt", "/etc/x/bond-mgmt.nmconnection")
    assert str(error.value).startswith("keyfile '/etc/x/bond-mgmt.nmconnection': [ethernet] mtu=many does not parse")


def test_id_falls_back_to_the_file_name() -> None:
    assert parse("[connection]\ntype=bond\n", "bond9").id == "bond9"


def test_route_options_stay_with_their_route() -> None:
    text = "[connection]\nid=r\ntype=ethernet\n\n[ipv4]\nmethod=manual\n"
    text += "route1=10.9.0.0/16,10.0.0.1,50\nroute1_options=table=7\n"
    profile = parse(text, "r")
    assert profile.values["ipv4.routes"] == ["10.9.0.0/16 10.0.0.1 50"]
    wanted = Profile("r", "ethernet", {"ipv4.routes": ["10.8.0.0/16 10.0.0.1", "10.9.0.0/16 10.0.0.1 50"]})
    result = render(profile.merged(wanted), text)
    assert "route1=10.8.0.0/16,10.0.0.1\n" in result
    assert "route2=10.9.0.0/16,10.0.0.1,50\nroute2_options=table=7\n" in result


def test_escapes_round_trip() -> None:
    keyfile = Keyfile("[connection]\nid=x\n")
    keyfile.update("connection", {"id": " leading\tand\nmore\\"})
    assert Keyfile(keyfile.text).section("connection")["id"] == " leading\tand\nmore\\"


WORD = st.text("abcdefghij0123456789.-", min_size=1, max_size=8)
WORDS = st.lists(WORD, min_size=1, max_size=3)
SAMPLES = {
    "Codec": WORD,
    "Number": st.integers(0, 70000),
    "Flag": st.booleans(),
    "Digit": st.booleans(),
    "Upper": st.just("52:54:00:AA:BB:CC"),
    "Vlans": st.sets(st.integers(2, 4094), min_size=1, max_size=9).map(lambda ids: VlanList.parse(sorted(ids))),
    "Words": WORDS,
    "CommaWords": WORDS,
    "Addresses": st.sets(st.integers(1, 250), min_size=1, max_size=3).map(lambda ns: [f"10.0.0.{n}/24" for n in ns]),
    "Routes": st.sets(st.integers(1, 250), min_size=1, max_size=3).map(
        lambda ns: [f"10.{n}.0.0/16 10.0.0.1" for n in ns]
    ),
}


def _value(row: Property) -> st.SearchStrategy[Any]:
    if isinstance(row.codec, Word):
        return st.sampled_from(sorted(row.codec.numbers.values()))
    return SAMPLES[type(row.codec).__name__]


def _values(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={row.option: _value(row) for row in TABLE if kind in row.types})


def profiles() -> st.SearchStrategy[Profile]:
    return st.one_of([_values(kind).map(lambda values, kind=kind: Profile("p", kind, values)) for kind in TYPES])


@given(profiles())
def test_render_then_parse_is_the_same_profile(profile: Profile) -> None:
    assert parse(render(profile), "other") == profile


@given(profiles(), profiles())
def test_changing_a_file_equals_a_new_one(old: Profile, new: Profile) -> None:
    new = Profile(old.id, old.type, {name: value for name, value in new.values.items() if old.type in row(name).types})
    assert parse(render(new, render(old)), "x") == new


@given(profiles())
def test_nested_and_flat_options_are_the_same(profile: Profile) -> None:
    assert typed(plain(profile.values)) == dict(profile.values)


def test_every_row_renders_into_its_section() -> None:
    assert {row.section for row in TABLE} <= set(_keyfile.SECTIONS)
