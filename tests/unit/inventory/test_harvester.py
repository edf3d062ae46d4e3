# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin as Ansible runs it, by its inventory manager, against an API that answers over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from api_double import Api, Rule, serving
from cluster_objects import BASE

from ansible_collections.harvester.network.plugins.inventory import harvester

PLUGIN = {"plugin": "harvester.network.harvester"}
TOKEN = "s3cret"
NODES = ("n1", "n2", "n3", "w1")
LISTED = {("list", "nodes"): 1, ("list", "linkmonitors.network.harvesterhci.io"): 1}


def cluster(rules: list[Rule] | None = None) -> Api:
    """The cluster of the samples, with an address per node."""
    nodes = []
    for place, item in enumerate(BASE.all("nodes"), 11):
        addresses = [{"type": "InternalIP", "address": f"192.0.2.{place}"}]
        nodes.append({**item, "status": {**item["status"], "addresses": addresses}})
    return Api({"nodes": nodes, "linkmonitors": list(BASE.all("linkmonitors"))}, rules)


class Inventory(NamedTuple):
    """What Ansible found. groups: direct members. errors: what it printed, in one line."""

    variables: dict[str, dict[str, Any]]
    groups: dict[str, list[str]]
    errors: str


class Lister:
    """The process that lists inventories. log: its standard error."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = 0
        env = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
        with log.open("w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("lister.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=env,
            )

    def __call__(self, sources: list[Path], cache: bool, env: Mapping[str, str]) -> Inventory:
        assert self.process.stdin and self.process.stdout
        request = {"sources": [str(source) for source in sources], "cache": cache, "env": dict(env)}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        printed = self._log.read_text(encoding="utf-8")
        assert answer, printed
        errors, self._read = printed[self._read :], len(printed)
        return Inventory(**json.loads(answer), errors=" ".join(errors.split()))

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def lister(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lister]:
    found = Lister(tmp_path_factory.mktemp("lister") / "errors")
    yield found
    found.close()


@pytest.fixture
def api() -> Api:
    return cluster()


@pytest.fixture
def url(api: Api) -> Iterator[str]:
    with serving(api) as where:
        yield where


Listing = Callable[..., Inventory]


def written(folder: Path, sources: Mapping[str, Any]) -> list[Path]:
    for name, content in sources.items():
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return [folder / name for name in sources]


@pytest.fixture
def listing(tmp_path: Path, url: str, lister: Lister) -> Listing:
    """Lists the inventory of sources in the order given, name of the file -> content."""

    def run(sources: Mapping[str, Any], cache: bool = True, **env: str) -> Inventory:
        access = {"K8S_AUTH_HOST": url, "K8S_AUTH_API_KEY": TOKEN}
        return lister(written(tmp_path, sources), cache, {**access, **env})

    return run


def addresses(found: Inventory) -> dict[str, str]:
    return {name: variables["ansible_host"] for name, variables in found.variables.items()}


OWN = {name: f"192.0.2.{place}" for place, name in enumerate(NODES, 11)}


def test_nodes_are_hosts_with_groups_and_variables(listing: Listing, api: Api) -> None:
    found = listing({"cluster.harvester.yml": PLUGIN})
    assert found.errors == ""
    assert addresses(found) == OWN
    assert found.groups["harvester_nodes"] == list(NODES)
    assert found.groups["harvester_control_plane"] == ["n1", "n2", "n3"]
    assert found.groups["harvester_witness"] == ["w1"]
    assert "harvester_workers" not in found.groups
    assert set(found.variables["n1"]) == {
        "ansible_host",
        "harvester_node_name",
        "harvester_node_roles",
        "harvester_node_labels",
        "harvester_node_nics",
        "harvester_node_version",
    }
    assert api.requests == LISTED
    assert api.credentials == {f"Bearer {TOKEN}"}


def test_groups_and_variables_by_the_users_expressions(listing: Listing, api: Api) -> None:
    """Options of the authentication may be looked up, those of kubernetes.core's environment given here."""
    options = {
        "api_key": "{{ lookup('ansible.builtin.env', 'OTHER_TOKEN') }}",
        "hostname": "harvester_node_name ~ '.example.com'",
        "keyed_groups": [{"key": "harvester_node_labels.rack", "prefix": "rack"}],
        "groups": {"spare": "harvester_node_nics | selectattr('name', 'equalto', 'eno6') | length > 0"},
        "compose": {"ansible_user": "'rancher'"},
        "strict": False,
    }
    found = listing({"harvester.yml": {**PLUGIN, **options}}, OTHER_TOKEN="looked-up")
    assert found.groups["rack_a"] == ["n1.example.com", "n2.example.com", "w1.example.com"]
    assert found.groups["rack_b"] == ["n3.example.com"]
    assert found.groups["spare"] == ["n1.example.com", "n2.example.com", "n3.example.com"]
    assert found.variables["n1.example.com"]["ansible_user"] == "rancher"
    assert found.variables["n1.example.com"]["harvester_node_name"] == "n1"
    assert api.credentials == {"Bearer looked-up"}


