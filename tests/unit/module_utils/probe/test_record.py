# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record and list, and the program that removes, run by real shells against an ip and a bridge of the test's."""

from __future__ import annotations

import pathlib
import shutil
import stat
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoint import mac_of, veth_of
from ansible_collections.harvester.network.plugins.module_utils.probe._record import (
    PROGRAM,
    Item,
    Record,
    Store,
    from_list,
    read_output,
    to_list,
)

VETH = veth_of("a", "v18")
ITEMS = (
    Item("veth", VETH, ("mgmt-br",)),
    Item("namespace", "hnprobe-a-v18"),
    Item("vlan", "2018", ("mgmt-bo", "mgmt-br")),
)
RECORD = Record("a", 1700000600, 600, ({"key": "v18"},), ITEMS, {"v18": [str(item) for item in ITEMS]})

WORDS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,14}", fullmatch=True)
ITEM = st.one_of(
    st.builds(Item, st.just("veth"), WORDS, st.tuples(WORDS)),
    st.builds(Item, st.just("namespace"), WORDS, st.just(())),
    st.builds(Item, st.just("vlan"), st.integers(1, 4094).map(str), st.tuples(WORDS, WORDS, WORDS)),
)


@given(st.lists(ITEM).map(tuple), st.booleans(), st.dictionaries(WORDS, st.lists(st.text())))
def test_a_record_reads_as_it_was_written(items: tuple[Item, ...], ready: bool, made: dict[str, list[str]]) -> None:
    record = RECORD._replace(items=items, ready=ready, made=made)
    assert Record.from_json(record.to_json()) == record
    assert from_list(to_list(items)) == items


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"items": [1]}', '{"items": [], "endpoints": []}'])
def test_what_is_no_record_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        Record.from_json(text)


def test_items_read_as_sentences() -> None:
    assert [str(item) for item in ITEMS] == [
        f"veth {VETH} on mgmt-br",
        "network namespace hnprobe-a-v18",
        "VLAN id 2018 on mgmt-bo",
    ]


def test_output_of_the_program() -> None:
    text = (
        f"removed veth {VETH} mgmt-br\nkept vlan 2018 mgmt-bo mgmt-br: mgmt-br uses it now\n"
        "failed namespace hnprobe-a-v18: Device or resource busy\n\nsh: what\n"
    )
    assert read_output(text) == {
        "removed": [f"veth {VETH} on mgmt-br"],
        "kept": ["VLAN id 2018 on mgmt-bo: mgmt-br uses it now"],
        "failed": ["network namespace hnprobe-a-v18: Device or resource busy", "sh: what"],
    }


@pytest.fixture
def store(tmp_path: pathlib.Path) -> Store:
    return Store(str(tmp_path / "probe"))


def test_the_folder_is_roots_alone(store: Store) -> None:
    store.write(RECORD)
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in pathlib.Path(store.folder).iterdir()}
    assert modes == {"a.json": 0o600, "a.list": 0o600, "a.sh": 0o600}
    assert stat.S_IMODE(pathlib.Path(store.folder).stat().st_mode) == 0o700
    assert (store.load("a"), store.items("a"), store.exists("a")) == (RECORD, ITEMS, True)
    assert (store.load("b"), store.exists("b")) == (None, False)


def test_a_folder_that_others_can_write_is_refused(store: Store) -> None:
    pathlib.Path(store.folder).mkdir()
    pathlib.Path(store.folder).chmod(0o770)
    with pytest.raises(NetworkError) as caught:
        store.write(RECORD)
    assert str(caught.value) == (
        f"{store.folder}: must be a folder of root's with mode 0700; look what it is, and remove it"
    )


def test_a_link_in_the_place_of_the_folder_is_refused(store: Store, tmp_path: pathlib.Path) -> None:
    (tmp_path / "else").mkdir(0o700)
    pathlib.Path(store.folder).symlink_to(tmp_path / "else")
    with pytest.raises(NetworkError, match="must be a folder of root's"):
        store.write(RECORD)


