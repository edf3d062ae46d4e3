# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab: three nodes, the switch, the router; started, saved, brought back and ended as one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from . import config, image, layout, qemu
from . import snapshot as snapshots
from .host import (
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
from .switch import Switch, kernel_lacks

SUPERVISOR = "lab.supervisor"
BOOT_TIMEOUT = 300.0
"""Seconds until a booting node must answer; a loaded machine has taken over 120."""


@dataclass
class LabState:
    """What was asked of ``up``; kept while the lab runs."""

    layout: LayoutName
    ssh_over: SshPath
    nodes: list[str]
    witness: str | None
    image: str
    complete: bool = False
    """Set once ``up`` has ended well."""


class Lab:
    """The lab of that name (default: ``$HARVESTER_LAB``), running or not."""

    def __init__(self, name: str | None = None, progress: Progress | None = None) -> None:
        self.name = name or config.lab_name()
        self.directory = config.state_directory(self.name)
        self.namespace = Namespace(f"hnlab-{self.name}")
        self.switch = Switch(self.namespace, Namespace(f"hnlab-{self.name}-far"), self.directory)
        self.progress = progress or Progress(quiet=True)
        self._nodes: dict[str, Node] = {}

    # --- state

    @property
    def state(self) -> LabState:
        """Raises LabError when the lab is down."""
        try:
            return LabState(**json.loads((self.directory / "lab.json").read_text()))
        except OSError as error:
            raise LabError(f"Lab {self.name!r} is down. 'python -m lab up' starts it.") from error

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
    ) -> Lab:
        """Start the lab, or say that it runs already with the same wishes.

        ``ssh_over`` "mgmt" takes the out-of-band path away; ``fresh`` boots even when the cache has a saved state.
        Raises LabError when it runs with other wishes, or cannot be started.
        """
        require_root()
        if not 1 <= nodes <= len(layout.NODES):
            raise LabError(f"{nodes} nodes: the lab has 1 to {len(layout.NODES)}.")
        specs = layout.NODES[:nodes]
        if witness is not None and witness not in [spec.name for spec in specs]:
            raise LabError(f"witness {witness!r} is no node of the lab: {', '.join(spec.name for spec in specs)}.")
        with self._lock():
            if self.is_running():
                self._compare(
                    LabState(layout_name, ssh_over, [spec.name for spec in specs], witness, "", complete=True)
                )
                self.progress(f"lab {self.name} runs already")
                return self
            self._clean()
            require_tun()
            ensure_packages(self.progress)
            lacking = kernel_lacks()
            if lacking:
                raise LabError(f"This machine's kernel lacks {'; '.join(lacking)}. The lab cannot run here.")
            built = image.ensure(self.progress)
            try:
                self._start(
                    LabState(layout_name, ssh_over, [spec.name for spec in specs], witness, built.key),
                    specs,
                    built,
                    fresh,
                )
            except BaseException:
                if not os.environ.get("HARVESTER_LAB_KEEP"):
                    self._clean()
                raise
        return self

    def _compare(self, wanted: LabState) -> None:
        """Raises LabError when the running lab is another than the wanted one."""
        there = self.state
        names = ("layout", "ssh_over", "nodes", "witness")
        other = [
            f"{name} {getattr(there, name)!r}, not {getattr(wanted, name)!r}"
            for name in names
            if getattr(there, name) != getattr(wanted, name)
        ]
        if other:
            raise LabError(
                f"Lab {self.name!r} runs with {'; '.join(other)}. 'python -m lab down' ends it; another lab beside it: "
                "HARVESTER_LAB=NAME."
            )

    def _start(self, state: LabState, specs: Sequence[NodeSpec], built: Image, fresh: bool) -> None:
        self._nodes = {}
        (self.directory / "cp").mkdir(parents=True, mode=0o700)
        (self.directory / "lab.json").write_text(json.dumps(asdict(state)))
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
        services = self.switch.services(state.layout, specs, sys.executable, self.directory)
        (self.directory / "services.json").write_text(json.dumps(services))
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
        state.complete = True
        (self.directory / "lab.json").write_text(json.dumps(asdict(state)))
        self.progress(f"lab {self.name} is up: layout {state.layout}, ssh over {state.ssh_over}")

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
        """Save all nodes under ``name`` (under a second each)."""
        if not name.isidentifier():
            raise LabError(f"{name!r}: a snapshot's name is a word of letters, digits and '_'.")
        snapshots.save(self.nodes, name)
        snapshots.set_clocks(self.nodes)

    def restore(self, name: str = snapshots.BASE) -> None:
        """Bring all nodes back to a snapshot, every cable plugged, switch and router as after the start."""
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
