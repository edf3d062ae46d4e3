# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on one node: the agent, canal, VMs' interfaces; and what a kubelet would report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from ..apiserver.nodes import played as played_facts
from ..host import LabError
from . import canal, control_plane
from .agent.agent import Agent
from .agent.links import Link, Links
from .agent.node import LinkError, PlayedLinks, RealLinks, Run, played
from .kinds import NODE
from .manager import interfaces
from .manager.nodes import Probe
from .manager.nodes import writes as node_writes
from .objects import Obj
from .settings import Control, Delays
from .versions import Version
from .view import View, get
from .writes import Write

BOOTING = "systemctl is-active lab-bystanders.service || true"
"""The shell line that says ``activating`` as long as the node boots."""
WriteAll = Callable[[list[Write]], bool]


def now() -> str:
    """The time as the API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def note(text: str) -> None:
    """A line of the stand-in's log."""
    print(f"{now()} {text}", file=sys.stderr, flush=True)


class PlayedNode:
    """A Node object without VM: the same agent over links in memory; no kubelet, no VMs' interfaces."""

    def __init__(self, name: str, version: Version, control: Control, write: WriteAll) -> None:
        self.name = name
        self.control = control
        self.links = PlayedLinks(first_links(name))
        self.agent = Agent(name, self.links, version, write, now)
        self.running = False

    def look(self, view: View) -> None:
        """One look; ``running`` says afterwards whether the agent runs."""
        runs = not self.control.agent_stopped(self.name)
        if runs and not self.running:
            self.agent.start()
        self.running = runs
        if runs and self.name not in self.control.faults().busy_agents:
            self.agent.look(view)
        self.control.agent_looked(self.name, runs)


def first_links(name: str) -> Links:
    """The links of a played node as installed, the same that the seed's LinkMonitors name."""
    try:
        facts = played_facts(int(name.removeprefix("node")))
    except ValueError:
        return played()
    names = {link.index: link.name for link in facts.links}
    found = {}
    for link in facts.links:
        device, _, vlan = link.name.partition(".") if link.kind == "vlan" else ("", "", "0")
        bond = {"mode": "active-backup", "miimon": 100} if link.kind == "bond" else {}
        found[link.name] = Link(
            link.name,
            link.index,
            link.kind,
            mac=link.mac,
            master=names.get(link.master, ""),
            parent=device,
            vlan=int(vlan),
            up=link.state != "down",
            state=link.state.upper(),
            promiscuous=link.promiscuous,
            **bond,  # type: ignore[arg-type]
        )
    vids = frozenset({1, *(link.vlan for link in found.values() if link.vlan)})
    return Links(found, {"mgmt-bo": vids, "mgmt-br": vids})


class RealNode:
    """A node VM: everything by ssh."""

    def __init__(
        self,
        name: str,
        number: int,
        addressed_device: str,
        version: Version,
        control: Control,
        delays: Delays,
        write: WriteAll,
        run: Run,
        etcd_leader: Callable[[], str] = lambda: "",
    ) -> None:
        self.name = name
        self.number = number
        self.addressed_device = addressed_device
        self.control = control
        self.delays = delays
        self.links = RealLinks(run)
        self.agent = Agent(name, self.links, version, write, now)
        self.running = False
        self._write = write
        self._run = run
        self._etcd_leader = etcd_leader
        self._metrics = ""
        """What its etcd member says in this boot."""
        self._boot = ""
        self._canal = ""
        """The uid of its canal pod."""
        self._heard = time.monotonic()

    def look(self, view: View) -> None:
        """One look; ``running`` says afterwards whether the node answers and its agent runs."""
        self.links.forget()
        try:
            seen = self.links.look()
        except LinkError:
            self.running = False
            self._report(view, Probe(silent=max(time.monotonic() - self._heard, 0.001)))
            return
        self._heard = time.monotonic()
        self._report(view, Probe(seen.boot))
        runs = not self.control.agent_stopped(self.name)
        booted = seen.boot != self._boot
        try:
            if booted:
                if self._run(BOOTING).strip() == "activating":
                    # nothing of Harvester runs before the node's network and the lab's bystanders are there
                    self.running = False
                    return
                self._start_canal(seen)
                self._boot = seen.boot
                self._metrics = ""
            elif canal.pod(view, self.name) not in ("", self._canal):
                self._start_canal(seen)
            self._canal = canal.pod(view, self.name) or self._canal
            if runs and (booted or not self.running):
                self.agent.start()
            self.running = runs
            if runs and self.name not in self.control.faults().busy_agents:
                self.agent.look(view)
            self.control.agent_looked(self.name, runs)
            self._etcd(view)
            self._interfaces(view)
        except LabError as error:
            note(f"{self.name}: {error}")

    def _report(self, view: View, probe: Probe) -> None:
        node: Obj | None = get(view, NODE, self.name)
        if node is not None:
            self._write(node_writes(node, probe, self.delays.node_grace, now()))

    def _etcd(self, view: View) -> None:
        leader = self._etcd_leader()
        said = control_plane.metrics(leader == self.name, bool(leader))
        if control_plane.is_member(get(view, NODE, self.name)) and said != self._metrics:
            self._run(control_plane.serve(said))
            self._metrics = said

    def _start_canal(self, seen: Links) -> None:
        commands = canal.start(seen, self.addressed_device, self.number)
        if commands:
            self._run(interfaces.shell(commands))
            self.links.forget()

    def _interfaces(self, view: View) -> None:
        wanted = interfaces.guests(view, self.name) + interfaces.pods(view, self.name)
        namespaces = self._run(interfaces.LOOK).split()
        commands = interfaces.plan(wanted, namespaces, self.links.look().by_name)
        if commands:
            self._run(interfaces.shell(commands))
            self.links.forget()


Node = PlayedNode | RealNode
