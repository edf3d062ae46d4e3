# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab: three nodes, the switch, the router, the API; started, saved, brought back and ended as one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import config, image, layout, qemu
from . import snapshot as snapshots
from .apiserver import build
from .apiserver import nodes as cluster_nodes
from .apiserver.build import Programs
from .apiserver.cluster import OPERATED, Cluster
from .bystanders import connect_pods
from .harvester.versions import DEFAULT as HARVESTER
from .host import (
    CLUSTER_PACKAGES,
    LabError,
    Namespace,
    Progress,
    end_process,
    ensure_packages,
    is_ours,
    lock,
    read_pid,
    require_root,
    require_tun,
    run,
    sudo,
)
from .image import Image
from .inventory import inventory
from .layout import LayoutName, NodeSpec, SshPath
from .node import Node
from .services import Services
from .state import LabState
from .switch import Switch, kernel_lacks

SUPERVISOR = "lab.supervisor"
BOOT_TIMEOUT = 300.0
"""Seconds until a booting node must answer; a loaded machine has taken over 120."""


class Lab:
    """The lab of that name (default: ``$HARVESTER_LAB``), running or not."""

    def __init__(self, name: str | None = None, progress: Progress | None = None) -> None:
        self.name = name or config.lab_name()
        self.directory = config.state_directory(self.name)
        self.namespace = Namespace(f"hnlab-{self.name}")
        self.switch = Switch(self.namespace, Namespace(f"hnlab-{self.name}-far"), self.directory)
        self.progress = progress or Progress(quiet=True)
        self.services = Services(self.directory)
        self._nodes: dict[str, Node] = {}
        self._cluster = Cluster(self.directory, self.name, self.progress)

    # --- state

    @property
    def state(self) -> LabState:
        """Raises LabError when the lab is down."""
        return LabState.load(self.directory, self.name)

    @property
    def image(self) -> Image:
        return Image(config.cache_root() / "image" / self.state.image)

    def is_running(self) -> bool:
        """True when ``up`` has ended well and the lab's process lives."""
        pid = read_pid(self.directory / "supervisor.pid")
        return is_ours(pid, SUPERVISOR) and self.namespace.exists() and self.state.complete

    @property
    def nodes(self) -> list[Node]:
        """The lab's nodes in order."""
        if not self._nodes:
            state = self.state
            for name in state.nodes:
                self._nodes[name] = Node(
                    layout.node_spec(name),
                    self.directory / name,
                    self.namespace,
                    self.switch,
                    self.image,
                    state.ssh_over,
                    witness=name == state.witness,
                )
        return list(self._nodes.values())

    def node(self, name: str) -> Node:
        """Raises LabError for an unknown name."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise LabError(f"{name!r} is no node of lab {self.name!r}: {', '.join(node.name for node in self.nodes)}.")

    __getitem__ = node

    @property
    def cluster(self) -> Cluster:
        """The lab's API. Raises LabError when it has none."""
        if not self.state.cluster:
            raise LabError(
                f"Lab {self.name!r} has no cluster. 'python -m lab up --cluster' starts one, also beside nodes."
            )
        return self._cluster

    @property
    def addressed_device(self) -> str:
        """The kernel's name of the device that carries the nodes' addresses."""
        return layout.addressed_device(self.state.layout)

    # --- up and down

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with lock(self.directory.with_name(f"{self.name}.lock")):
            yield

    def up(
        self,
        layout_name: LayoutName = "vlan",
        ssh_over: SshPath = "oob",
        nodes: int = 3,
        witness: str | None = None,
        fresh: bool = False,
        cluster: bool = False,
        harvester: str = HARVESTER,
        seed: str = OPERATED,
        image_name: str | None = None,
    ) -> Lab:
        """Start the lab, or say that it runs already with the same wishes.

        ``ssh_over`` "mgmt" takes the out-of-band path away; ``fresh`` boots even when the cache has a saved state;
        ``cluster`` starts an API too, with the nodes' objects in it, or with played ones when ``nodes`` is 0;
        ``harvester`` is the version whose webhooks and controllers are played beside it, '' for none; ``seed``
        "installed" leaves out what an operator has made; ``image_name`` is the nodes' image (``$HARVESTER_LAB_IMAGE``).
        Raises LabError when it runs with other wishes, or cannot be started.
        """
        require_root()
        image_name = image_name or config.image_name()
        image.suite(image_name)
        least = 0 if cluster else 1
        if not least <= nodes <= len(layout.NODES):
            raise LabError(f"{nodes} nodes: the lab has {least} to {len(layout.NODES)}.")
        specs = layout.NODES[:nodes]
        known = [spec.name for spec in specs or layout.NODES]
        if witness is not None and witness not in known:
            raise LabError(f"witness {witness!r} is no node of the lab: {', '.join(known)}.")
        with self._lock():
            if self.is_running():
                self.state.require(
                    LabState(layout_name, ssh_over, [spec.name for spec in specs], witness, "", image_name=image_name),
                    self.name,
                )
                self.progress(f"lab {self.name} runs already")
                if cluster:
                    self._join_cluster(harvester, seed)
                return self
            self._clean()
            programs = self._programs() if cluster else None
            built = self._image(image_name) if nodes else None
            names = [spec.name for spec in specs]
            try:
                self._start(
                    LabState(
                        layout_name,
                        ssh_over,
                        names,
                        witness,
                        built.key if built else "",
                        harvester=harvester if cluster else "",
                        seed=seed if cluster else "",
                        image_name=image_name,
                    ),
                    specs,
                    built,
                    fresh,
                    programs,
                )
            except BaseException:
                if not os.environ.get("HARVESTER_LAB_KEEP"):
                    self._clean()
                raise
        return self

    def _image(self, name: str) -> Image:
        """The nodes' image, on a machine that can carry them."""
        require_tun()
        ensure_packages(self.progress)
        lacking = kernel_lacks()
        if lacking:
            raise LabError(f"This machine's kernel lacks {'; '.join(lacking)}. The lab cannot run here.")
        return image.ensure(self.progress, name)

    def _programs(self) -> Programs:
        """The programs of the API."""
        ensure_packages(self.progress, CLUSTER_PACKAGES)
        return build.ensure(self.progress)

    def _start(
        self, state: LabState, specs: Sequence[NodeSpec], built: Image | None, fresh: bool, programs: Programs | None
    ) -> None:
        self._nodes = {}
        (self.directory / "cp").mkdir(parents=True, mode=0o700)
        state.save(self.directory)
        if built:
            self._start_nodes(state, specs, built, fresh)
        else:
            self.switch.create_out_of_band()
            self._start_supervisor()
        if programs:
            self._start_cluster(state, programs)
        state.complete = True
        state.save(self.directory)
        self.progress(f"lab {self.name} is up: layout {state.layout}, ssh over {state.ssh_over}")

    def _start_cluster(self, state: LabState, programs: Programs) -> None:
        """Start the API and put the nodes' objects into it: three played ones when there is no VM."""
        if self.nodes:
            found = snapshots.on_each(self.nodes, cluster_nodes.read)
        else:
            found = [cluster_nodes.played(spec.number, spec.name == state.witness) for spec in layout.NODES]
        self._cluster.start(programs, found, state.harvester, machines=bool(self.nodes), seeded=state.seed)
        connect_pods(self.nodes)
        state.cluster = True

    def _join_cluster(self, harvester: str, seed: str) -> None:
        """Start the API in the running lab; where it runs, its way in from any shell.

        Raises LabError when it runs with another version of Harvester, or another seed.
        """
        state = self.state
        if state.cluster:
            state.require_cluster(harvester, seed, self.name)
            self._cluster.ensure_forwarder()
            return
        state.harvester, state.seed = harvester, seed
        self._start_cluster(state, self._programs())
        state.save(self.directory)

    def _start_nodes(self, state: LabState, specs: Sequence[NodeSpec], built: Image, fresh: bool) -> None:
        self.switch.create(specs, os.getuid())
        khz = qemu.tsc_khz()
        parts: list[object] = [built.key, run(["qemu-system-x86_64", "--version"]).stdout]
        # in the neighbour tables of a saved state
        parts += [layout.OOB_MAC, layout.GATEWAY_MAC]
        for spec in specs:
            folder = self.directory / spec.name
            folder.mkdir()
            argv = qemu.argv(spec, built, khz)
            seed = layout.seed(spec, state.layout)
            (folder / "argv.json").write_text(json.dumps(argv))
            (folder / "seed.tar").write_bytes(seed)
            parts += [argv, seed]
        key = snapshots.state_key(parts)
        saved = None if fresh else snapshots.kept(key, state.nodes)
        for name in state.nodes:
            folder = self.directory / name
            if saved:
                snapshots.copy_disk(saved / f"{name}.qcow2", folder / "disk.qcow2")
                (folder / "loadvm").write_text(snapshots.BASE)
            else:
                run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", built.disk, folder / "disk.qcow2"])
        for name, words in self.switch.services(state.layout, specs, sys.executable, self.directory).items():
            self.services.add(name, words)
        self._start_supervisor()
        if saved:
            self.progress(f"{len(specs)} nodes start from a saved state")
            snapshots.set_clocks(self.nodes)
        else:
            self.progress(f"{len(specs)} nodes boot")
            snapshots.on_each(self.nodes, self._booted)
            snapshots.save(self.nodes, snapshots.BASE)
            self.progress("snapshot taken")
            snapshots.keep(self.nodes, key)
            snapshots.set_clocks(self.nodes)
        self._take_oob_away()

    def _booted(self, node: Node) -> None:
        # until the end of boot the out-of-band path is there in any case
        over, node.ssh_over = node.ssh_over, "oob"
        node.wait(BOOT_TIMEOUT)
        node.wait_bystanders()
        node.close()
        node.ssh_over = over
        self.progress(f"{node.name} is up")

    def _start_supervisor(self) -> None:
        package = str(Path(__file__).parents[1])
        words = ["env", f"PYTHONPATH={package}", f"PATH={os.environ['PATH']}:/usr/sbin:/sbin"]
        if os.geteuid():
            caps = "+net_admin,+net_bind_service,+net_raw"
            words = ["setpriv", f"--reuid={os.getuid()}", f"--regid={os.getgid()}", "--init-groups"] + [
                f"--inh-caps={caps}",
                f"--ambient-caps={caps}",
                *words,
            ]
        words += [sys.executable, "-m", SUPERVISOR, str(self.directory)]
        with (self.directory / "supervisor.log").open("wb") as log:
            # setsid --fork: a process of its own, not this one's child
            command = [*sudo(), *self.namespace.argv(["setsid", "--fork", *words])]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        pid_file = self.directory / "supervisor.pid"
        end = time.monotonic() + 20
        while not is_ours(read_pid(pid_file), SUPERVISOR):
            if time.monotonic() > end:
                raise LabError(
                    f"The lab's process did not start: {(self.directory / 'supervisor.log').read_text()[-1000:]}"
                )
            time.sleep(0.05)

    def _take_oob_away(self) -> None:
        if self.state.ssh_over == "mgmt":
            for node in self.nodes:
                node.close()
                node.set_link("oob", up=False)
                node.wait()

    def end_cluster(self) -> None:
        """End the API and what is played beside it; the nodes go on as they are. Safe to repeat.

        Raises LabError when the lab is down.
        """
        with self._lock():
            state = self.state
            state.cluster, state.harvester, state.seed = False, "", ""
            self._cluster.remove()
            state.save(self.directory)

    def down(self) -> None:
        """End the lab and all it left, also one that was killed half-way. Safe to repeat."""
        require_root()
        with self._lock():
            self._clean()
        self.directory.with_name(f"{self.name}.lock").unlink(missing_ok=True)

    def _clean(self) -> None:
        if (self.directory / "cp").is_dir():
            for path in (self.directory / "cp").iterdir():
                subprocess.run(
                    ["ssh", "-O", "exit", "-o", f"ControlPath={path}", "lab"], capture_output=True, check=False
                )
        snapshots.close_ansible_connections(self.name)
        self._cluster.stop()
        end_process(read_pid(self.directory / "supervisor.pid"), SUPERVISOR)
        for path in self.directory.glob("node*/qemu.pid"):
            end_process(read_pid(path), f"lab-{path.parent.name}", wait=1)
        self.switch.delete()
        shutil.rmtree(self.directory, ignore_errors=True)
        if self.directory.exists():
            run(["rm", "-rf", self.directory], root=True)
        self._nodes = {}

    # --- snapshots

    def snapshot(self, name: str) -> None:
        """Save all nodes (under a second each) and the API's state under ``name``."""
        if not name.isidentifier():
            raise LabError(f"{name!r}: a snapshot's name is a word of letters, digits and '_'.")
        snapshots.save(self.nodes, name)
        snapshots.set_clocks(self.nodes)
        if self.state.cluster:
            self._cluster.keep(name)

    def restore(self, name: str = snapshots.BASE) -> None:
        """Bring all nodes back to a snapshot, every cable plugged, switch and router as after the start; the API too.

        Raises LabError when there is no snapshot of that name.
        """
        state = self.state
        with self._cluster.harvester.resetting():
            if state.nodes:
                self._restore_nodes(name)
            if state.cluster:
                self._cluster.reset(name)

    def _restore_nodes(self, name: str) -> None:
        self.switch.reset()
        self.switch.forget_leases()
        for node in self.nodes:
            for port in sorted(node.unplugged()):
                if port != "oob" or self.state.ssh_over == "oob":
                    node.set_link(port, up=True)
        snapshots.close_ansible_connections(self.name)
        snapshots.load(self.nodes, name)
        if self.state.ssh_over == "mgmt":
            # a snapshot may have been taken with the out-of-band path
            for node in self.nodes:
                node.set_link("oob", up=False)
        snapshots.set_clocks(self.nodes)

    def inventory(self) -> str:
        """The Ansible inventory (YAML) of the running lab."""
        return inventory(self.nodes)
