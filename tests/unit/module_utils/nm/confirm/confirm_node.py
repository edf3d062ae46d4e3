# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node as a folder: profiles, a kernel's files, and tools that change them, each of which may be the last one."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Sequence

from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondState,
    BridgeState,
    Link,
    Route,
    Snapshot,
    VlanEntry,
)
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._checkpoint import Checkpoint, Wish
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm._store import FOLDER

CONNECTIONS = "etc/NetworkManager/system-connections"
BOOT = "0b7f1c2e-0000-4000-8000-000000000001"

BOND = """[connection]
id=bond-mgmt
type=bond
interface-name=mgmt-bo
master=mgmt-br
slave-type=bridge

[ethernet]
mtu=1500

[bond]
mode=active-backup
miimon=100

[bridge-port]
vlans=1 pvid untagged,2017
"""
BRIDGE = """[connection]
id=bridge-mgmt
type=bridge
interface-name=mgmt-br

[bridge]
vlan-filtering=true
vlans=2017
"""
VLAN = """[connection]
id=vlan-mgmt
type=vlan

[vlan]
id=2017
parent=mgmt-br

[ipv4]
method=manual
address1=192.0.2.11/24,192.0.2.1

[ipv6]
method=disabled
"""
PROFILES = {"bond-mgmt.nmconnection": BOND, "bridge-mgmt.nmconnection": BRIDGE, "vlan-mgmt.nmconnection": VLAN}
NEW = "mgmt-br.2018.nmconnection"

# Every tool is this script: it counts its call, dies with everything that runs when its number is the cut, and acts.
TOOL = r"""#!/bin/sh
root=@ROOT@
name=${0##*/}
read -r count <"$root/count"
count=$((count + 1))
echo "$count" >"$root/count"
read -r cut <"$root/cut"
[ "$count" != "$cut" ] || kill -9 0
PATH=/usr/sbin:/usr/bin:/sbin:/bin
net=$root/sys/class/net
case $name in
sync | cp | mv | rm | chown | chmod | sha256sum | stat)
    [ "$name" != sync ] || set --
    [ "$name" = sync ] || exec "$name" "$@"
    exit 0
    ;;
esac
echo "$name $*" >>"$root/log"
case "$name $*" in
"nmcli -t -f RUNNING general") echo running ;;
"nmcli -w 60 connection up id bond-mgmt")
    mkdir -p "$net/mgmt-bo"
    ln -sfn ../mgmt-br "$net/mgmt-bo/master"
    ;;
"nmcli -w 60 connection up id vlan-mgmt")
    mkdir -p "$net/mgmt-br.2017"
    echo 1500 >"$net/mgmt-br.2017/mtu"
    ;;
"nmcli connection load"*) [ ! -f "$root/no-load" ] || exit 2 ;;
"nmcli -g"*) exit 10 ;;
"chcon "*) [ ! -f "$root/no-chcon" ] || exit 1 ;;
"ip link set dev "*" mtu "*) echo "$6" >"$net/$4/mtu" ;;
"ip link delete dev "*) rm -r "$net/$4" ;;
"ip -o addr show dev "*) [ ! -f "$root/addresses-$5" ] || cat "$root/addresses-$5" ;;
"bridge vlan show dev "*) [ ! -f "$root/vlans-$4" ] || cat "$root/vlans-$4" ;;
"bridge vlan add vid "*) echo "	$4" >>"$root/vlans-$6" ;;
"bridge vlan del vid "*) sed -i "/	$4\$/d" "$root/vlans-$6" ;;
"busctl call"*GetDeviceByIpIface*) echo "o \"/org/freedesktop/NetworkManager/Devices/$7\"" ;;
"busctl call"*Reapply*)
    [ ! -f "$root/no-reapply" ] || exit 1
    echo "5: ${3##*/} inet 192.0.2.11/24 scope global" >"$root/addresses-${3##*/}"
    ;;
"systemctl is-active"*) [ -f "$root/live" ] ;;
esac
"""
TOOLS = "sync cp mv rm chown chmod chcon sha256sum stat nmcli ip bridge busctl systemctl systemd-run sleep".split()


