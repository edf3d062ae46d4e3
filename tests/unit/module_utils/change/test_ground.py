# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a change would stop a VM that the run itself needs, and what the runner knows of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_double import Api
from cluster_objects import BASE, having, vmi

from ansible_collections.harvester.network.plugins.module_utils.change import _plan_call
from ansible_collections.harvester.network.plugins.module_utils.change._ground import (
    Runner,
    Session,
    objections,
    session,
)
from ansible_collections.harvester.network.plugins.module_utils.change._runner import (
    host_of,
    look,
    name_servers,
    names,
    own_addresses,
    own_macs,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

MAC = "52:54:00:AA:00:07"


def on_addresses(name: str, *addresses: str) -> Any:
    """An instance with one interface."""
    item = vmi(name, "vlan100")
    status = {**item["status"], "interfaces": [{"ipAddress": addresses[0], "ipAddresses": list(addresses), "mac": MAC}]}
    return {**item, "status": status}


CLUSTER = having(on_addresses("jump", "192.0.2.7", "2001:db8::7"), on_addresses("other", "192.0.2.8"), on=BASE)
BUT = "; where another network has the same address, give change_runner_outside=true"
OUTSIDE = "run it from a host that is no VM of this cluster, and not through one" + BUT
STOPS = "VM 'default/jump': it would stop, and the phases after that need it: "

CASES: dict[str, tuple[Session, Runner, list[str]]] = {
    "the ssh client": (
        Session(clients={"n2": "192.0.2.7", "n1": "192.0.2.7", "n3": "192.0.2.99"}),
        Runner(),
        [STOPS + "this run comes from it, by its address 192.0.2.7 that n1 and n2 saw; " + OUTSIDE],
    ),
    "the ssh client, IPv6": (
        Session(clients={"n1": "2001:DB8:0::7%eth0"}),
        Runner(),
        [STOPS + "this run comes from it, by its address 2001:DB8:0::7%eth0 that n1 saw; " + OUTSIDE],
    ),
    "the runner by its address": (
        Session(),
        Runner(addresses=("192.0.2.7",)),
        [STOPS + "this run has its address 192.0.2.7; " + OUTSIDE],
    ),
    "the API": (
        Session(),
        Runner(api=("192.0.2.1", "192.0.2.7")),
        [
            STOPS + "the API is reached by its address 192.0.2.7; reach the API another way, as by the VIP of the"
            " cluster" + BUT
        ],
    ),
    "the gateway": (
        Session(clients={"n1": "203.0.113.5"}, gateways={"n1": "192.0.2.7"}),
        Runner(),
        [
            STOPS
            + "its address 192.0.2.7 is the gateway for answers of n1 to this run; reach the nodes another way, as"
            " from their own network" + BUT
        ],
    ),
    "the name server": (
        Session(),
        Runner(name_servers=("192.0.2.7",)),
        [
            STOPS + "its address 192.0.2.7 is a name server of this run; give addresses instead of names, or another"
            " name server" + BUT
        ],
    ),
    "several at once": (
        Session(clients={"n1": "192.0.2.7"}),
        Runner(addresses=("192.0.2.7",)),
        [
            STOPS
            + "this run comes from it, by its address 192.0.2.7 that n1 saw; this run has its address 192.0.2.7; "
            + OUTSIDE
        ],
    ),
    "from outside": (Session(clients={"n1": "203.0.113.5"}), Runner(("203.0.113.5",), (), ("192.0.2.1",)), []),
    "a VM that does not stop": (Session(clients={"n1": "192.0.2.8"}), Runner(), []),
}


@pytest.mark.parametrize("name", CASES)
def test_which_vms_the_run_needs(name: str) -> None:
    seen, runner, messages = CASES[name]
    assert [str(one) for one in objections(CLUSTER, ["default/jump"], seen, runner)] == messages


def test_a_runner_without_a_known_address_is_found_by_its_mac() -> None:
    found = objections(CLUSTER, ["default/jump", "default/gone"], Session(), Runner(macs=(MAC.lower(),)))
    assert [str(one) for one in found] == [STOPS + "this run has its MAC 52:54:00:aa:00:07; " + OUTSIDE]
    assert {(one.rule, one.by) for one in found} == {("own-ground", "ours")}


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, [STOPS + "this run has its address 192.0.2.7; " + OUTSIDE]), (None, [])],
    ids=["asked", "not asked"],
)
def test_the_plan_refuses(given: Any, told: list[str]) -> None:
    """vm1 of the cluster stops too, and nobody needs it."""
    renamed = having({**on_addresses("vm1", "192.0.2.9")}, on=CLUSTER)
    api = Api({kind.key: list(renamed.all(kind.key)) for kind in KINDS})
    phase = {
        "id": "vms-stop",
        "role": "",
        "bound": 60,
        "steps": [{"kind": "vm_power", "vms": ["default/vm1"], "state": "stopped"}],
    }
    options = {"phases": [phase], "window_end": "", "session": given, "gitops_paused": True}
    result, against = _plan_call.read(
        Client(api, retry_timeout=0), options, lambda *_ways: Runner(addresses=("192.0.2.9",))
    )
    assert against == [line.replace("jump", "vm1").replace("192.0.2.7", "192.0.2.9") for line in told]
    assert ("objections" in result) == bool(told)


def test_the_session_of_an_option() -> None:
    found = session({"clients": {"n1": "192.0.2.7", "n2": ""}, "names": ["node1"]})
    assert found == Session({"n1": "192.0.2.7"}, {}, ("node1",))
    with pytest.raises(ValidationError) as caught:
        session({"clients": ["192.0.2.7"], "client": {}})
    assert str(caught.value) == (
        "session: client={}: is none of its keys\n"
        "session: clients=['192.0.2.7']: has to be a dictionary of nodes with addresses"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://192.0.2.1:6443", "192.0.2.1"),
        ("api.example.com:6443", "api.example.com"),
        ("https://[2001:db8::1]:6443/k8s/clusters/c-1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


def test_names_that_have_to_be_asked_for() -> None:
    assert names(["192.0.2.1", "node1", "api", "api"], "127.0.0.1 localhost\n192.0.2.11 n1 node1 # the first\n") == [
        "api"
    ]
    assert name_servers("search example.com\nnameserver 192.0.2.53\n nameserver 2001:db8::53\n#nameserver 1\n") == (
        "192.0.2.53",
        "2001:db8::53",
    )


def test_this_host(tmp_path: Path) -> None:
    """Loopback is what every host has; interfaces without a MAC are left out."""
    for name, mac in (("lo", "00:00:00:00:00:00"), ("eth0", "52:54:00:00:00:01"), ("tun0", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "address").write_text(mac + "\n")
    assert own_macs(tmp_path) == ("52:54:00:00:00:01",)
    assert own_addresses(["127.0.0.1", "no address"]) == ("127.0.0.1",)
    found = look(["127.0.0.1"], ["https://127.0.0.1:6443"])
    assert (found.addresses, found.api, found.name_servers) == (("127.0.0.1",), ("127.0.0.1",), ())
