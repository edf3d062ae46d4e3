# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that carries the lab: privileges, packages, processes, network namespaces."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGES: dict[str, str] = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "cpio": "cpio",
    "depmod": "kmod",
    "unxz": "xz-utils",
    "ssh": "openssh-client",
    "socat": "socat",
    "ip": "iproute2",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "setpriv": "util-linux",
}
"""Programs that the lab needs on the host, each with its Debian package."""
CLUSTER_PACKAGES: dict[str, str] = {
    "ip": "iproute2",
    "setpriv": "util-linux",
    "openssl": "openssl",
    "dpkg-deb": "dpkg",
}
"""The same for the lab's API. etcd is unpacked and the Kubernetes programs are built (apiserver/build.py)."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class LabError(Exception):
    """Something that the lab cannot do; the message says what, why, and what to do next."""


class Progress:
    """Lines with the seconds since the start, on stderr so that stdout stays data."""

    def __init__(self, quiet: bool = False) -> None:
        self.start = time.monotonic()
        self.quiet = quiet

    def __call__(self, text: str) -> None:
        if not self.quiet:
            print(f"[{time.monotonic() - self.start:6.1f} s] {text}", file=sys.stderr, flush=True)


def sudo() -> list[str]:
    """The prefix of a command that needs root: nothing for root itself."""
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def require_root() -> None:
    """Raise LabError unless this user is root or has passwordless sudo."""
    if os.geteuid() == 0:
        return
    if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        raise LabError(
            "The lab makes a network namespace and TAP devices, which needs root, and this user is neither root nor "
            "has passwordless sudo. Run as root, or allow sudo without a password."
        )


def require_tun(path: str = "/dev/net/tun") -> None:
    """Raise LabError when this user cannot open the TAP devices that root makes for it."""
    if Path(path).exists() and not os.access(path, os.R_OK | os.W_OK):
        raise LabError(
            f"{path} cannot be opened by this user, as whom the nodes run. Give it the mode that udev gives it "
            f"('sudo chmod 0666 {path}'), or run as root."
        )


def path_with_sbin() -> str:
    """PATH with the system directories, which a plain user's PATH often lacks."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def which(program: str) -> str | None:
    """The program's path, looked for in the system directories too."""
    return shutil.which(program, path=path_with_sbin())


def run(
    argv: Sequence[str | Path],
    *,
    root: bool = False,
    check: bool = True,
    stdin: str | None = None,
    timeout: float | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, output captured. Raises LabError with the command's own words when it fails."""
    words = [*(sudo() if root else []), *map(str, argv)]
    env = {**os.environ, "PATH": path_with_sbin(), "LC_ALL": "C", **(environment or {})}
    try:
        done = subprocess.run(
            words,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=env,
        )
    except FileNotFoundError as error:
        raise LabError(
            f"{words[0]}: not found on this machine. 'python -m lab up' installs what is missing."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(words)}: no end after {timeout} s.") from error
    if check and done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise LabError(f"{' '.join(words)}: exit {done.returncode}: {said}")
    return done


def missing_packages(programs: Mapping[str, str] = PACKAGES) -> list[str]:
    """Debian packages whose programs are not on this machine."""
    names = {package for program, package in programs.items() if not which(program)}
    if programs is PACKAGES and not KEYRING.exists():
        names.add("debian-archive-keyring")
    return sorted(names)


def ensure_packages(progress: Progress, programs: Mapping[str, str] = PACKAGES) -> None:
    """Install what is missing, by apt-get. Raises LabError where there is no apt-get."""
    names = missing_packages(programs)
    if not names:
        return
    if not which("apt-get"):
        raise LabError(f"Programs of these Debian packages are missing, and there is no apt-get: {' '.join(names)}.")
    progress(f"apt-get install {' '.join(names)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], root=True, environment=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    # sudo drops the environment, so env carries it
    run(["env", "DEBIAN_FRONTEND=noninteractive", *command], root=True)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a lock file; waits for another holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_pid(path: Path) -> int | None:
    """The number in a pid file, None when there is none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def is_ours(pid: int | None, marker: str) -> bool:
    """True when the process lives and its command line has ``marker``: a pid may belong to another process by now."""
    if pid is None:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return marker in words and state != "Z"


def end_process(pid: int | None, marker: str, wait: float = 5.0) -> None:
    """End a process of ours by pid: SIGTERM, after ``wait`` seconds SIGKILL. Does nothing to a foreign process."""
    for name, seconds in (("TERM", wait), ("KILL", 5.0)):
        if pid is None or not is_ours(pid, marker):
            return
        try:
            os.kill(pid, getattr(signal, f"SIG{name}"))
        except PermissionError:
            run(["kill", f"-{name}", str(pid)], root=True, check=False)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end and is_ours(pid, marker):
            time.sleep(0.05)


class Namespace:
    """A named network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def exists(self) -> bool:
        return Path("/run/netns", self.name).exists()

    def argv(self, argv: Sequence[str | Path]) -> list[str]:
        """The command line that runs ``argv`` inside, without root's prefix."""
        return ["ip", "netns", "exec", self.name, *map(str, argv)]

    def run(self, argv: Sequence[str | Path], *, check: bool = True, stdin: str | None = None) -> str:
        return run(self.argv(argv), root=True, check=check, stdin=stdin).stdout

    def batch(self, lines: Sequence[str]) -> None:
        """Several ``ip`` commands by one process."""
        run(["ip", "-n", self.name, "-batch", "-"], root=True, stdin="\n".join(lines) + "\n")

    def create(self) -> None:
        run(["ip", "netns", "add", self.name], root=True)
        self.run(
            ["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"], check=False
        )
        self.batch(["link set lo up"])

    def processes(self) -> list[int]:
        """Pids that live in the namespace."""
        if not self.exists():
            return []
        return [int(word) for word in run(["ip", "netns", "pids", self.name], root=True, check=False).stdout.split()]

    def delete(self) -> None:
        """End what still runs inside, then remove it with its devices."""
        for pid in self.processes():
            run(["kill", "-KILL", str(pid)], root=True, check=False)
        if self.exists():
            run(["ip", "netns", "delete", self.name], root=True, check=False)