class Node:
    """A node below a folder."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.connections = root / CONNECTIONS
        self.connections.mkdir(parents=True)
        (root / "etc/systemd/system").mkdir(parents=True)
        (root / "usr/bin").mkdir(parents=True)
        for name in TOOLS:
            path = root / "usr/bin" / name
            path.write_text(TOOL.replace("@ROOT@", str(root)))
            path.chmod(0o755)
        for name, text in PROFILES.items():
            self.write(name, text)
        for device in ("eno1", "mgmt-bo", "mgmt-br", "mgmt-br.2017", "flannel.1"):
            self.device(device, 1500)
        (self.net / "mgmt-bo/master").symlink_to("../mgmt-br")
        (self.net / "mgmt-bo/bonding").mkdir()
        self.put("sys/class/net/mgmt-bo/bonding/mode", "active-backup 1")
        self.put("sys/class/net/mgmt-bo/bonding/miimon", "100")
        self.put("addresses-mgmt-br.2017", "5: mgmt-br.2017 inet 192.0.2.11/24 scope global")
        self.put("vlans-mgmt-bo", "port vlan-id\nmgmt-bo\t1 PVID Egress Untagged\n\t2017")
        self.put("vlans-mgmt-br", "port vlan-id\nmgmt-br\t1 PVID Egress Untagged\n\t2017")
        self.put("proc/sys/kernel/random/boot_id", BOOT)
        self.put("count", "0")
        self.put("cut", "0")
        self.commands: list[str] = []
        self.touched = (*PROFILES, NEW)
        self.fail = ""
        self.knows = "LoadState=loaded\nNeedDaemonReload=no\n\n" * 2

    @property
    def net(self) -> pathlib.Path:
        return self.root / "sys/class/net"

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")

    def device(self, name: str, mtu: int) -> None:
        self.put(f"sys/class/net/{name}/mtu", str(mtu))

    def write(self, name: str, text: str) -> None:
        path = self.connections / name
        path.write_text(text)
        path.chmod(0o600)

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.connections.iterdir())}

    def log(self) -> list[str]:
        path = self.root / "log"
        return path.read_text().splitlines() if path.exists() else []

    def run(self, argv: Sequence[str]) -> tuple[int, str, str]:
        """Commands of the library; systemd starts the program when it is asked to."""
        line = " ".join(argv)
        self.commands.append(line)
        if self.fail and line.startswith(self.fail):
            return 1, "", "it broke"
        if line == "systemctl start --no-block harvester-network-confirm.service":
            self.program()
        return 0, self.knows if line.startswith("systemctl show") else "", ""

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.run, str(self.root), clock=lambda: 1767225600, sleep=lambda _seconds: None)

    def snapshot(self) -> Snapshot:
        bond = BondState("active-backup", {"mode": "active-backup 1", "miimon": "100", "slaves": "eno1"})
        given = (
            Address("192.0.2.11", 24, noprefixroute=True),
            Address("192.0.2.200", 32),  # a VIP
        )
        own = (VlanEntry(1, True, True), VlanEntry(2017))
        return Snapshot(
            {
                "eno1": Link("eno1", 2, "ether", 1500, controller="mgmt-bo"),
                "mgmt-bo": Link("mgmt-bo", 3, "bond", 1500, mac="52:54:00:00:00:01", controller="mgmt-br", bond=bond),
                "mgmt-br": Link("mgmt-br", 4, "bridge", 1500, bridge=BridgeState(vlan_filtering=True)),
                "mgmt-br.2017": Link("mgmt-br.2017", 5, "vlan", 1500, parent="mgmt-br", addresses=given),
                "veth1": Link("veth1", 6, "veth", 1500, controller="mgmt-br"),
                "flannel.1": Link("flannel.1", 7, "vxlan", 1450, parent="mgmt-br.2017"),
            },
            {"mgmt-bo": own, "mgmt-br": own, "veth1": (VlanEntry(100, True, True),)},
            (
                Route("default", "mgmt-br.2017", "192.0.2.1", "dhcp"),
                Route("198.51.100.0/24", "mgmt-br.2017", "192.0.2.1", "static"),
            ),
            BOOT,
        )

    def arm(self, name: str = "one", timeout: int = 60, window: str = "now", owner: str = "") -> None:
        paths = [f"/{CONNECTIONS}/{file}" for file in self.touched]
        wish = Wish(name, timeout, window, owner)
        self.checkpoint().arm(wish, paths, now=self.snapshot(), coming=["mgmt-br.2018"], added={"mgmt-bo": [2018]})

    def break_a_little(self) -> None:
        """A change of one profile, and a new one."""
        self.write("bond-mgmt.nmconnection", BOND.replace("1500", "9000"))
        self.write(NEW, "[connection]\nid=mgmt-br.2018\n")
        self.device("mgmt-bo", 9000)

    def break_it(self) -> None:
        """What a change did to the node."""
        self.break_a_little()
        self.write("vlan-mgmt.nmconnection", VLAN.replace("192.0.2.11", "192.0.2.99"))
        (self.connections / "bridge-mgmt.nmconnection").unlink()
        self.device("mgmt-br.2018", 1500)
        self.put("addresses-mgmt-br.2017", "5: mgmt-br.2017 inet 192.0.2.99/24 scope global")
        self.put("vlans-mgmt-bo", "port vlan-id\nmgmt-bo\t1 PVID Egress Untagged\n\t2018")

    def program(self, cut: int = 0) -> int:
        """Run the program as systemd does; ``cut``: the number of the tool's call at which the power goes."""
        self.put("count", "0")
        self.put("cut", str(cut))
        argv = ["/bin/sh", f"{self.root}{FOLDER}/restore.sh", f"{self.root}{FOLDER}", str(self.root)]
        done = subprocess.run(argv, capture_output=True, text=True, start_new_session=True, check=False, timeout=60)
        assert not done.stderr, done.stderr
        return done.returncode

    @property
    def calls(self) -> int:
        """Tools that the last run of the program called."""
        return int((self.root / "count").read_text())