def test_list_and_record_stand_in_for_one_another(store: Store) -> None:
    store.write(RECORD)
    pathlib.Path(store.path("a", ".list")).unlink()
    assert store.items("a") == ITEMS
    store.repair("a", ITEMS[:1])
    pathlib.Path(store.path("a", ".json")).write_text("{")
    assert (store.load("a"), store.items("a")) == (None, ITEMS[:1])
    pathlib.Path(store.path("a", ".list")).unlink()
    with pytest.raises(NetworkError) as caught:
        store.items("a")
    assert str(caught.value) == (
        f"probe 'a': neither {store.folder}/a.list nor {store.folder}/a.json can be read; look for devices hnp* and"
        " network namespaces hnprobe-a-*, remove them, then the files"
    )


def test_ids_of_other_probes(store: Store) -> None:
    assert store.shared("a") == []
    store.write(RECORD)
    assert (store.shared("a"), store.shared("b")) == ([], [ITEMS[2]])


# --- the program

# busybox would run its own ip.
SHELLS = [shell for shell in (["dash"], ["bash", "--posix"]) if shutil.which(shell[0])]

IP = r"""#!/bin/sh
case "$*" in
"-o link show dev "*)
    file=$STATE/$5
    [ -e "$file" ] || { echo "Device \"$5\" does not exist." >&2; exit 1; }
    case "$*" in
    *" type veth") grep -s ': veth' "$file" >/dev/null || exit 0 ;;
    esac
    sed 's/^: [a-z]* //' "$file"
    ;;
"link del dev "*) echo "ip $*" >>"$STATE/../log"; [ ! -e "$STATE/../busy" ] || { echo "RTNETLINK answers:
busy" >&2; exit 2; }; rm "$STATE/$4" ;;
"netns del "*) echo "ip $*" >>"$STATE/../log" ;;
*) echo "unexpected: ip $*" >&2; exit 99 ;;
esac
"""
BRIDGE = r"""#!/bin/sh
case "$*" in
"vlan show") cat "$STATE/../vlans" ;;
"vlan del dev "*) echo "bridge $*" >>"$STATE/../log" ;;
*) echo "unexpected: bridge $*" >&2; exit 99 ;;
esac
"""
VLANS = """\
port              vlan-id
mgmt-bo           1 PVID Egress Untagged
                  100
                  2018
mgmt-br           1 PVID Egress Untagged
                  2017
other-br          2018
vethvm1           100 PVID Egress Untagged
hnp00000000       2018 PVID Egress Untagged
"""
OLD_VLANS = "port\tvlan ids\nmgmt-bo\t 1 PVID Egress Untagged\n\t 100\n\t 2018\n\nmgmt-br\tNone\n"


class Machine:
    """A folder that the program takes for a node."""

    def __init__(self, folder: pathlib.Path, shell: list[str]) -> None:
        self.folder, self.shell = folder, shell
        self.store = Store(str(folder / "run" / "probe"))
        (folder / "run").mkdir()
        for name, text in (("ip", IP), ("bridge", BRIDGE)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        (folder / "links").mkdir()
        (folder / "netns").mkdir()
        (folder / "netns" / "hnprobe-a-v18").touch()
        self.vlans(VLANS)
        self.link("mgmt-bo", "bond", "52:54:00:00:00:01", "master mgmt-br")
        self.link("mgmt-br", "bridge", "52:54:00:00:00:01")
        self.link("other-br", "bridge", "52:54:00:00:00:02")
        self.link("vethvm1", "veth", "fe:54:00:00:00:02", "master mgmt-br")
        self.link(VETH, "veth", mac_of(VETH), "master mgmt-br")

    def vlans(self, text: str) -> None:
        (self.folder / "vlans").write_text(text)

    def link(self, name: str, kind: str, mac: str, more: str = "", end: str = "") -> None:
        line = f"3: {name}@if2: <UP> mtu 1500 qdisc noqueue {more} state UP \\    link/ether {mac} brd ff{end}"
        (self.folder / "links" / name).write_text(f": {kind} {line}\n")

    def run(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        """Exit status, output, and what was done."""
        program = PROGRAM.replace("PATH=/", f"PATH={self.folder}/bin:/").replace("/run/netns", f"{self.folder}/netns")
        path = self.folder / "program.sh"
        path.write_text(program)
        done = subprocess.run(
            [*self.shell, str(path), *(arguments or (self.store.folder, "a"))],
            env={"STATE": str(self.folder / "links")},
            capture_output=True,
            text=True,
            check=False,
        )
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines(), lines

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "run").rglob("*"))


