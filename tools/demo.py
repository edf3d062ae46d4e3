# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: change the management network of three real (virtual) nodes, and prove every claim on the wire.

`make demo` runs it in the project's environment. It uses the inventory of examples/ with the lab's addresses, prints
what it does with the time it takes, and ends with status 1 when anything is not as claimed. With ``--all`` it also
shows check mode, and sends frames before the change and along every leg of every bond after it.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _demo_cluster import access, add_cluster_network

from lab import Lab, LabError, Node, Progress
from lab.apiserver.cluster import INSTALLED
from lab.bystanders import VmPing, capture, compare

ROOT = Path(__file__).resolve().parent.parent
INVENTORY = ROOT / ".build/demo/inventory"
EXAMPLE = ROOT / "examples/inventory/group_vars"

VLANS = {2018, 2100, 2101, 2102, 2103}
PRIMARY = 2017
JUMBO = 9000
# IP and ICMP headers of a ping that must not be fragmented, bytes.
HEADERS = 28
# What the overlay of the pod network takes from a packet, bytes.
VXLAN = 50
QUIET = re.compile(r"ok: \[\S+\]$|included: ")
# The task of role path_proof; without it a run that ends well has proved nothing.
SENT = "Send packets of the exact size, and of one byte more"
RAISE = ("-e", f"change_mtu_from=1500 change_mtu_to={JUMBO} change_switches_ready=true change_prove_legs=false")
ALONE = ("-e", "change_without_cluster=true")
DEVICES = ("mgmt-bo", "mgmt-br", f"mgmt-br.{PRIMARY}")


class NotAsClaimed(Exception):
    """The demonstration found something that is not as it says."""


@dataclass
class Facts:
    """What the kernel of a node says about its management network."""

    boot_id: str
    booted: float
    address: str
    mtus: dict[str, int]
    vlans: dict[str, set[int]]
    ports: list[str]


