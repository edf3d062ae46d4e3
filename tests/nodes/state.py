# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests ask of a node and of its profiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import Node

FOLDER = "/etc/NetworkManager/system-connections"
STRANGER = "ip link add link mgmt-br name stranger type vlan id 2018"
DEVICES = ("mgmt-bo", "mgmt-br", "mgmt-br.2017")


def mtu_items(mtu: int) -> list[dict[str, Any]]:
    return [{"id": name, "mtu": mtu} for name in ("bond-mgmt", "bridge-mgmt", "vlan-mgmt")]


def vlan_items(*vids: int | str) -> list[dict[str, Any]]:
    """Both whole lists with these secondary VLAN ids."""
    return [
        {"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", 2017, *vids]}},
        {"id": "bridge-mgmt", "bridge": {"vlans": [2017, *vids]}},
    ]


def holder(vid: int) -> dict[str, Any]:
    """A VLAN profile without addresses that holds an id."""
    name = f"mgmt-br.{vid}"
    item = {"id": name, "type": "vlan", "interface_name": name, "vlan": {"id": vid, "parent": "mgmt-br"}}
    return {**item, "ipv4": {"method": "disabled"}, "ipv6": {"method": "disabled"}}


def files(node: Node) -> str:
    """Every keyfile with its mode and text, to compare byte for byte."""
    return node.run(f"cd {FOLDER} && stat -c '%n %a %U' * && grep -H '' *").stdout


def mtus(node: Node) -> dict[str, int]:
    return {link["ifname"]: link["mtu"] for link in node.json("ip -j link show")}


def vids(node: Node, device: str) -> set[int]:
    """VLAN ids in the kernel's table of a device."""
    found = set()
    for table in node.json("bridge -j vlan show"):
        if table["ifname"] == device:
            for entry in table["vlans"]:
                found |= set(range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1))
    return found


def bonding(node: Node, option: str, bond: str = "mgmt-bo") -> str:
    return node.output(["cat", f"/sys/class/net/{bond}/bonding/{option}"])


@contextmanager
def nmcli_wrapped(node: Node, line: str) -> Iterator[None]:
    """Every start of nmcli on the node, whoever starts it, runs this line of shell first."""
    node.run("cp -n /usr/bin/nmcli /usr/local/bin/nmcli.real")
    script = f'#!/bin/sh\n{line}\nexec /usr/local/bin/nmcli.real "$@"\n'
    node.write("/usr/local/bin/nmcli.wrapper", script, 0o755)
    node.run("mount --bind /usr/local/bin/nmcli.wrapper /usr/bin/nmcli")
    try:
        yield
    finally:
        node.run("umount -l /usr/bin/nmcli")


@contextmanager
def without(node: Node, program: str) -> Iterator[None]:
    """The program, by its path, fails at once, whoever starts it."""
    node.write("/usr/local/bin/fails", '#!/bin/sh\necho "no $0 today" >&2\nexit 1\n', 0o755)
    node.run(f"mount --bind /usr/local/bin/fails {program}")
    try:
        yield
    finally:
        node.run(f"umount -l {program}")


AGENT = """#!/bin/sh
# What Harvester's agent does at every boot: ids on mgmt-bo that neither a device mgmt-br.<id> nor a VM uses go.
for vid in $(bridge -j vlan show dev mgmt-bo | python3 -c '
import json, sys
for table in json.load(sys.stdin):
    for entry in table["vlans"]:
        print(*range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1))'); do
    [ "$vid" = 1 ] || [ "$vid" = 100 ] || [ -e "/sys/class/net/mgmt-br.$vid" ] || bridge vlan del vid "$vid" dev mgmt-bo
done
touch /run/agent-was-here
"""
AGENT_UNIT = """[Unit]
After=lab-bystanders.service
Wants=lab-bystanders.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/agent
[Install]
WantedBy=multi-user.target
"""


def install_agent(node: Node) -> None:
    """From the next boot on the node has somebody who strips VLAN ids as Harvester's agent does."""
    node.write("/usr/local/sbin/agent", AGENT, 0o755)
    node.write("/etc/systemd/system/agent.service", AGENT_UNIT)
    node.run("systemctl enable agent.service")


def run_vm(node: Node, guest: str) -> None:
    """A process with the command line of a VM's QEMU."""
    program = f"exec -a /usr/bin/qemu-system-x86_64 sh -c 'sleep 600; :' x -name guest={guest},debug-threads=on"
    node.run(["systemd-run", "--collect", "bash", "-c", program])