@pytest.fixture(params=SHELLS, ids=lambda shell: shell[0])
def machine(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Machine:
    return Machine(tmp_path, request.param)


def test_exactly_what_was_made_is_removed(machine: Machine) -> None:
    machine.store.write(RECORD)
    assert machine.run() == (
        0,
        [f"removed veth {VETH} mgmt-br", "removed namespace hnprobe-a-v18", "removed vlan 2018 mgmt-bo mgmt-br"],
        [f"ip link del dev {VETH}", "ip netns del hnprobe-a-v18", "bridge vlan del dev mgmt-bo vid 2018"],
    )
    assert machine.files() == [], "the folder goes with the last probe"
    assert machine.run() == (0, [], []), "a second run finds nothing"


def test_old_iproute2_writes_its_tables_otherwise(machine: Machine) -> None:
    machine.vlans(OLD_VLANS)
    machine.store.write(RECORD._replace(items=ITEMS[2:]))
    assert machine.run()[1] == ["removed vlan 2018 mgmt-bo mgmt-br"]


def test_what_is_gone_already_is_no_line(machine: Machine) -> None:
    machine.vlans(VLANS.replace("                  2018\n", ""))
    (machine.folder / "links" / VETH).unlink()
    (machine.folder / "netns" / "hnprobe-a-v18").unlink()
    machine.store.write(RECORD)
    assert machine.run() == (0, [], [])
    assert machine.files() == []


def test_an_uplink_that_left_the_bridge_is_left_alone(machine: Machine) -> None:
    machine.link("mgmt-bo", "bond", "52:54:00:00:00:01", "master other-br")
    machine.store.write(RECORD._replace(items=ITEMS[2:]))
    assert machine.run() == (0, [], [])


@pytest.mark.parametrize(
    ("kind", "mac", "end"),
    [
        ("dummy", mac_of(VETH), ""),
        ("veth", "52:54:00:00:00:09", ""),
        ("veth", "52:54:00:00:00:09", " link-netns cni-1"),
    ],
)
def test_a_device_of_the_same_name_that_is_another_stays(machine: Machine, kind: str, mac: str, end: str) -> None:
    machine.link(VETH, kind, mac, end=end)
    machine.store.write(RECORD._replace(items=ITEMS[:1]))
    assert machine.run() == (0, [f"kept veth {VETH} mgmt-br: it is another device of that name"], [])


def test_a_veth_whose_mac_was_changed_is_known_by_its_other_end(machine: Machine) -> None:
    machine.link(VETH, "veth", "52:54:00:00:00:09", end=" link-netns hnprobe-a-v18")
    machine.store.write(RECORD._replace(items=ITEMS[:1]))
    assert machine.run()[1] == [f"removed veth {VETH} mgmt-br"]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (
            "2018\nmgmt-br",
            "2018 PVID Egress Untagged\nmgmt-br",
            "it is 'PVID Egress Untagged' now, which a probe never makes it",
        ),
        ("2018\nmgmt-br", "2018 Egress Untagged\nmgmt-br", "it is 'Egress Untagged' now, which a probe never makes it"),
        ("2017\n", "2017\n                  2018\n", "mgmt-br uses it now"),
        ("vethvm1           100", "vethvm1           2018", "vethvm1 uses it now"),
    ],
)
def test_an_id_that_others_use_stays(machine: Machine, before: str, after: str, why: str) -> None:
    machine.vlans(VLANS.replace(before, after))
    machine.store.write(RECORD._replace(items=ITEMS[2:]))
    assert machine.run() == (0, [f"kept vlan 2018 mgmt-bo mgmt-br: {why}"], [])
    assert machine.files() == []


