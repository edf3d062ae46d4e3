# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running stand-in: webhooks, manager and agents in one process, each in threads of its own."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..apiserver.certs import ADMINISTRATORS
from ..apiserver.client import Client
from ..core import Lab
from ..host import LabError
from .agent.agent import KINDS as AGENT_KINDS
from .cache import Cache
from .client import ApiView, wait_served
from .controllers import KINDS as CONTROLLER_KINDS
from .controllers import Controllers
from .kinds import NODE, VLAN_CONFIG
from .manager import link_monitors, matched_nodes, mtu, readiness
from .moment import Moment
from .nodes import Node, PlayedNode, RealNode, note, now
from .objects import name
from .settings import READY, Control, Settings, load
from .view import View
from .vms.server import SubresourceServer
from .webhooks.admission import CONTROLLERS
from .webhooks.server import WebhookServer
from .writes import Write

KINDS = tuple(dict.fromkeys((*AGENT_KINDS, *CONTROLLER_KINDS)))


class Standin:
    """Everything that a Harvester cluster runs and the lab's API server lacks."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.directory = directory
        self.settings = settings
        self.version = settings.harvester
        self.control = Control(directory)
        client = Client(
            settings.host,
            settings.port,
            Path(settings.authority),
            Path(settings.certificate),
            Path(settings.key),
            # a certificate cannot bear so long a name
            impersonate=CONTROLLERS,
            impersonate_group=ADMINISTRATORS,
        )
        self.view = ApiView(client)
        self.cache = Cache(self.view, KINDS)
        self.lab = Lab(settings.lab) if settings.lab else None
        self.nodes: dict[str, Node] = {}
        self._real = {node.name: node for node in self.lab.nodes} if self.lab else {}
        self._ended = threading.Event()
        self._resets = self.control.resets()
        self._beginning = threading.Lock()
        self._changes = matched_nodes.NodeChanges()
        self._controllers = Controllers()

    def run(self) -> None:
        """Serve until `stop`. Raises LabError when the API lacks a kind that every cluster has."""
        server = WebhookServer(
            (self.settings.address, self.settings.webhook_port),
            Path(self.settings.server_certificate),
            Path(self.settings.server_key),
            self.view,
            self.version,
            self.write,
        )
        server.start()
        api = SubresourceServer(
            (self.settings.host, self.settings.api_port),
            Path(self.settings.server_certificate),
            Path(self.settings.server_key),
            self.view,
            self.write,
            now,
        )
        api.start()
        wait_served(self.view, (NODE, VLAN_CONFIG))
        self.cache.start()
        for loop in (self._manage, self._control, self._play):
            self._thread(loop)
        while not self.cache.complete() and not self._ended.wait(0.02):
            pass
        (self.directory / READY).touch()
        note(f"Harvester {self.version.release} is played; webhooks at {self.settings.url}")
        self._ended.wait()
        server.shutdown()
        api.shutdown()
        self.cache.stop()

    def stop(self) -> None:
        self._ended.set()

    def write(self, writes: list[Write]) -> bool:
        """Carry writes out; what is refused goes into the log, as upstream's controllers do."""
        return self.view.write(writes, note)

    # --- threads

    def _thread(self, loop: Callable[[], None]) -> None:
        threading.Thread(target=loop, name=loop.__name__, daemon=True).start()

    def _loop(self, look: Callable[[View], None], soonest: Callable[[], float] = lambda: math.inf) -> None:
        """Look at once after each change, when something is due, and now and then without. A fault ends no loop."""
        seen = -1
        while not self._ended.is_set():
            self.cache.wait(seen, min(self.settings.delays.look, soonest()))
            if not self.cache.complete():
                continue
            try:
                with self.control.working():
                    self._after_reset()
                    snapshot, seen = self.cache.snapshot()
                    look(snapshot)
            except (LabError, OSError, KeyError, ValueError) as error:
                note(f"{look.__name__}: {error!r}")
                self._ended.wait(self.settings.delays.look)

    def _manage(self) -> None:
        def manager(view: View) -> None:
            running = [key for key, node in list(self.nodes.items()) if node.running]
            for writes in (
                mtu.writes(view, self.version),
                readiness.conditions(view, now()),
                readiness.nad_labels(view),
                readiness.vlan_id_sets(view, self.version),
                readiness.finalizers(view, running),
                matched_nodes.mgmt_labels(view),
                matched_nodes.mgmt_configs(view),
                self._changes.writes(view),
                link_monitors.writes(view),
            ):
                self.write(writes)

        self._loop(manager)

    def _control(self) -> None:
        """KubeVirt, Longhorn, kubelets and what else is no network: `Controllers`."""

        def controllers(view: View) -> None:
            delays = self.control.delays(self.settings.delays)
            moment = Moment(time.monotonic(), now(), delays, self.control.faults(), self.version)
            for writes in self._controllers.writes(view, moment):
                self.write(writes)
            self.control.looked(self._resets)

        self._loop(controllers, lambda: self._controllers.soonest)

    def _play(self) -> None:
        """Played nodes by turns in one thread; a thread for each node VM, as ssh takes its time."""

        def agents(view: View) -> None:
            there = {name(node) for node in view.list(NODE)}
            for key in self.nodes.keys() - there:
                del self.nodes[key]
            for key in sorted(there - self.nodes.keys()):
                self._join(key)
            for node in list(self.nodes.values()):
                if isinstance(node, PlayedNode):
                    node.look(view)

        self._loop(agents)

    def _after_reset(self) -> None:
        """The first loop that comes after a reset makes all begin anew; the others wait for it."""
        with self._beginning:
            resets = self.control.resets()
            if resets == self._resets:
                return
            self.cache.refresh()
            self._controllers = Controllers()
            self._changes = matched_nodes.NodeChanges()
            for key, node in list(self.nodes.items()):
                if isinstance(node, PlayedNode):
                    self._join(key)
                else:
                    node.running = False
            self._resets = resets

    def _join(self, key: str) -> None:
        machine = self._real.get(key)
        if machine is None or self.lab is None or not self.version.hosts:
            self.nodes[key] = PlayedNode(key, self.version, self.control, self.write)
            return
        real = RealNode(
            key,
            machine.spec.number,
            self.lab.addressed_device,
            self.version,
            self.control,
            self.settings.delays,
            self.write,
            lambda line: machine.run(line, timeout=20).stdout,
            lambda: self._controllers.etcd_leader,
        )
        self.nodes[key] = real

        def look(view: View) -> None:
            if self.nodes.get(key) is real:
                real.look(view)

        self._thread(lambda: self._loop(look))


def main(directory: Path) -> None:
    """Run the stand-in of a folder until SIGTERM."""
    settings = load(directory)
    if settings.cache:
        # a service of the lab may have lost the caller's environment (sudo)
        os.environ["HARVESTER_NETWORK_CACHE"] = settings.cache
    standin = Standin(directory, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: standin.stop())
    standin.run()
