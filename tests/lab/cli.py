# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's command line: ``python -m lab COMMAND``; environment variable HARVESTER_LAB picks the lab."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from .apiserver.cluster import INSTALLED, OPERATED, Cluster
from .config import image_name
from .core import Lab
from .harvester.versions import DEFAULT, VERSIONS
from .host import LabError, Progress
from .image import SUITES
from .layout import NODES, UPLINKS
from .snapshot import BASE, names


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m lab",
        description="Three Harvester-like nodes (QEMU) on a switch of their own, a Kubernetes API, or both. "
        "Needs root or passwordless sudo. HARVESTER_LAB=NAME picks one of several labs.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start the lab (says so when it runs already)")
    up.add_argument("--layout", choices=["vlan", "untagged"], default="vlan", help="with or without management VLAN")
    up.add_argument("--ssh-over", choices=["oob", "mgmt"], default="oob", help="mgmt takes the out-of-band path away")
    up.add_argument("--nodes", type=int, default=len(NODES), help="number of node VMs; 0 with --cluster: none")
    up.add_argument("--cluster", action="store_true", help="a Kubernetes API too, with Harvester's kinds and seed data")
    up.add_argument(
        "--harvester", choices=[*VERSIONS, "none"], default=DEFAULT, help="whose webhooks and controllers are played"
    )
    up.add_argument(
        "--seed", choices=[OPERATED, INSTALLED], default=OPERATED, help="with what an operator has made, or without"
    )
    up.add_argument("--image", choices=list(SUITES), default=image_name(), help="Debian of the nodes")
    up.add_argument("--witness", metavar="NODE", help="mark a node as witness")
    up.add_argument("--fresh", action="store_true", help="boot, even when the cache has a saved state")
    down = commands.add_parser("down", help="end the lab; nothing is left")
    down.add_argument("--cluster", action="store_true", help="the API alone; the nodes go on as they are")
    commands.add_parser("status", help="what runs, and how to reach it")
    ssh = commands.add_parser("ssh", help="a shell, or one command, on a node")
    ssh.add_argument("--user", default="root", choices=["root", "rancher"])
    ssh.add_argument("node")
    ssh.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    unplug = commands.add_parser("unplug", help="pull a node's cable (off), or plug it again (on)")
    unplug.add_argument("node")
    unplug.add_argument("port", choices=[*UPLINKS, "oob"])
    unplug.add_argument("--silent", action="store_true", help="nothing passes, but the node's link stays up")
    unplug.add_argument("link", choices=["on", "off"])
    power = commands.add_parser("power", help="take a node's power away, give it back, reboot it properly")
    power.add_argument("node")
    power.add_argument("what", choices=["on", "off", "reboot"])
    _switch_parser(commands.add_parser("switch", help="what the switch passes; the router's MTU"))
    for name, text in (("snapshot", "save all nodes"), ("restore", "bring all nodes back; switch and cables too")):
        command = commands.add_parser(name, help=text)
        command.add_argument("name", nargs="?", default=BASE if name == "restore" else None)
    config = commands.add_parser("kubeconfig", help="path of the cluster's kubeconfig (the administrator's)")
    config.add_argument("--user", help="another user's, who may do what RBAC says")
    config.add_argument("--group", action="append", default=[], help="of that user; may be repeated")
    config.add_argument("--content", action="store_true", help="the kubeconfig itself")
    played = commands.add_parser("nodes", help="Node objects of the cluster; more of them without VMs")
    played.add_argument("--played", type=int, metavar="N", help="make node1 to nodeN, as far as they are not there")
    agent = commands.add_parser("agent", help="Harvester's agent of a node: stopped, it hears of nothing")
    agent.add_argument("node")
    agent.add_argument("what", choices=["on", "off"])
    listing = commands.add_parser("inventory", help="the Ansible inventory of the running lab")
    listing.add_argument("--out", type=Path, metavar="FILE")
    return top


def _switch_parser(switch: argparse.ArgumentParser) -> None:
    actions = switch.add_subparsers(dest="action", required=True, metavar="ACTION")
    port = actions.add_parser("port", help="port NODE/u1 mtu N; 'all' is every node's uplink")
    port.add_argument("port")
    port.add_argument("what", choices=["mtu"])
    port.add_argument("value", type=int)
    vlans = actions.add_parser("vlans", help="let only these VLAN ids pass ('all' takes it back)")
    vlans.add_argument("ids", help="2017,2018 or all")
    vlans.add_argument("--port", default="all")
    trunk = actions.add_parser("trunk", help="strict: untagged frames are dropped")
    trunk.add_argument("what", choices=["strict", "normal"])
    trunk.add_argument("--port", default="all")
    router = actions.add_parser("router", help="the router's MTU in the management network, or (beyond) behind it")
    router.add_argument("what", choices=["mtu", "beyond-mtu"])
    router.add_argument("value", type=int)
    actions.add_parser("reset", help="everything passes again")
    actions.add_parser("show", help="what is set, with counters of dropped frames")


def _ports(lab: Lab, given: str) -> list[str]:
    return [f"{node.name}/{port}" for node in lab.nodes for port in UPLINKS] if given == "all" else [given]


def _ids(given: str) -> list[int]:
    try:
        return [int(word) for word in given.split(",") if word.strip()]
    except ValueError as error:
        raise LabError(f"VLAN ids {given!r}: give numbers with commas between, or 'all'.") from error


