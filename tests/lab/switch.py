# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch between the nodes, and the router behind it, in the lab's network namespace.

The switch is a plain Linux bridge that passes tagged and jumbo frames. What is wrong with a real switch (a port's MTU,
a port that carries other VLANs or drops untagged frames, a port that is dead while its link is up) is one nftables
table of family bridge, written anew from `SwitchState` at each change: the host's kernel needs no VLAN filtering.

The router has its leg in the management network (gateway address) and one towards a second namespace, in which the
address beyond lives; both legs have an MTU of their own. It also serves DHCP to the nodes that ask.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import layout
from .host import LabError, Namespace, end_process, read_pid, run
from .layout import MAX_MTU, UPLINKS, LayoutName, NodeSpec
from .qemu import tap

MIN_MTU = 68
ROUTER_PORT = "router"
TRUNK, ACCESS, BEYOND = "rtrunk", "rmgmt", "rbeyond"
"""The router's port at the switch, its leg in the management network, its leg to the address beyond."""
DHCP_PID = "dnsmasq.pid"


@dataclass
class PortState:
    """One port as it is set: MTU in bytes (no tag counted), VLAN ids that pass (None: all), and two defects."""

    mtu: int = MAX_MTU
    vlans: list[int] | None = None
    strict: bool = False
    """A strict trunk: untagged frames are dropped."""
    silent: bool = False
    """Nothing passes, and the guest's link stays up."""

    def rules(self, device: str) -> list[str]:
        """nftables rules for both directions of the port."""
        drops: list[str] = []
        if self.silent:
            drops.append("")
        if self.mtu < MAX_MTU:
            drops.append(f"meta length > {self.mtu} ")
        if self.vlans is not None:
            allowed = ", ".join(map(str, self.vlans))
            drops.append(f"ether type 8021q vlan id != {{ {allowed} }} " if allowed else "ether type 8021q ")
        if self.strict:
            drops.append("ether type != 8021q ")
        return [f'{side} "{device}" {drop}counter drop' for drop in drops for side in ("iifname", "oifname")]


@dataclass
class SwitchState:
    """Everything that can be set at switch and router."""

    ports: dict[str, PortState] = field(default_factory=dict)
    """By ``NODE/u1`` and so on, and ``router``."""
    router_mtu: int = MAX_MTU
    """MTU of the router's leg in the management network, bytes."""
    beyond_mtu: int = 1500
    """MTU of the router's leg to the address beyond, bytes."""

    @classmethod
    def load(cls, path: Path) -> SwitchState:
        data = json.loads(path.read_text())
        ports = {name: PortState(**port) for name, port in data.pop("ports").items()}
        return cls(ports=ports, **data)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    def ruleset(self) -> str:
        """The nftables table, whole."""
        rules: dict[str, list[str]] = {"iifname": [], "oifname": []}
        for name, port in sorted(self.ports.items()):
            for rule in port.rules(device(name)):
                rules[rule.split()[0]].append(f"    {rule}")
        chains = []
        for hook, side in (("prerouting", "iifname"), ("postrouting", "oifname")):
            chains += [
                f"  chain {hook} {{",
                f"    type filter hook {hook} priority 0; policy accept;",
                *rules[side],
                "  }",
            ]
        return "\n".join(["table bridge lab", "delete table bridge lab", "table bridge lab {", *chains, "}", ""])


def device(port: str) -> str:
    """The switch's device of a port's name: ``node1/u1`` or ``router``. Raises LabError for an unknown name."""
    if port == ROUTER_PORT:
        return TRUNK
    node, _, uplink = port.partition("/")
    try:
        spec = layout.node_spec(node)
    except KeyError:
        spec = None
    if spec is None or uplink not in (*UPLINKS, "oob"):
        known = f"{', '.join(node.name for node in layout.NODES)} with /u1 to /u4 or /oob, or router"
        raise LabError(f"{port!r} is no port of the switch: ports are {known}.")
    return tap(spec, uplink)


