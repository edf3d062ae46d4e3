# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM as this machine sees it: its folder, its QEMU process, its NICs on the switch."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess

from lab import host, monitor, seed
from lab.errors import LabError
from lab.layout import ROUTER_INDEX, Node

MEMORY = 512
ROUTER_MEMORY = 256
UPLINK_MTU = 9000


class Machine:
    """One VM of a lab. folder: its state. netns: the lab's network namespace."""

    def __init__(self, node: Node, folder: pathlib.Path, netns: str, image: pathlib.Path) -> None:
        self.node = node
        self.folder = folder
        self.netns = netns
        self.image = image
        self.role = "router" if node.index == ROUTER_INDEX else "node"

    @property
    def name(self) -> str:
        return "router" if self.role == "router" else self.node.name

    @property
    def address(self) -> str:
        """Out-of-band address."""
        return f"10.99.0.{self.node.index}" if self.role == "router" else self.node.oob

    def tap(self, nic: str) -> str:
        return f"n{self.node.index}{nic}"

    @property
    def nics(self) -> list[str]:
        return ["oob"] + [f"u{number}" for number in range(1, len(self.node.nics) + 1)]

    def running(self) -> bool:
        pid = self._pid("supervisor.pid")
        return pid is not None and _alive(pid)

    def prepare(self, plan: str, base: pathlib.Path | None) -> None:
        """Make folder, disk, seed drive and taps. base: a disk that holds a saved state, else the plain image."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        disk = self.folder / "disk.qcow2"
        if base is not None:
            host.run(["cp", "--sparse=always", "--reflink=auto", str(base), str(disk)], timeout=120)
            (self.folder / "loadvm").write_text("base\n")
        else:
            host.run(
                ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(self.image / "root.img"), str(disk)]
            )
        seed.write(self.folder / "seed.tar", self.node, plan, self.role)
        in_ns = ["ip", "netns", "exec", self.netns, "ip"]
        for nic in self.nics:
            tap = self.tap(nic)
            host.run([*in_ns, "tuntap", "add", "dev", tap, "mode", "tap"])
            if nic == "oob":
                host.run([*in_ns, "link", "set", "dev", tap, "master", "br-oob", "up"])
            else:
                host.run([*in_ns, "link", "set", "dev", tap, "mtu", str(UPLINK_MTU), "master", "br-sw", "up"])
        (self.folder / "vm.json").write_text(json.dumps(self.command_line()))

    def command_line(self) -> list[str]:
        """QEMU's command line; everything here was chosen for speed under emulation."""
        kernel = (
            "console=ttyS0 loglevel=4 systemd.show_status=no panic=5 nokaslr mitigations=off no_timer_check audit=0"
            " apparmor=0 init_on_alloc=0 hardened_usercopy=off rcupdate.rcu_expedited=1"
            f" systemd.machine_id={0xABC000 + self.node.index:032x}"
        )
        rate = host.tsc_khz()
        if rate:
            kernel += f" tsc_early_khz={rate} tsc=reliable"
        argv = ["qemu-system-x86_64", "-name", self.name, "-M", "q35,usb=off,sata=off,smbus=off,vmport=off,hpet=on"]
        argv += ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "Nehalem,+rdrand", "-smp", "1"]
        argv += ["-m", str(ROUTER_MEMORY if self.role == "router" else MEMORY), "-nodefaults", "-no-user-config"]
        argv += ["-display", "none", "-no-reboot", "-pidfile", str(self.folder / "qemu.pid")]
        argv += ["-chardev", f"file,id=s0,path={self.folder}/console.log,append=on", "-serial", "chardev:s0"]
        argv += ["-monitor", f"unix:{self.folder}/monitor,server,nowait"]
        argv += ["-kernel", str(self.image / "vmlinuz"), "-initrd", str(self.image / "initrd.img"), "-append", kernel]
        argv += ["-drive", f"if=none,id=d0,file={self.folder}/disk.qcow2,format=qcow2,cache=unsafe,discard=unmap"]
        argv += ["-device", "virtio-blk-pci,drive=d0"]
        argv += ["-drive", f"if=none,id=d1,file={self.folder}/seed.tar,format=raw,readonly=on"]
        argv += ["-device", "virtio-blk-pci,drive=d1"]
        argv += ["-object", "rng-random,id=r0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=r0"]
        for number, nic in enumerate(self.nics):
            argv += ["-netdev", f"tap,id={nic},ifname={self.tap(nic)},script=no,downscript=no"]
            # With VLAN filtering in the virtual NIC, tagged frames stop after a snapshot was loaded.
            argv += ["-device", f"virtio-net-pci,netdev={nic},ctrl_vlan=off,mac={self.node.mac(number)},romfile="]
        return argv

    def start(self) -> None:
        (self.folder / "stop").unlink(missing_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parent.parent)}
        argv = ["ip", "netns", "exec", self.netns, host.python(), "-m", "lab.supervisor", str(self.folder)]
        process = subprocess.Popen(
            argv,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(self.folder / "supervisor.log", "ab"),  # noqa: SIM115 - the child's, for its whole life
            start_new_session=True,
        )
        (self.folder / "supervisor.pid").write_text(str(process.pid))

    def stop(self) -> None:
        """End supervisor and QEMU by pid."""
        if self.folder.exists():
            (self.folder / "stop").touch()
        pids = [pid for pid in (self._pid("supervisor.pid"), self._pid("qemu.pid")) if pid and _alive(pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        try:
            host.wait_for(f"{self.name} to end", lambda: not any(_alive(pid) for pid in pids), 10)
        except LabError:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def power_cut(self) -> None:
        """End QEMU at once, as a power failure does; the supervisor starts it again."""
        pid = self._pid("qemu.pid")
        if pid:
            os.kill(pid, signal.SIGKILL)

    def monitor(self, line: str, timeout: float = 60) -> str:
        return monitor.command(self.folder, line, timeout)

    def _pid(self, name: str) -> int | None:
        try:
            return int((self.folder / name).read_text())
        except (OSError, ValueError):
            return None


def _alive(pid: int) -> bool:
    """Whether a process runs that is one of ours; a pid may have been given to another since."""
    try:
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z" and (b"lab.supervisor" in line or b"qemu-system" in line)
