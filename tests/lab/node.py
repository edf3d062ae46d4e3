# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node as tests see it: commands over ssh, files, power, cables, facts."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .host import LabError, Namespace, read_pid, sudo
from .image import Image
from .layout import UPLINKS, NodeSpec, SshPath
from .qemu import Monitor
from .switch import Switch

OPTIONS = (
    "StrictHostKeyChecking=no UserKnownHostsFile=/dev/null GlobalKnownHostsFile=/dev/null LogLevel=ERROR "
    "ConnectTimeout=10 ServerAliveInterval=5 ServerAliveCountMax=3 IdentitiesOnly=yes"
).split()
_SSH_FAILED = 255


class CommandError(LabError):
    """A command on a node that failed; ``result`` has its exit code and output."""

    def __init__(self, text: str, result: subprocess.CompletedProcess[str]) -> None:
        super().__init__(text)
        self.result = result


class Node:
    """A running node. Made by `Lab`; commands go as root unless ``user`` says otherwise."""

    def __init__(
        self,
        spec: NodeSpec,
        directory: Path,
        namespace: Namespace,
        switch: Switch,
        image: Image,
        ssh_over: SshPath,
        witness: bool,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.directory = directory
        self.namespace = namespace
        self.switch = switch
        self.image = image
        self.ssh_over = ssh_over
        self.witness = witness

    # --- ssh

    @property
    def address(self) -> str:
        """The address that ssh and Ansible use."""
        return self.spec.oob_address if self.ssh_over == "oob" else self.spec.mgmt_address

    @property
    def proxy_command(self) -> str:
        """ssh's way into the lab's namespace."""
        return shlex.join([*sudo(), *self.namespace.argv(["socat", "-", "TCP:%h:%p"])])

    def ssh_argv(
        self, command: str | None = None, user: str = "root", *, shared: bool = True, tty: bool = False
    ) -> list[str]:
        """The ssh command line. ``shared``: over one lasting connection per node and user."""
        words = ["ssh", "-i", str(self.image.identity), "-o", f"ProxyCommand={self.proxy_command}"]
        for option in OPTIONS:
            words += ["-o", option]
        if shared:
            socket = self.directory.parent / "cp" / f"{self.name}-{user}"
            words += ["-o", "ControlMaster=auto", "-o", f"ControlPath={socket}", "-o", "ControlPersist=300"]
        if tty:
            words.append("-t")
        words.append(f"{user}@{self.address}")
        return words if command is None else [*words, "--", command]

    def run(
        self,
        command: str | Sequence[str],
        *,
        user: str = "root",
        check: bool = True,
        stdin: str | None = None,
        timeout: float = 120.0,
        shared: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command (a shell line, or words) on the node.

        Raises CommandError when it fails and ``check`` is set, and always when ssh does (exit 255) or time runs out.
        """
        line = command if isinstance(command, str) else shlex.join(command)
        argv = self.ssh_argv(line, user, shared=shared)
        try:
            done = subprocess.run(
                argv,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as error:
            failed = subprocess.CompletedProcess(argv, _SSH_FAILED, "", "timeout")
            raise CommandError(f"{self.name}: {line}: no end after {timeout:.0f} s.", failed) from error
        if done.returncode and (check or done.returncode == _SSH_FAILED):
            said = (done.stderr.strip() or done.stdout.strip())[-2000:]
            raise CommandError(f"{self.name}: {line}: exit {done.returncode}: {said}", done)
        return done

    def output(self, command: str | Sequence[str], **options: Any) -> str:
        """What the command prints, without the last newline."""
        return self.run(command, **options).stdout.rstrip("\n")

    def json(self, command: str | Sequence[str], **options: Any) -> Any:
        """The command's output read as JSON."""
        return json.loads(self.run(command, **options).stdout or "null")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file on the node, whole."""
        quoted = shlex.quote(path)
        self.run(f"install -D -m {mode:o} /dev/stdin {quoted}", stdin=text)

    def read(self, path: str) -> str:
        return self.run(["cat", path]).stdout

    def wait(self, timeout: float = 240.0, not_boot_id: str | None = None) -> str:
        """Wait for ssh (and, when given, for another boot id than ``not_boot_id``); returns the boot id.

        Raises LabError after ``timeout`` seconds.
        """
        end = time.monotonic() + timeout
        said = "no answer"
        while time.monotonic() < end:
            if self.is_off():
                raise LabError(f"{self.name} is powered off. 'python -m lab power {self.name} on' starts it.")
            try:
                found = self.output(["cat", "/proc/sys/kernel/random/boot_id"], timeout=20)
                if found != not_boot_id:
                    return found
                said = "still the same boot id"
            except CommandError as error:
                said = str(error).rpartition(": ")[2]
                self.close()
            time.sleep(0.3)
        raise LabError(
            f"{self.name}: no ssh after {timeout:.0f} s ({said}). Its console: {self.directory / 'console.log'}"
        )

    def wait_bystanders(self, timeout: float = 270.0) -> None:
        """Wait until the node's network is up and its bystanders are made (end of boot)."""
        unit = "lab-bystanders.service"
        loop = f"i=0; while [ $i -lt {int(timeout)} ]; do case $(systemctl is-active {unit}) in active) exit 0;; "
        loop += f"failed) break;; esac; sleep 1; i=$((i+1)); done; systemctl status -n 60 --no-pager {unit}; exit 1"
        try:
            self.run(loop, timeout=timeout + 60)
        except CommandError as error:
            served = (self.directory.parent / "services.log").read_text(errors="replace").splitlines()
            dhcp = [line for line in served if "DHCP" in line or "lab." in line][-20:]
            raise LabError("\n".join([str(error), "The router's side:", *dhcp])) from error

    def close(self) -> None:
        """End the lasting ssh connections."""
        for path in (self.directory.parent / "cp").glob(f"{self.name}-*"):
            subprocess.run(["ssh", "-O", "exit", "-o", f"ControlPath={path}", "lab"], capture_output=True, check=False)
            path.unlink(missing_ok=True)

    # --- power and cables

    def qemu_pid(self) -> int | None:
        """Process id of the node's QEMU, None when there is none (yet)."""
        return read_pid(self.directory / "qemu.pid")

    def is_off(self) -> bool:
        """True when the node was powered off, by itself or from outside."""
        return (self.directory / "off").exists()

    def _supervisor_looks(self) -> None:
        pid = read_pid(self.directory.parent / "supervisor.pid")
        if pid is None:
            raise LabError("The lab is down. 'python -m lab up' starts it.")
        os.kill(pid, signal.SIGUSR1)

    def power_off(self) -> None:
        """Take the power away, as pulling the plug does. The disk keeps what the guest had synced."""
        self.close()
        (self.directory / "off").touch()
        self._supervisor_looks()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                Monitor(self.directory, timeout=1).__exit__()
            except LabError:
                return
            time.sleep(0.05)
        raise LabError(f"{self.name}: QEMU still runs 10 s after it was told to end.")

    def power_on(self, snapshot: str | None = None) -> None:
        """Start a node that is off, from a snapshot when one is named."""
        if snapshot:
            (self.directory / "loadvm").write_text(snapshot)
        (self.directory / "off").unlink(missing_ok=True)
        self._supervisor_looks()

    def reboot(self, timeout: float = 300.0) -> str:
        """Reboot as an administrator does, wait until the network and the bystanders are back; returns the boot id."""
        before = self.output(["cat", "/proc/sys/kernel/random/boot_id"])
        self.run("systemctl reboot", check=False, timeout=30)
        self.close()
        after = self.wait(timeout, not_boot_id=before)
        self.wait_bystanders()
        return after

    def unplugged(self) -> set[str]:
        path = self.directory / "unplugged"
        return set(path.read_text().split()) if path.exists() else set()

    def set_link(self, port: str, up: bool) -> None:
        """Pull or plug the cable of ``u1`` to ``u4`` or ``oob``: both ends see it. Lasts over reboots of the node."""
        if port not in (*UPLINKS, "oob"):
            raise LabError(f"{self.name} has no NIC {port!r}: u1 to u4, or oob.")
        ports = self.unplugged() - {port} if up else self.unplugged() | {port}
        (self.directory / "unplugged").write_text("".join(f"{name}\n" for name in sorted(ports)))
        self.switch.cable(f"{self.name}/{port}", up)
        if not self.is_off():
            with Monitor(self.directory) as monitor:
                monitor.set_link(port, up)

    def unplug(self, port: str, silent: bool = False) -> None:
        """Pull a cable; ``silent``: nothing passes any more, and no end sees it."""
        if silent:
            self.switch.set_ports([f"{self.name}/{port}"], silent=True)
        else:
            self.set_link(port, up=False)

    def plug(self, port: str) -> None:
        """Put a cable back, however it was pulled."""
        if f"{self.name}/{port}" in self.switch.state.ports:
            self.switch.set_ports([f"{self.name}/{port}"], silent=False)
        if port in self.unplugged():
            self.set_link(port, up=True)

    # --- facts

    def boot_id(self) -> str:
        return self.output(["cat", "/proc/sys/kernel/random/boot_id"])

    def mtu(self, device: str) -> int:
        """MTU of a device, bytes."""
        return int(self.output(["cat", f"/sys/class/net/{device}/mtu"]))

    def active_port(self, bond: str = "mgmt-bo") -> str:
        """The bond's active port ('' when it has none)."""
        return self.output(["cat", f"/sys/class/net/{bond}/bonding/active_slave"])

    def ping(
        self, address: str, *, size: int = 56, count: int = 3, namespace: str | None = None, dont_fragment: bool = True
    ) -> bool:
        """True when every one of ``count`` pings with ``size`` bytes of payload is answered."""
        words = ["ip", "netns", "exec", namespace] if namespace else []
        words += ["ping", "-n", "-q", "-i", "0.2", "-W", "2", "-c", str(count), "-s", str(size)]
        words += ["-M", "do"] if dont_fragment else []
        shown = self.run([*words, address], check=False).stdout
        return f" {count} received" in shown
