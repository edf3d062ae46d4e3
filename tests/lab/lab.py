# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as a whole: three nodes, a switch, a router."""

from __future__ import annotations

import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

from lab import host, image, layout
from lab.errors import LabError
from lab.machine import Machine
from lab.node import Guest
from lab.switch import Switch

BASE = "base"
BOOT_TIMEOUT = 300
# Saved states of other layouts and older code are large; only the newest ones are kept.
KEPT_STATES = 3


class Lab:
    """A lab by name; several can run side by side. The name comes from HARVESTER_LAB, else it is 'default'."""

    def __init__(self, name: str | None = None) -> None:
        host.require_root()
        self.name = name or os.environ.get("HARVESTER_LAB") or "default"
        self.folder = host.cache() / "lab" / self.name
        self.netns = f"hnlab-{self.name}"
        self.control = host.cache() / "cp" / self.name
        self.switch = Switch(self.netns, self.folder / "switch.json")
        self._guests: dict[str, Guest] = {}

    # -- state ----------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        """How the lab was started; empty when it is not there."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "lab.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    @property
    def layout(self) -> str:
        return str(self.settings.get("layout", "vlan"))

    @property
    def ssh_over(self) -> str:
        return str(self.settings.get("ssh_over", "oob"))

    def machines(self) -> list[Machine]:
        folder = host.cache() / "image" / str(self.settings.get("image", image.key()))
        return [
            Machine(node, self.folder / ("router" if node is layout.ROUTER else node.name), self.netns, folder)
            for node in (layout.ROUTER, *layout.NODES)
        ]

    def guests(self) -> dict[str, Guest]:
        """Router and nodes by name."""
        if not self._guests:
            for machine in self.machines():
                over_mgmt = self.ssh_over == "mgmt" and machine.role == "node"
                address = machine.node.address(self.layout) if over_mgmt else machine.address
                self._guests[machine.name] = Guest(machine, self.control, address)
        return self._guests

    @property
    def nodes(self) -> dict[str, Guest]:
        return {name: guest for name, guest in self.guests().items() if guest.machine.role == "node"}

    @property
    def router(self) -> Guest:
        return self.guests()["router"]

    def running(self) -> bool:
        return bool(self.settings) and self.switch.exists() and all(machine.running() for machine in self.machines())

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        path = host.cache() / "lab" / f"{self.name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="ascii") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    # -- up and down ----------------------------------------------------------------------------------------------

    def up(self, plan: str = "vlan", ssh_over: str = "oob", witness: str | None = None) -> None:
        """Start the lab, or say that it runs. plan: vlan or untagged. ssh_over: oob or mgmt."""
        if plan not in layout.LAYOUTS:
            raise LabError(f"layout {plan!r} is not known; take one of {', '.join(layout.LAYOUTS)}")
        host.ensure_packages()
        with self._lock():
            wanted = {"layout": plan, "ssh_over": ssh_over, "witness": witness, "image": image.key()}
            if self.running():
                if {**self.settings, "witness": witness} == wanted:
                    self._save(wanted)
                    host.say(f"lab '{self.name}' runs already")
                    return
                host.say(f"lab '{self.name}' runs with other settings; starting it anew")
            self._down()
            image.ensure()
            self._start(wanted)

    def _save(self, wanted: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.control.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "lab.json").write_text(json.dumps(wanted))
        self._guests = {}

    def _start(self, wanted: dict[str, Any]) -> None:
        self._save(wanted)
        self.switch.up()
        saved = self._saved_state(str(wanted["layout"]))
        quick = (saved / "done").exists()
        machines = self.machines()
        for machine in machines:
            machine.prepare(str(wanted["layout"]), saved / f"{machine.name}.qcow2" if quick else None)
        for machine in machines:
            machine.start()
        host.say(f"lab '{self.name}': {'waking' if quick else 'booting'} three nodes and a router")
        try:
            self._wait()
        except LabError:
            if not quick:
                raise
            host.say("the saved state does not wake up; booting instead")
            shutil.rmtree(saved, ignore_errors=True)
            self._down()
            self._start(wanted)
            return
        if not quick:
            self.snapshot(BASE)
            self._keep_state(saved)
        if wanted["ssh_over"] == "mgmt":
            self._without_oob()
        host.say(f"lab '{self.name}' is up")

    def _wait(self) -> None:
        """Wait for every VM; set the clocks, which stand still in a saved state."""

        def wait(guest: Guest) -> None:
            host.wait_for(f"{guest.name} to be ready", guest.ready, BOOT_TIMEOUT, 0.3)
            guest.run(f"date -s @{time.time():.1f} >/dev/null")
            host.say(f"{guest.name} is ready")

        self._each(wait)

    def _each(self, action: Callable[[Guest], object]) -> None:
        guests = list(self.guests().values())
        with concurrent.futures.ThreadPoolExecutor(len(guests)) as pool:
            for future in [pool.submit(action, guest) for guest in guests]:
                future.result()

    def _without_oob(self) -> None:
        """Take the out-of-band path away: ssh goes over the management network from now on."""
        for name, guest in self.nodes.items():
            machine = guest.machine
            oob = Guest(machine, self.control, machine.address)
            oob.run("touch /etc/lab/no-oob; systemd-run --quiet --collect sh -c 'sleep 1; ip link set dev oob0 down'")
            oob.forget()
            host.wait_for(f"{name} to answer over the management network", guest.answers, 60, 0.5)

    def down(self) -> None:
        with self._lock():
            self._down()
        (host.cache() / "lab" / f"{self.name}.lock").unlink(missing_ok=True)

    def _down(self) -> None:
        """End everything by pid and take namespace, taps and folders away; also what a killed run left."""
        self._forget_connections()
        for machine in self.machines():
            machine.stop()
        self.switch.down()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.control, ignore_errors=True)
        self._guests = {}

    def status(self) -> str:
        if not self.settings:
            return f"lab '{self.name}' is not there; start it with 'python -m lab up'"
        lines = [f"lab '{self.name}': layout {self.layout}, ssh over {self.ssh_over}"]
        for name, guest in self.guests().items():
            state = "runs" if guest.machine.running() else "ended"
            lines.append(f"  {name:7} {guest.address:14} {state}")
        for tap, setting in self.switch.settings().items():
            lines.append(f"  switch port {tap}: {setting}")
        return "\n".join(lines)

    # -- snapshots ------------------------------------------------------------------------------------------------

    def snapshot(self, name: str) -> None:
        """Keep the state of all VMs, memory included, under a name."""
        self._each(lambda guest: guest.run("sync"))
        self._each(lambda guest: guest.machine.monitor(f"savevm {name}", 120))

    def restore(self, name: str = BASE) -> None:
        """Bring all VMs, the switch and the cables back to a snapshot; seconds instead of a boot."""
        with self._lock():
            self._forget_connections()
            for machine in self.machines():
                if not machine.running():
                    raise LabError(
                        f"{machine.name} does not run; start the lab anew with 'python -m lab down' and 'up'"
                    )
                for marker in machine.folder.glob("unplugged-*"):
                    marker.unlink()
                    machine.monitor(f"set_link {marker.name.removeprefix('unplugged-')} on")
            self.switch.reset()
            self._each(lambda guest: host.wait_for(f"{guest.name}'s monitor", lambda: self._loads(guest, name), 60))
            self._wait()

    @staticmethod
    def _loads(guest: Guest, name: str) -> bool:
        """Load a snapshot; False while QEMU is just being started anew."""
        try:
            guest.machine.monitor(f"loadvm {name}", 120)
        except OSError:
            return False
        return True

    def _forget_connections(self) -> None:
        """End shared ssh connections, Ansible's too: after a snapshot was loaded they would hang."""
        if not self.control.is_dir():
            return
        for path in self.control.iterdir():
            host.run(["ssh", "-F", "none", "-o", f"ControlPath={path}", "-O", "exit", "x"], check=False, timeout=10)
            path.unlink(missing_ok=True)

    def _saved_state(self, plan: str) -> pathlib.Path:
        """Where the state after the boot is kept, by everything that it depends on."""
        digest = hashlib.sha256(f"{image.key()} {plan} {host.tsc_khz()}".encode())
        for name in ("layout.py", "seed.py", "machine.py"):
            digest.update((pathlib.Path(__file__).parent / name).read_bytes())
        digest.update(host.run(["qemu-system-x86_64", "--version"]).stdout.encode())
        return host.cache() / "states" / digest.hexdigest()[:16]

    def _keep_state(self, saved: pathlib.Path) -> None:
        """Copy the disks with their snapshot, so that the next start need not boot."""
        work = saved.with_name(f"{saved.name}.{os.getpid()}")
        work.mkdir(parents=True)
        for guest in self.guests().values():
            guest.machine.monitor("stop")
            disk = str(guest.machine.folder / "disk.qcow2")
            host.run(["cp", "--sparse=always", "--reflink=auto", disk, str(work / f"{guest.name}.qcow2")], timeout=300)
            guest.machine.monitor("cont")
        (work / "done").touch()
        shutil.rmtree(saved, ignore_errors=True)
        work.rename(saved)
        states = sorted(saved.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in states[KEPT_STATES:]:
            shutil.rmtree(old, ignore_errors=True)

    # -- faults ---------------------------------------------------------------------------------------------------

    def unplug(self, node: str, nic: str, *, plugged: bool = False, silent: bool = False) -> None:
        """Pull (or plug) the cable of a NIC: u1 to u4 or oob. silent: the node does not see it."""
        machine = self.guests()[node].machine
        if nic not in machine.nics:
            raise LabError(f"{node} has no NIC {nic!r}; take one of {', '.join(machine.nics)}")
        if silent:
            self.switch.silent(machine.tap(nic), not plugged)
            return
        marker = machine.folder / f"unplugged-{nic}"
        if plugged:
            marker.unlink(missing_ok=True)
        else:
            marker.touch()
        machine.monitor(f"set_link {nic} {'on' if plugged else 'off'}")

    def router_mtu(self, mtu: int) -> None:
        """MTU of the router's way to the host beyond it."""
        self.router.run(f"ip link set dev beyond0 mtu {mtu}; ip -n beyond link set dev eth0 mtu {mtu}")

    def tap(self, port: str) -> str:
        """The switch port 'node1/u1' as a device."""
        node, _slash, nic = port.partition("/")
        guest = self.guests().get(node)
        if guest is None or nic not in guest.machine.nics:
            raise LabError(f"no switch port {port!r}; write it as node1/u1")
        return guest.machine.tap(nic)

    # -- inventory ------------------------------------------------------------------------------------------------

    def inventory(self) -> dict[str, Any]:
        """An Ansible inventory of the nodes."""
        key = host.cache() / "image" / str(self.settings.get("image", "")) / "id_ed25519"
        proxy = f"sudo -n ip netns exec {self.netns} socat - TCP:%h:%p"
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ServerAliveInterval=5"
        groups: dict[str, Any] = {}
        for name, guest in self.nodes.items():
            variables = {"ansible_host": guest.address, "harvester_node_name": name}
            groups.setdefault(guest.machine.node.group, {"hosts": {}})["hosts"][name] = variables
        nodes: dict[str, Any] = {
            "vars": {
                "ansible_user": "rancher",
                "ansible_ssh_private_key_file": str(key),
                "ansible_ssh_common_args": f'{options} -o ProxyCommand="{proxy.removeprefix("sudo -n ")}"',
                "ansible_python_interpreter": "/usr/bin/python3",
            },
            "children": groups,
        }
        children: dict[str, Any] = {"harvester_nodes": nodes}
        witness = self.settings.get("witness")
        if witness:
            children["harvester_witness"] = {"hosts": {witness: {}}}
        return {"all": {"children": children}}
