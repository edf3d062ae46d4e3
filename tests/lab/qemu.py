# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's QEMU process: its command line and its monitor."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

from .host import LabError
from .image import Image
from .layout import UPLINKS, NodeSpec

MACHINE = "q35,usb=off,sata=off,smbus=off,vmport=off,i8042=on,hpet=on"
MEMORY = 512
"""MiB."""
KERNEL_LINE = (
    "console=ttyS0 loglevel=4 systemd.show_status=no panic=5 nokaslr mitigations=off no_timer_check audit=0 apparmor=0 "
    "init_on_alloc=0 hardened_usercopy=off rcupdate.rcu_expedited=1"
)
# ctrl_vlan=off: else tagged frames stop after loadvm. No segmentation offloads: the switch is to see real frames, whose
# length can be held against an MTU. (Checksums stay offloaded.)
NIC_FLAGS = "ctrl_vlan=off,romfile=," + ",".join(
    f"{name}=off"
    for name in "gso host_tso4 host_tso6 host_ecn host_ufo guest_tso4 guest_tso6 guest_ecn guest_ufo".split()
)


def tap(spec: NodeSpec, port: str) -> str:
    """Name of the TAP device of ``oob`` or an uplink ``u1`` to ``u4``."""
    return f"n{spec.number}{port}"


def tsc_khz() -> int | None:
    """Rate of the host's time stamp counter in kHz, which emulation passes through; None when not known.

    Told to the guest's kernel, whose own calibration goes wrong on a busy machine. Without frequency scaling it is the
    processor's rate; else the kernel's log has it, as long as that has not run over.
    """
    if not Path("/sys/devices/system/cpu/cpu0/cpufreq").exists():
        found = re.search(r"^cpu MHz\s*: (\d+)\.(\d{3})$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    else:
        shown = subprocess.run(["dmesg"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"tsc: Detected (\d+)\.(\d{3}) MHz", shown)
    return int(found[1] + found[2]) if found else None


def argv(spec: NodeSpec, image: Image, khz: int | None) -> list[str]:
    """The command line; file names are relative to the node's state directory, in which QEMU is started."""
    tsc = f" tsc_early_khz={khz} tsc=reliable" if khz else ""
    identity = f"systemd.hostname={spec.name} systemd.machine_id={0xABC000 + spec.number:032x}"
    words = [
        *("qemu-system-x86_64", "-name", f"lab-{spec.name}", "-M", MACHINE, "-accel", "tcg,thread=multi,tb-size=256"),
        *("-cpu", "Nehalem,+rdrand", "-smp", "1", "-m", str(MEMORY)),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-pidfile", "qemu.pid"),
        *("-chardev", "file,id=s0,path=console.log,append=on", "-serial", "chardev:s0"),
        *("-qmp", "unix:qmp,server=on,wait=off"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", f"{KERNEL_LINE}{tsc} {identity}"),
        *("-drive", "if=none,id=d0,file=disk.qcow2,format=qcow2,cache=unsafe,discard=unmap"),
        *("-device", "virtio-blk-pci,drive=d0"),
        *("-drive", "if=none,id=d1,file=seed.tar,format=raw,readonly=on"),
        *("-device", "virtio-blk-pci,drive=d1"),
        *("-object", "rng-random,id=r0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=r0"),
    ]
    for number, port in enumerate(("oob", *UPLINKS)):
        words += ["-netdev", f"tap,id={port},ifname={tap(spec, port)},script=no,downscript=no"]
        words += ["-device", f"virtio-net-pci,netdev={port},mac={spec.mac(number)},{NIC_FLAGS}"]
    return words


class Monitor:
    """QEMU's control socket (QMP), one connection per object. Use it as a context manager."""

    def __init__(self, directory: Path, timeout: float = 120.0) -> None:
        """``directory``: the node's state directory. Raises LabError when nothing listens (node off, starting)."""
        self._name = directory.name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        handle = os.open(directory, os.O_PATH)
        try:
            # through /proc: the path of a UNIX socket is limited to 107 bytes, a cache's path is not
            self._socket.connect(f"/proc/self/fd/{handle}/qmp")
        except OSError as error:
            self._socket.close()
            raise LabError(f"{self._name}: QEMU's monitor does not answer ({error}): the node is off.") from error
        finally:
            os.close(handle)
        self._reader = self._socket.makefile("r", encoding="utf-8")
        try:
            self._next()
            self.command("qmp_capabilities")
        except LabError:
            self.__exit__()
            raise

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._reader.close()
        self._socket.close()

    def _next(self) -> dict[str, Any]:
        try:
            line = self._reader.readline()
        except OSError as error:
            raise LabError(f"{self._name}: QEMU's monitor: {error}") from error
        if not line:
            raise LabError(f"{self._name}: QEMU ended.")
        message: dict[str, Any] = json.loads(line)
        return message

    def command(self, execute: str, /, **arguments: object) -> Any:
        """Execute one command; events that come meanwhile are skipped."""
        text = json.dumps({"execute": execute, "arguments": arguments} if arguments else {"execute": execute})
        try:
            self._socket.sendall(text.encode() + b"\n")
        except OSError as error:
            raise LabError(f"{self._name}: QEMU's monitor: {error}") from error
        while True:
            message = self._next()
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise LabError(f"{self._name}: {execute}: {message['error'].get('desc', message['error'])}")

    def human(self, line: str) -> str:
        """A command of the human monitor, for what has no other (savevm, loadvm). Its text is empty on success."""
        return str(self.command("human-monitor-command", **{"command-line": line}))

    def set_link(self, port: str, up: bool) -> None:
        """The carrier that the guest's NIC sees."""
        self.command("set_link", name=port, up=up)
