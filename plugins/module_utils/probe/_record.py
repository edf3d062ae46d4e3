# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a probe on the node, the list of what to remove, and the shell program that removes it.

This module util is private to the collection. All three lie in one folder before anything is made. The program is a
fixed text and needs neither Python nor the module's files: a timer runs it when nobody else does.
"""

from __future__ import annotations

import json
import os
import stat
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError

FOLDER = "/run/harvester-network-probe"
SUFFIXES = (".json", ".list", ".sh")


class Item(NamedTuple):
    """Something that a probe made.

    kind veth: name of the host end, words: its bridge. kind namespace: name. kind vlan: name is the id, words are
    uplink, bridge and the devices that had the id before.
    """

    kind: str
    name: str
    words: Tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return " ".join((self.kind, self.name) + self.words)

    def __str__(self) -> str:
        if self.kind == "namespace":
            return "network namespace %s" % self.name
        return "%s %s on %s" % ("VLAN id" if self.kind == "vlan" else self.kind, self.name, self.words[0])


class Record(NamedTuple):
    """What a probe is and made. endpoints: as asked for, JSON-clean. ready: whether making came to its end.

    expires: seconds since the epoch. made: key to texts of what was really new.
    """

    name: str
    expires: int
    lifetime: int
    endpoints: Tuple[Any, ...]
    items: Tuple[Item, ...]
    made: Dict[str, List[str]]
    ready: bool = False

    def to_json(self) -> str:
        items = [{"kind": item.kind, "name": item.name, "words": list(item.words)} for item in self.items]
        return json.dumps(dict(self._asdict(), endpoints=list(self.endpoints), items=items), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """The inverse of to_json(). Raises ValueError for anything else."""
        try:
            data = json.loads(text)
            items = tuple(Item(item["kind"], item["name"], tuple(item["words"])) for item in data["items"])
            return cls(**dict(data, endpoints=tuple(data["endpoints"]), items=items))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no record: %s" % error) from None


def to_list(items: Sequence[Item]) -> str:
    return "".join(item.line + "\n" for item in items)


def from_list(text: str) -> Tuple[Item, ...]:
    """What the program would read; lines that it skips are left out."""
    found = []
    for line in text.splitlines():
        kind, _space, rest = line.partition(" ")
        words = rest.split()
        if words and len(words) >= {"veth": 2, "namespace": 1, "vlan": 3}.get(kind, len(words) + 1):
            found.append(Item(kind, words[0], tuple(words[1:])))
    return tuple(found)


class Store:
    """The folder of records."""

    def __init__(self, folder: str = FOLDER) -> None:
        self.folder = folder

    def path(self, name: str, suffix: str) -> str:
        return os.path.join(self.folder, name + suffix)

    def exists(self, name: str) -> bool:
        return any(os.path.lexists(self.path(name, suffix)) for suffix in SUFFIXES)

    def load(self, name: str) -> Optional[Record]:
        """None when there is none or it does not parse; the list may be there all the same."""
        try:
            return Record.from_json(self._read(name, ".json"))
        except (OSError, ValueError):
            return None

    def items(self, name: str) -> Tuple[Item, ...]:
        """What is to be removed. Raises NetworkError when neither list nor record can be read."""
        try:
            return from_list(self._read(name, ".list"))
        except OSError:
            record = self.load(name)
        if record is None:
            raise NetworkError(
                "probe '%s': neither %s nor %s can be read; look for devices hnp* and network namespaces"
                " hnprobe-%s-*, remove them, then the files" % (name, *self._named(name), name)
            )
        return record.items

    def shared(self, name: str) -> List[Item]:
        """VLAN ids that the records of other probes have."""
        found: List[Item] = []
        for file in sorted(os.listdir(self.folder)) if os.path.isdir(self.folder) else ():
            other, suffix = os.path.splitext(file)
            if suffix == ".list" and other != name:
                found += [item for item in from_list(self._read(other, suffix)) if item.kind == "vlan"]
        return found

    def write(self, record: Record) -> None:
        """Record, list and program. Raises NetworkError when the folder is not root's alone."""
        self._prepare()
        self._put(record.name, ".sh", PROGRAM)
        self._put(record.name, ".list", to_list(record.items))
        self._put(record.name, ".json", record.to_json() + "\n")

    def repair(self, name: str, items: Sequence[Item]) -> None:
        """List and program anew: whatever became of them, the program can run."""
        self._prepare()
        self._put(name, ".list", to_list(items))
        self._put(name, ".sh", PROGRAM)

    def _named(self, name: str) -> Tuple[str, str]:
        return self.path(name, ".list"), self.path(name, ".json")

    def _read(self, name: str, suffix: str) -> str:
        with open(self.path(name, suffix), encoding="utf-8") as stream:
            return stream.read()

    def _put(self, name: str, suffix: str, text: str) -> None:
        path = self.path(name, suffix)
        descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(path + ".new", path)

    def _prepare(self) -> None:
        try:
            os.mkdir(self.folder, 0o700)
        except FileExistsError:
            found = os.lstat(self.folder)
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise NetworkError(
                    "%s: must be a folder of root's with mode 0700; look what it is, and remove it" % self.folder
                ) from None