@dataclass
class Demo:
    lab: Lab
    started: float = field(default_factory=time.monotonic)
    steps: list[tuple[str, float]] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)

    # -- telling ----------------------------------------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        passed = time.monotonic() - self.started
        self.say(f"\n=== [{passed:5.0f} s] {title}")
        begin = time.monotonic()
        yield
        self.steps.append((title, time.monotonic() - begin))

    def claim(self, text: str, holds: bool, found: object = "") -> None:
        """Say it when it is true; end the demonstration when it is not."""
        if not holds:
            raise NotAsClaimed(f"{text}: {found}" if found != "" else text)
        self.claims.append(text)
        self.say(f"  proved: {text}")

    # -- nodes ------------------------------------------------------------------------------------------------------

    @property
    def nodes(self) -> list[Node]:
        return self.lab.nodes

    def facts(self, node: Node) -> Facts:
        """One look at a node, in one command."""
        text = node.output(
            "cat /proc/sys/kernel/random/boot_id; sed -n 's/^btime //p' /proc/stat;"
            " cat /sys/class/net/mgmt-bo/bonding/slaves;"
            " echo; ip -j addr show; echo; bridge -j -compressvlans vlan show"
        )
        boot_id, booted, ports, *rest = [line for line in text.splitlines() if line.strip()]
        links, tables = (json.loads(part) for part in rest)
        addressed = next(link for link in links if link["ifname"] == DEVICES[-1])
        return Facts(
            boot_id=boot_id,
            booted=float(booted),
            address=next(item["local"] for item in addressed["addr_info"] if item["prefixlen"] == 24),
            mtus={link["ifname"]: link["mtu"] for link in links if link["ifname"] in DEVICES},
            vlans={table["ifname"]: _vids(table["vlans"]) for table in tables},
            ports=ports.split(),
        )

    def look(self) -> dict[str, Facts]:
        return {node.name: self.facts(node) for node in self.nodes}

    def show(self, found: dict[str, Facts]) -> None:
        titles = ("ports of mgmt-bo", "address", "MTU bond/bridge/VLAN", "VLAN ids of bond | bridge")
        self.say("  {:6} {:16} {:12} {:21} {}".format("node", *titles))
        for name, facts in found.items():
            mtus = "/".join(str(facts.mtus.get(device, "?")) for device in DEVICES)
            vlans = f"{_spans(facts.vlans['mgmt-bo'])} | {_spans(facts.vlans['mgmt-br'])}"
            self.say(f"  {name:6} {' '.join(facts.ports):16} {facts.address:12} {mtus:21} {vlans}")

    def full_size_pings(self, found: dict[str, Facts]) -> dict[str, bool]:
        """DF pings of the full jumbo size between every two nodes, in both directions."""
        pairs = itertools.permutations(self.nodes, 2)
        return {
            f"{one.name} to {other.name}": one.ping(found[other.name].address, size=JUMBO - HEADERS, count=2)
            for one, other in pairs
        }

    # -- the playbook -----------------------------------------------------------------------------------------------

    def desired(self, *, jumbo: bool) -> None:
        """The example's inventory, with the lab's addresses; without its MTU at first."""
        shutil.rmtree(INVENTORY, ignore_errors=True)
        shutil.copytree(EXAMPLE, INVENTORY / "group_vars")
        path = INVENTORY / "group_vars/harvester_nodes.yml"
        lines = [line for line in path.read_text().splitlines() if jumbo or "mtu:" not in line]
        path.write_text("\n".join(lines) + "\n")
        command = [sys.executable, "-m", "lab", "inventory", "--out", str(INVENTORY / "hosts.yml")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shown = itertools.dropwhile(lambda line: not line.startswith("harvester_mgmt"), lines)
        self.say("  " + "\n  ".join(line for line in shown if not line.lstrip().startswith("#")))

    def play(self, playbook: str, *arguments: str) -> dict[str, int]:
        """Run a playbook; the number of changed tasks per node. Raises NotAsClaimed when it fails."""
        status, output = self.run(playbook, *arguments)
        if status:
            raise NotAsClaimed(f"the playbook ends well: status {status}")
        recap = output.partition("PLAY RECAP")[2]
        return {name: int(count) for name, count in re.findall(r"^(\S+) +:.*?changed=(\d+)", recap, re.MULTILINE)}

    def run(self, playbook: str, *arguments: str) -> tuple[int, str]:
        """Run a playbook and show what is worth seeing; its status and its output."""
        argv = ["ansible-playbook", f"harvester.network.{playbook}", "-i", str(INVENTORY), *arguments]
        self.say(f"  $ {' '.join(argv).replace(str(ROOT) + '/', '')}")
        environment = os.environ | {
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "COLUMNS": "200",
        }
        output = ""
        with subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            assert running.stdout is not None
            title = ""
            for line in running.stdout:
                output += line
                if line.startswith("TASK ["):
                    title = line
                elif line.strip() and not QUIET.match(line):
                    # Tasks that only looked, or found things as they should be, are left out.
                    for shown in filter(None, (title, line)):
                        self.say(f"  | {shown.rstrip()}")
                    title = ""
        return running.returncode, output


def _vids(entries: list[dict[str, Any]]) -> set[int]:
    return {vid for entry in entries for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)}


def _spans(vids: set[int]) -> str:
    """Ids as ranges: 1,100,2017-2018."""
    groups = itertools.groupby(enumerate(sorted(vids)), lambda pair: pair[1] - pair[0])
    spans = [[vid for _number, vid in group] for _key, group in groups]
    return ",".join(str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans)