def _switch(lab: Lab, args: argparse.Namespace) -> None:
    if args.action == "port":
        lab.switch.set_ports(_ports(lab, args.port), mtu=args.value)
    elif args.action == "vlans" and args.ids == "all":
        lab.switch.set_ports(_ports(lab, args.port), all_vlans=True)
    elif args.action == "vlans":
        lab.switch.set_ports(_ports(lab, args.port), vlans=_ids(args.ids))
    elif args.action == "trunk":
        lab.switch.set_ports(_ports(lab, args.port), strict=args.what == "strict")
    elif args.action == "router" and args.what == "mtu":
        lab.switch.set_router(mtu=args.value)
    elif args.action == "router":
        lab.switch.set_router(beyond_mtu=args.value)
    elif args.action == "reset":
        lab.switch.reset()
    else:
        state = lab.switch.state
        print(f"router: mtu {state.router_mtu}, beyond {state.beyond_mtu}")
        print(lab.namespace.run(["nft", "list", "table", "bridge", "lab"]), end="")


def _status(lab: Lab) -> None:
    if not lab.is_running():
        print(f"lab {lab.name}: down")
        return
    state = lab.state
    print(f"lab {lab.name}: up, layout {state.layout}, ssh over {state.ssh_over}, namespace {lab.namespace.name}")
    for node in lab.nodes:
        notes = [
            "off" if node.is_off() else "on",
            f"ssh {node.address}",
            f"mgmt {node.spec.mgmt_address}",
            node.spec.group,
        ]
        notes += ["witness"] if node.witness else []
        notes += [f"unplugged {' '.join(sorted(node.unplugged()))}"] if node.unplugged() else []
        print(f"  {node.name}: {', '.join(notes)}; NICs {' '.join(node.spec.nics)}")
    if lab.nodes:
        print(f"  snapshots: {', '.join(names(lab.nodes[0]))}; console and logs: {lab.directory}")
        versions = ", ".join(f"{name} {version}" for name, version in lab.image.versions.items())
        print(f"  image {state.image_name} ({state.image}): {versions}")
    if state.cluster:
        _cluster_status(lab.cluster)


def _cluster_status(cluster: Cluster) -> None:
    said = cluster.client().ready()
    print(f"  cluster: {cluster.server}, {said or 'ready'}; states {', '.join(cluster.states())}")
    stopped = cluster.harvester.control.stopped_agents()
    if stopped:
        print(f"  agents stopped: {', '.join(stopped)}")
    running = [f"{name} {cluster.services.pid(name) or 'down'}" for name in cluster.services.names()]
    print(f"  services: {', '.join(running)}")
    print(f"  export KUBECONFIG={cluster.kubeconfig}; kubectl: {cluster.kubectl}")


def _version(given: str) -> str:
    return "" if given == "none" else given


def _nodes(cluster: Cluster, count: int | None) -> None:
    if count is not None:
        cluster.add_played(count)
    for item in cluster.client().list("v1", "Node"):
        conditions = {found["type"]: found["status"] for found in item["status"]["conditions"]}
        address = next(found["address"] for found in item["status"]["addresses"] if found["type"] == "InternalIP")
        print(f"{item['metadata']['name']}: {address}, {'ready' if conditions['Ready'] == 'True' else 'not ready'}")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code; `ssh` gives the command's own."""
    args = parser().parse_args(argv)
    try:
        return _main(args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _main(args: argparse.Namespace) -> int:
    progress = Progress()
    lab = Lab(progress=progress)
    if args.command == "up":
        lab.up(
            args.layout,
            args.ssh_over,
            args.nodes,
            args.witness,
            args.fresh,
            args.cluster,
            _version(args.harvester),
            args.seed,
            args.image,
        )
    elif args.command == "down" and args.cluster:
        lab.end_cluster()
        progress(f"lab {lab.name} has no cluster any more")
    elif args.command == "down":
        lab.down()
        progress(f"lab {lab.name} is down")
    elif args.command == "status":
        _status(lab)
    elif args.command == "ssh":
        node = lab.node(args.node)
        words = args.words[1:] if args.words[:1] == ["--"] else args.words
        command = words[0] if len(words) == 1 else shlex.join(words) if words else None
        ssh = node.ssh_argv(command, args.user, tty=command is None)
        os.execvp(ssh[0], ssh)
    elif args.command == "unplug":
        node = lab.node(args.node)
        if args.link == "on":
            node.plug(args.port)
        else:
            node.unplug(args.port, silent=args.silent)
    elif args.command == "power":
        node = lab.node(args.node)
        if args.what == "reboot":
            node.reboot()
        elif args.what == "off":
            node.power_off()
        else:
            node.power_on()
            node.wait()
            node.wait_bystanders()
        progress(f"{node.name}: {args.what}")
    elif args.command == "switch":
        _switch(lab, args)
    elif args.command == "snapshot":
        if not args.name:
            raise LabError("Give the snapshot a name.")
        lab.snapshot(args.name)
        progress(f"snapshot {args.name} taken")
    elif args.command == "restore":
        lab.restore(args.name)
        progress(f"snapshot {args.name} is back")
    elif args.command == "kubeconfig":
        path = lab.cluster.user_kubeconfig(args.user, args.group) if args.user else lab.cluster.kubeconfig
        print(path.read_text() if args.content else path)
    elif args.command == "nodes":
        _nodes(lab.cluster, args.played)
    elif args.command == "agent" and args.what == "off":
        lab.cluster.harvester.control.stop_agent(args.node)
    elif args.command == "agent":
        lab.cluster.harvester.control.start_agent(args.node)
    elif args.out:
        args.out.write_text(lab.inventory())
    else:
        print(lab.inventory(), end="")
    return 0