def read_output(output: str) -> Dict[str, List[str]]:
    """What the program printed, as texts by its first words: removed, kept, failed."""
    found: Dict[str, List[str]] = {"removed": [], "kept": [], "failed": []}
    for line in output.splitlines():
        word, _space, rest = line.partition(" ")
        what, colon, why = rest.partition(": ")
        if word in found and from_list(what):
            found[word].append("%s%s%s" % (from_list(what)[0], colon, why))
        elif line.strip():
            found["failed"].append(line.strip())
    return found


PROGRAM = r"""#!/bin/sh
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Removes what probe_endpoint of the Ansible collection harvester.network made on this node, and nothing else.
# Arguments: the folder and the name of the probe. The list <folder>/<name>.list has a line for each thing:
#   veth <device> <bridge>
#   namespace <name>
#   vlan <id> <uplink> <bridge> [<device that had the id before> ...]
# Prints a line for each thing: removed, kept (it is not ours any more) or failed. What is gone already is no line.
set -u
set -f
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# A word that cannot be an option or a path.
plain() {
    case $1 in
    '' | -* | *[!A-Za-z0-9._-]*) return 1 ;;
    esac
}

try() {
    what=$1
    shift
    if said=$("$@" 2>&1 </dev/null); then
        echo "removed $what"
    else
        failed=1
        echo "failed $what:" $said
    fi
}

remove_veth() {
    shown=$(ip -o link show dev "$1" 2>/dev/null) || return 0
    # Its kind, and its MAC or the namespace of its other end, tell that the device is the one that was made.
    mac=fe:ff:$(echo "${1#hnp}" | sed 's/../&:/g; s/:$//')
    if [ -n "$(ip -o link show dev "$1" type veth 2>/dev/null)" ]; then
        case $shown in
        *" link/ether $mac "* | *" link-netns hnprobe-$name-"*)
            try "veth $1 $2" ip link del dev "$1"
            return 0
            ;;
        esac
    fi
    echo "kept veth $1 $2: it is another device of that name"
}

remove_namespace() {
    [ -e "/run/netns/$1" ] || return 0
    try "namespace $1" ip netns del "$1"
}

# All VLAN ids of all ports, a line each: port, id, flags.
table() {
    bridge vlan show 2>/dev/null </dev/null | {
        port=
        while read -r line; do
            set -- $line
            case ${1-} in
            '') continue ;;
            *[!0-9]*)
                port=$1
                shift
                ;;
            esac
            [ -z "${1-}" ] || echo "$port $*"
        done
    }
}

port_of() {
    [ "$1" = "$2" ] && return 0
    case $(ip -o link show dev "$1" 2>/dev/null) in
    *" master $2 "*) return 0 ;;
    esac
    return 1
}

# The devices of a bridge that have a VLAN id now, without endpoints of probes.
holders_of() {
    table | while read -r port vid flags; do
        case $vid$port in
        "$1"hnp*) ;;
        "$1$port") port_of "$port" "$2" && echo "$port" ;;
        esac
    done
}

remove_vlan() {
    vid=$1 uplink=$2 over=$3
    shift 3
    had=" $uplink $* "
    port_of "$uplink" "$over" || return 0
    what="vlan $vid $uplink $over"
    found=$(table | while read -r port entry flags; do
        [ "$port $entry" != "$uplink $vid" ] || echo "found $flags"
    done)
    case $found in
    '') return 0 ;;
    'found ') ;;
    *)
        echo "kept $what: it is '${found#found }' now, which a probe never makes it"
        return 0
        ;;
    esac
    for other in $others; do
        if grep -q "^$what\( \|\$\)" "$other"; then
            echo "kept $what: another probe uses it"
            return 0
        fi
    done
    for holder in $(holders_of "$vid" "$over"); do
        case $had in
        *" $holder "*) ;;
        *)
            echo "kept $what: $holder uses it now"
            return 0
            ;;
        esac
    done
    try "$what" bridge vlan del dev "$uplink" vid "$vid"
}

main() {
    folder=$1 name=$2 failed=0
    if ! plain "$name"; then
        echo "failed: '$name' is no name of a probe"
        exit 2
    fi
    list=$folder/$name.list
    [ -f "$list" ] || exit 0
    set +f
    others=
    for other in "$folder"/*.list; do
        [ "$other" = "$list" ] || [ ! -f "$other" ] || others="$others $other"
    done
    set -f
    while read -r kind first second third rest <&3; do
        case $kind in
        veth)
            case $first in
            hnp*) plain "$first" && plain "$second" && [ -z "$third" ] && remove_veth "$first" "$second" && continue ;;
            esac
            ;;
        namespace)
            case $first in
            hnprobe-"$name"-*) plain "$first" && [ -z "$second" ] && remove_namespace "$first" && continue ;;
            esac
            ;;
        vlan)
            case $first in
            '' | *[!0-9]*) ;;
            *)
                if plain "$second" && plain "$third"; then
                    remove_vlan "$first" "$second" "$third" $rest
                    continue
                fi
                ;;
            esac
            ;;
        esac
        failed=1
        echo "failed: no line of the list: $kind $first $second $third $rest"
    done 3<"$list"
    if [ "$failed" = 0 ]; then
        for file in "$folder/$name.json" "$folder/$name.list" "$folder/$name.sh"; do
            rm -f "$file" "$file.new"
        done
        rmdir "$folder" 2>/dev/null
    fi
    exit "$failed"
}

main "$@"
"""