def look_ahead(demo: Demo) -> None:
    """What the VLANs would change, and that their frames do not pass yet."""
    with demo.step("What would adding five VLANs change? (check mode)"):
        before = demo.look()
        changed = demo.play("mgmt_vlans", "--check", "--diff", "-e", "change_apply=reboot")
        demo.claim("check mode announces a change on every node", all(changed.values()) and len(changed) == 3, changed)
        after = demo.look()
        demo.claim(
            "check mode touched no node",
            {n: (f.boot_id, f.vlans) for n, f in before.items()} == {n: (f.boot_id, f.vlans) for n, f in after.items()},
        )
    with demo.step("Do their frames pass between the nodes today?"):
        status, output = demo.run("mgmt_proof")
        silent = [
            vid for vid in sorted(VLANS) if f"VLAN {vid}: no pair of node1, node2, node3: no frame passes" in output
        ]
        demo.claim("on none of the five VLANs does a frame pass", bool(status) and silent == sorted(VLANS), silent)
        demo.claim(
            "the management network itself passes", "management network: " not in output.partition("Not proved")[2]
        )


def add_vlans(demo: Demo) -> None:
    """Secondary VLANs on bond and bridge, the documented way: profiles, then reboots, but ordered ones."""
    with demo.step("Add VLANs 2018 and 2100 to 2103 on three nodes, with ordered reboots, and prove each on the wire"):
        before = demo.look()
        status, output = demo.run("mgmt_vlans", "-e", "change_apply=reboot", "-e", "change_without_cluster=true")
        demo.claim("the playbook ends well", status == 0)
        demo.claim("frames of each VLAN pass between every two nodes, in exactly their MTU", SENT in output)
        for node in demo.nodes:
            node.wait_bystanders()
        after = demo.look()
        demo.show(after)
        for device in ("mgmt-bo", "mgmt-br"):
            wanted = VLANS | {PRIMARY}
            lacking = {name: wanted - facts.vlans[device] for name, facts in after.items()}
            lacking = {name: vids for name, vids in lacking.items() if vids}
            demo.claim(f"{device} of every node carries the new VLANs and the primary one", not lacking, lacking)
        same = [name for name, facts in after.items() if facts.boot_id == before[name].boot_id]
        demo.claim("every node was rebooted", not same, same)
        boots = [facts.booted for facts in after.values()]
        apart = [later - sooner for sooner, later in itertools.pairwise(boots)]
        demo.claim("one after the other, in order", all(gap > 5 for gap in apart), f"seconds between boots: {apart}")


def followed(bystanders: dict[str, Any]) -> dict[str, Any]:
    """What a node has beside its profiles, with the MTU where that follows: devices of host and pod network."""
    sizes = {"link mgmt-br.2030": JUMBO, "link flannel.1": JUMBO - VXLAN}
    return {name: {**state, "mtu": sizes[name]} if name in sizes else state for name, state in bystanders.items()}


def raise_mtu(demo: Demo) -> None:
    """MTU 9000 on bond, bridge and VLAN device, live, with everything else on the nodes at work."""
    # Pings of the full size prove it here; with --all the playbook's own proof follows, on every leg.
    before = jumbo_before(demo)
    with demo.step("Raise the MTU to 9000, live, while VMs and nodes are pinged"):
        demo.desired(jumbo=True)
        bystanders = {node.name: capture(node) for node in demo.nodes}
        raised(demo, before, bystanders, "mgmt_network", "--diff", *ALONE, "-e", "change_prove=false")


def raise_mtu_recorded(demo: Demo) -> None:
    """The same from bond to pod network, through the API, as a recorded change of phases."""
    with demo.step("A Kubernetes API beside the nodes, with Harvester's webhooks and agents played"):
        demo.lab.up(cluster=True, seed=INSTALLED)
    before = jumbo_before(demo)
    with demo.step("Raise the MTU to 9000, live, phase by phase, while VMs and nodes are pinged"):
        demo.desired(jumbo=True)
        access(demo.lab, INVENTORY)
        bystanders = {node.name: followed(capture(node)) for node in demo.nodes}
        raised(demo, before, bystanders, "mgmt_mtu", *RAISE)


def jumbo_before(demo: Demo) -> dict[str, Facts]:
    with demo.step("Packets of the full jumbo size before"):
        found = demo.look()
        passed = [pair for pair, answered in demo.full_size_pings(found).items() if answered]
        demo.claim("no ping of 9000 bytes passes between any two nodes", not passed, passed)
    return found