def test_a_port_that_had_the_id_before_does_not_keep_it(machine: Machine) -> None:
    machine.vlans(VLANS.replace("2017\n", "2017\n                  2018\n"))
    machine.store.write(RECORD._replace(items=(Item("vlan", "2018", ("mgmt-bo", "mgmt-br", "mgmt-br")),)))
    assert machine.run()[1] == ["removed vlan 2018 mgmt-bo mgmt-br"]


def test_an_id_that_is_the_end_of_another_is_not_that_one(machine: Machine) -> None:
    machine.vlans(VLANS.replace("                  2018\n", "                  201\n"))
    machine.store.write(RECORD._replace(items=ITEMS[2:]))
    assert machine.run() == (0, [], [])


def test_the_last_probe_takes_a_shared_id_along(machine: Machine) -> None:
    shared = Item("vlan", "2018", ("mgmt-bo", "mgmt-br", "mgmt-br"))
    machine.store.write(RECORD._replace(items=(shared,)))
    machine.store.write(RECORD._replace(name="b", items=(shared,)))
    assert machine.run()[:2] == (0, ["kept vlan 2018 mgmt-bo mgmt-br: another probe uses it"])
    assert machine.files() == ["b.json", "b.list", "b.sh", "probe"]
    assert machine.run(machine.store.folder, "b")[1] == ["removed vlan 2018 mgmt-bo mgmt-br"]
    assert machine.files() == []


def test_a_failure_keeps_the_record_and_the_rest_goes_on(machine: Machine) -> None:
    machine.store.write(RECORD)
    (machine.folder / "busy").touch()
    status, output, _log = machine.run()
    assert (status, output[0]) == (1, f"failed veth {VETH} mgmt-br: RTNETLINK answers: busy")
    assert len(output) == 3
    assert machine.files() == ["a.json", "a.list", "a.sh", "probe"]
    (machine.folder / "busy").unlink()
    assert machine.run()[0] == 0
    assert machine.files() == []


@pytest.mark.parametrize(
    "line",
    [
        "veth eth0 mgmt-br",
        "veth hnp/../x mgmt-br",
        "veth hnp1 $(touch x)",
        "namespace cni-1",
        "namespace hnprobe-b-v18",
        "namespace hnprobe-a-../x",
        "vlan 20x mgmt-bo mgmt-br",
        "vlan 2018 -f mgmt-br",
        "vlan 2018",
        "vlan * mgmt-bo mgmt-br",
        "reboot now",
        "",
    ],
)
def test_a_line_that_is_none_of_the_lists_does_nothing(machine: Machine, line: str) -> None:
    machine.store.write(RECORD)
    pathlib.Path(machine.store.path("a", ".list")).write_text(line + "\n")
    status, output, log = machine.run()
    assert (status, log, len(output)) == (1, [], 1)
    assert output[0].startswith("failed: no line of the list: ")
    assert "a.list" in machine.files()


@pytest.mark.parametrize("name", ["", "../a", "-a", "a b"])
def test_a_name_that_is_none_is_refused(machine: Machine, name: str) -> None:
    assert machine.run(machine.store.folder, name) == (2, [f"failed: '{name}' is no name of a probe"], [])


def test_the_program_is_posix_and_has_no_findings() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    # Words are split where the text says so: 'set -f' is on.
    argv = ["shellcheck", "-s", "sh", "-e", "SC2086", "-"]
    done = subprocess.run(argv, input=PROGRAM, capture_output=True, text=True, check=False)
    assert done.stdout == ""