def check_mtu(mtu: int) -> int:
    """``mtu`` itself when the switch can have it. Raises LabError else."""
    if not MIN_MTU <= mtu <= MAX_MTU:
        raise LabError(f"MTU {mtu}: the lab's switch and router take {MIN_MTU} to {MAX_MTU} bytes.")
    return mtu


def check_vlans(vlans: Iterable[int]) -> list[int]:
    """The ids sorted, each once. Raises LabError for one outside 1 to 4094."""
    found = sorted(set(vlans))
    for vid in found:
        if not 1 <= vid <= 4094:
            raise LabError(f"VLAN id {vid} is outside 1 to 4094.")
    return found


class Switch:
    """Switch and router of one lab."""

    def __init__(self, namespace: Namespace, beyond: Namespace, state_directory: Path) -> None:
        self.namespace = namespace
        self.beyond = beyond
        self.path = state_directory / "switch.json"

    def create_out_of_band(self) -> None:
        """The namespace and the out-of-band network in it: all that a lab without node VMs needs."""
        self.namespace.create()
        self.namespace.batch(
            [
                f"link add br-oob address {layout.OOB_MAC} type bridge",
                f"addr add {layout.OOB_NETWORK}.1/24 dev br-oob",
                "link set br-oob up",
            ]
        )

    def create(self, nodes: Iterable[NodeSpec], owner: int) -> None:
        """Namespaces, bridges, TAP devices (owned by user id ``owner``), router; everything passes."""
        self.create_out_of_band()
        self.beyond.create()
        lines = [
            "link add br-sw type bridge mcast_snooping 0",
            f"link set br-sw mtu {MAX_MTU} up",
            f"link add {BEYOND} type veth peer name eth0 netns {self.beyond.name}",
            f"addr add {layout.BEYOND_ROUTER}/24 dev {BEYOND}",
            f"link set {BEYOND} up",
        ]
        for name in (TRUNK, ACCESS):
            lines += [f"tuntap add dev {name} mode tap user {owner}", f"link set {name} mtu {MAX_MTU} up"]
        lines += [
            f"link set {ACCESS} address {layout.GATEWAY_MAC}",
            f"link set {TRUNK} master br-sw",
            f"addr add {layout.GATEWAY}/24 dev {ACCESS}",
        ]
        for spec in nodes:
            for port in ("oob", *UPLINKS):
                name = tap(spec, port)
                lines.append(f"tuntap add dev {name} mode tap user {owner}")
                lines.append(
                    f"link set {name} master br-oob" if port == "oob" else f"link set {name} mtu {MAX_MTU} master br-sw"
                )
                lines.append(f"link set {name} up")
        self.namespace.batch(lines)
        self.beyond.batch(
            [
                f"addr add {layout.BEYOND_ADDRESS}/24 dev eth0",
                f"link set eth0 mtu {MAX_MTU} up",
                f"route add default via {layout.BEYOND_ROUTER}",
            ]
        )
        # not every kernel has bridge netfilter; where it has, it must not look at bridged packets
        quiet = [f"net.bridge.bridge-nf-call-{table}tables=0" for table in ("ip", "ip6", "arp")]
        self.namespace.run(["sysctl", "-qw", *quiet], check=False)
        self.namespace.run(["sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0"])
        self.reset()

    @property
    def state(self) -> SwitchState:
        return SwitchState.load(self.path)

    def apply(self, state: SwitchState) -> None:
        """Make switch and router what ``state`` says, and remember it."""
        self.namespace.run(["nft", "-f", "-"], stdin=state.ruleset())
        self.namespace.batch([f"link set {ACCESS} mtu {state.router_mtu}", f"link set {BEYOND} mtu {state.beyond_mtu}"])
        state.save(self.path)

    def reset(self) -> None:
        """Everything passes again."""
        self.apply(SwitchState())

    def set_ports(
        self,
        ports: Iterable[str],
        *,
        mtu: int | None = None,
        vlans: Iterable[int] | None = None,
        all_vlans: bool = False,
        strict: bool | None = None,
        silent: bool | None = None,
    ) -> None:
        """Change what is given on each port; the rest of a port stays. ``all_vlans`` takes a restriction back."""
        state = self.state
        for name in ports:
            device(name)
            port = state.ports.setdefault(name, PortState())
            if mtu is not None:
                port.mtu = check_mtu(mtu)
            if vlans is not None:
                port.vlans = check_vlans(vlans)
            if all_vlans:
                port.vlans = None
            if strict is not None:
                port.strict = strict
            if silent is not None:
                port.silent = silent
        self.apply(state)

    def set_router(self, *, mtu: int | None = None, beyond_mtu: int | None = None) -> None:
        """MTU of the router's legs: towards the management network, and towards the address beyond."""
        state = self.state
        if mtu is not None:
            state.router_mtu = check_mtu(mtu)
        if beyond_mtu is not None:
            state.beyond_mtu = check_mtu(beyond_mtu)
        # a NIC drops what is longer than its MTU; a TAP device takes it
        state.ports.setdefault(ROUTER_PORT, PortState()).mtu = state.router_mtu
        self.apply(state)

    def cable(self, port: str, up: bool) -> None:
        """The switch's end of a cable: without link it forgets the addresses learned there, as a real one does."""
        self.namespace.batch([f"link set {device(port)} {'up' if up else 'down'}"])

    def services(
        self, layout_name: LayoutName, nodes: Iterable[NodeSpec], python: str, state_directory: Path
    ) -> dict[str, list[str]]:
        """Command lines of the router's processes by name, for the supervisor."""
        vid = layout.PRIMARY_VLAN if layout_name == "vlan" else 0
        dnsmasq = [
            *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--port=0", "--no-ping"),
            *(f"--interface={ACCESS}", "--bind-interfaces", "--except-interface=lo", "--log-dhcp"),
            *(
                f"--dhcp-range={layout.MGMT_NETWORK}.0,static,255.255.255.0,24h",
                f"--dhcp-option=option:router,{layout.GATEWAY}",
            ),
            *(f"--dhcp-option=option:dns-server,{layout.GATEWAY}", "--leasefile-ro", "--dhcp-authoritative"),
            *(f"--pid-file={state_directory / DHCP_PID}", "--user=root"),
        ]
        for spec in nodes:
            if spec.method == "dhcp":
                # by the name that the client sends: bridges and bonds carry MACs that udev derives from the machine id
                dnsmasq.append(f"--dhcp-host={spec.name},{spec.mgmt_address}")
        return {"tagger": [python, "-m", "lab.tagger", TRUNK, ACCESS, str(vid)], "dnsmasq": dnsmasq}

    def forget_leases(self) -> None:
        """End the DHCP server, whose leases are in its memory only; the supervisor starts it again.

        A lease outlives the snapshot that a node goes back to: one under another client id would keep the node's
        address from it.
        """
        end_process(read_pid(self.path.parent / DHCP_PID), "dnsmasq")

    def delete(self) -> None:
        for namespace in (self.beyond, self.namespace):
            namespace.delete()


def kernel_lacks() -> list[str]:
    """What this machine's kernel lacks for a lab; empty when all is there. Tried in a namespace of its own."""
    lacking = []
    probes = {
        "TAP devices (CONFIG_TUN)": "ip tuntap add dev t0 mode tap",
        "bridges (CONFIG_BRIDGE)": "ip link add b0 type bridge",
        "veth (CONFIG_VETH)": "ip link add v0 type veth peer name v1",
        "nftables for bridges (CONFIG_NF_TABLES_BRIDGE)": "nft add table bridge t && nft add chain bridge t c "
        "'{ type filter hook postrouting priority 0; }' && nft add rule bridge t c meta length 1 drop",
    }
    for what, command in probes.items():
        if run(["unshare", "-n", "sh", "-c", command], root=True, check=False).returncode:
            lacking.append(what)
    return lacking