STATIC = {
    "harvester_nodes": {
        "hosts": {
            "n1": {"ansible_host": "203.0.113.1", "rack": "x"},
            "server-2": {"harvester_node_name": "n2"},
        }
    }
}


def test_what_a_static_inventory_gives_stays(listing: Listing) -> None:
    found = listing({"hosts.yml": STATIC, "z.harvester.yml": PLUGIN})
    wanted = {name: address for name, address in OWN.items() if name != "n2"}
    assert addresses(found) == {**wanted, "n1": "203.0.113.1", "server-2": OWN["n2"]}
    assert found.variables["n1"]["rack"] == "x"
    assert found.groups["harvester_control_plane"] == ["n1", "server-2", "n3"]


def test_it_is_overwritten_where_that_is_asked_for(listing: Listing) -> None:
    found = listing({"hosts.yml": STATIC, "z.harvester.yml": {**PLUGIN, "overwrite": True}})
    assert addresses(found)["n1"] == OWN["n1"]


def test_a_static_inventory_that_comes_later_wins(listing: Listing) -> None:
    found = listing(
        {"a.harvester.yml": PLUGIN, "hosts.yml": {"all": {"hosts": {"n1": {"ansible_host": "203.0.113.1"}}}}}
    )
    assert addresses(found) == {**OWN, "n1": "203.0.113.1"}


def test_the_cache_saves_requests_and_never_gives_another_clusters_nodes(
    listing: Listing, api: Api, tmp_path: Path
) -> None:
    cached = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    sources = {"cluster.harvester.yml": {**PLUGIN, **cached}}
    first = listing(sources)
    assert listing(sources) == first
    assert api.requests == LISTED
    other = cluster()
    with serving(other) as elsewhere:
        listing(sources, K8S_AUTH_HOST=elsewhere)
    assert other.requests == LISTED
    listing(sources, cache=False)
    assert api.requests == dict.fromkeys(LISTED, 2)


def plain(value: Any) -> Any:
    """Without the mark of texts that no template may come from."""
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_an_inventory_source_of_awx(tmp_path: Path, url: str) -> None:
    """The command that AWX runs, with what its credential for Kubernetes sets."""
    (source,) = written(tmp_path, {"cluster.harvester.yml": PLUGIN})
    argv = ["ansible-inventory", "--list", "--export", "-i", str(source), "--output", str(tmp_path / "out.json")]
    env = {**os.environ, "K8S_AUTH_HOST": url, "K8S_AUTH_API_KEY": TOKEN, "K8S_AUTH_VERIFY_SSL": "False"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = plain(json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))
    assert found["harvester_nodes"]["hosts"] == list(NODES)
    assert found["_meta"]["hostvars"]["n1"]["ansible_host"] == OWN["n1"]


def test_a_missing_permission_is_named(tmp_path: Path, listing: Listing) -> None:
    nodes_only = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]
    with serving(cluster(nodes_only)) as url:
        found = listing({"cluster.harvester.yml": PLUGIN}, K8S_AUTH_HOST=url)
    assert "grant the verb 'list' on 'linkmonitors.network.harvesterhci.io'" in found.errors


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "harvester_node_version",
            (
                "node n1: hostname=harvester_node_version: it gives None, which is no name; give an expression that is"
                " a text for every node"
            ),
        ),
        ("nothing.at_all", "node n1: hostname=nothing.at_all: 'nothing' is undefined"),
    ],
)
def test_an_expression_that_gives_no_name(listing: Listing, expression: str, message: str) -> None:
    assert message in listing({"cluster.harvester.yml": {**PLUGIN, "hostname": expression}}).errors


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("harvester.yml", True),
        ("harvester.yaml", True),
        ("cluster.harvester.yml", True),
        ("cluster.harvester.yaml", True),
        ("notharvester.yml", False),
        ("harvester.json", False),
        ("hosts.yml", False),
    ],
)
def test_files_that_are_its_own(tmp_path: Path, name: str, expected: bool) -> None:
    (tmp_path / name).touch()
    assert harvester.InventoryModule().verify_file(str(tmp_path / name)) is expected
    assert not harvester.InventoryModule().verify_file(str(tmp_path / "absent" / name))


def test_every_option_of_the_authentication_is_documented_by_its_fragment() -> None:
    document = yaml.safe_load(harvester.DOCUMENTATION)
    assert {"harvester.network.cluster_api", "harvester.network.cluster_auth"} <= set(
        document["extends_documentation_fragment"]
    )
    assert [source["plugin"] for source in yaml.safe_load_all(harvester.EXAMPLES)] == [PLUGIN["plugin"]] * 3