def raised(
    demo: Demo, before: dict[str, Facts], bystanders: dict[str, dict[str, Any]], playbook: str, *arguments: str
) -> None:
    """Run the playbook that raises the MTU, and see that it did that alone. bystanders: as they are to be then."""
    first, second, third = demo.nodes
    with VmPing(first, second) as one, VmPing(second, third) as other, VmPing(third, first) as last:
        demo.play(playbook, *arguments)
    after = demo.look()
    demo.show(after)
    for ping in (one, other, last):
        demo.claim(f"no ping was lost meanwhile: {ping}", ping.lost == 0, ping)
    hurt = {node.name: compare(bystanders[node.name], capture(node)) for node in demo.nodes}
    demo.claim(
        "VM ports, agents' VLANs, VIP, foreign routes and overlay are as they are to be", not any(hurt.values()), hurt
    )
    demo.claim("no node was rebooted", all(after[name].boot_id == facts.boot_id for name, facts in before.items()))
    wrong = {name: facts.mtus for name, facts in after.items() if facts.mtus != dict.fromkeys(DEVICES, JUMBO)}
    demo.claim("bond, bridge and VLAN device of every node have MTU 9000", not wrong, wrong)
    failed = [pair for pair, answered in demo.full_size_pings(after).items() if not answered]
    demo.claim("pings of 9000 bytes pass between every two nodes, both ways", not failed, failed)


def prove_legs(demo: Demo) -> None:
    with demo.step("Prove it exactly: 9000 bytes and not one more, on every leg of every bond"):
        status, output = demo.run("mgmt_proof", "-e", "change_prove_legs=true")
        demo.claim("9000 bytes pass on every leg, and 9001 do not", status == 0 and SENT in output)


def nothing_more(demo: Demo, playbook: str, *arguments: str) -> None:
    with demo.step("The same run again"):
        changed = demo.play(playbook, *arguments)
        demo.claim("a second run changes nothing", not any(changed.values()) and len(changed) == 3, changed)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--keep", action="store_true", help="leave the lab running at the end")
    options.add_argument(
        "--cluster",
        action="store_true",
        help="through the cluster's API: the MTU as a recorded change of phases, and a cluster network at the end",
    )
    options.add_argument("--all", action="store_true", help="also check mode, the wire before, and every leg after")
    arguments = options.parse_args()
    demo = Demo(Lab(progress=Progress()))
    try:
        with demo.step("Three nodes, two kinds of hardware"):
            there = demo.lab.is_running()
            demo.lab.up()
            if there:
                demo.lab.end_cluster()
                demo.lab.restore()
            demo.show(demo.look())
            demo.desired(jumbo=False)
        if arguments.all:
            look_ahead(demo)
        add_vlans(demo)
        if arguments.cluster:
            raise_mtu_recorded(demo)
        else:
            raise_mtu(demo)
        if arguments.all:
            prove_legs(demo)
        if arguments.cluster:
            nothing_more(demo, "mgmt_mtu", *RAISE)
            add_cluster_network(demo, INVENTORY, SENT)
        else:
            nothing_more(demo, "mgmt_network", *ALONE)
    except (NotAsClaimed, LabError, subprocess.CalledProcessError) as error:
        demo.say(
            f"\nNOT AS CLAIMED: {error}\nThe lab is left as it is: 'python -m lab ssh node1', 'python -m lab down'."
        )
        return 1
    if not arguments.keep:
        with demo.step("End the lab"):
            demo.lab.down()
    demo.say("\nTime:")
    for title, seconds in demo.steps:
        demo.say(f"  {seconds:5.0f} s  {title}")
    demo.say(f"  {time.monotonic() - demo.started:5.0f} s  together; {len(demo.claims)} claims proved")
    return 0


if __name__ == "__main__":
    sys.exit(main())
