# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes' disk image, kernel and initrd: built from Debian packages only, cached by a hash of what goes in.

Made small for an emulated processor: the cloud kernel without initramfs-tools, an uncompressed initrd of busybox and
the virtio drivers (ext4 is built in), no documentation, few services, no first-boot work.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import layout
from .config import DEFAULT_IMAGE, cache_root
from .host import LabError, Progress, lock, path_with_sbin, run, sudo

SUITES = {"debian13": "trixie", "debian12": "bookworm"}
"""Image to Debian's suite: NetworkManager 1.52 and systemd 257, or 1.42 and 252, the oldest that nodes may have."""
KEPT = 2 * len(SUITES)
"""Images of older inputs that stay in the cache, those of running labs apart."""
PACKAGES = (
    "systemd systemd-sysv dbus udev kmod network-manager openssh-server python3 iproute2 iputils-ping iputils-arping "
    "ethtool tcpdump procps sudo busybox-static"
).split()
SIZE = "2G"
GUEST = Path(__file__).parent / "guest"
DROPPED_MODULES = (
    "sound drivers/gpu drivers/infiniband drivers/media drivers/usb drivers/hv drivers/xen drivers/scsi fs/ceph fs/nfs "
    "fs/nfsd fs/ocfs2 fs/smb fs/xfs fs/btrfs fs/gfs2 fs/jfs fs/f2fs"
).split()
INITRD_MODULES = ("virtio_pci", "virtio_blk", "virtio_net")
MASKED = (
    "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service "
    "systemd-firstboot.service sshd-keygen.service getty@tty1.service serial-getty@ttyS0.service "
    "systemd-networkd.service systemd-networkd.socket ModemManager.service wpa_supplicant.service "
    "systemd-binfmt.service kmod-static-nodes.service systemd-network-generator.service "
    "systemd-udev-load-credentials.service systemd-hwdb-update.service ldconfig.service "
    "systemd-journal-catalog-update.service systemd-pstore.service modprobe@drm.service modprobe@efi_pstore.service "
    "modprobe@fuse.service modprobe@configfs.service modprobe@loop.service modprobe@dm_mod.service dev-hugepages.mount "
    "dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount "
    "sys-kernel-config.mount systemd-update-utmp.service systemd-update-utmp-runlevel.service "
    "systemd-battery-check.service tpm2.target systemd-tpm2-setup-early.service systemd-tpm2-setup.service "
    "systemd-tmpfiles-clean.timer systemd-rfkill.socket proc-sys-fs-binfmt_misc.automount"
).split()
DROPPED_RULES = (
    "60-cdrom_id 60-drm 60-evdev 60-fido 60-input 60-persistent-alsa 60-persistent-input 60-persistent-storage-tape "
    "60-persistent-v4l 60-sensor 60-autosuspend 60-dmi 60-infiniband 64-btrfs 70-camera 70-joystick 70-mouse "
    "70-touchpad 70-power 75-probe_mtd 78-sound 80-drivers 81-net-dhcp 90-iocost 90-image 96-e2scrub 60-gpiochip "
    "60-tpm 70-memory"
).split()
INIT = """\
#!/bin/busybox sh
B=/bin/busybox
$B mount -t devtmpfs d /dev; $B mount -t proc p /proc; $B mount -t sysfs s /sys
for k in /m/*.ko; do $B insmod $k; done
i=0; while [ ! -b /dev/vda ] && [ $i -lt 200 ]; do $B usleep 50000; i=$((i+1)); done
$B mount -t ext4 -o rw,noatime /dev/vda /new || exec $B sh
$B mount --move /dev /new/dev; $B mount --move /proc /new/proc; $B mount --move /sys /new/sys
exec $B switch_root /new /sbin/init
"""


@dataclass(frozen=True)
class Image:
    """A finished image in the cache."""

    directory: Path

    @property
    def key(self) -> str:
        return self.directory.name

    @property
    def disk(self) -> Path:
        return self.directory / "root.img"

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd.img"

    @property
    def identity(self) -> Path:
        """The private ssh key that the nodes' users accept."""
        return self.directory / "id_ed25519"

    @property
    def versions(self) -> dict[str, str]:
        """Versions of kernel, systemd, NetworkManager and others in the image."""
        lines = (self.directory / "versions.txt").read_text().splitlines()
        return dict(line.split(" ", 1) for line in lines if line)


def suite(name: str) -> str:
    """Debian's suite of an image. Raises LabError for a name that is none."""
    if name not in SUITES:
        raise LabError(f"image {name!r}: there are {' and '.join(SUITES)}.")
    return SUITES[name]


def image_key(name: str) -> str:
    """Hash of an image's inputs: its suite, this file (its meaning, not its layout), the guest's files, NIC names."""
    digest = hashlib.sha256(ast.dump(ast.parse(Path(__file__).read_text())).encode())
    for path in sorted(path for path in GUEST.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(GUEST)}\0".encode() + path.read_bytes())
    digest.update(repr(sorted(layout.link_files().items())).encode())
    digest.update(suite(name).encode())
    return digest.hexdigest()[:16]


def mirror() -> str:
    """The Debian mirror that apt uses on this machine already."""
    listed = run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], check=False).stdout
    for site in listed.split():
        if site.rstrip("/").endswith("/debian"):
            return site
    raise LabError(
        "apt knows no Debian mirror here (apt-get indextargets): the image is built from one. Add a Debian source."
    )


def ensure(progress: Progress, name: str = DEFAULT_IMAGE) -> Image:
    """The image of that name and today's inputs, built when the cache has none. Raises LabError for an unknown name."""
    directory = cache_root() / "image" / image_key(name)
    with lock(cache_root() / "image" / f"{directory.name}.lock"):
        if not (directory / "versions.txt").exists():
            progress(f"building the node image {name} (once; about half a minute)")
            start = time.monotonic()
            # the build makes device nodes and owners, so root does it; the result is handed back to this user
            package = str(Path(__file__).parents[1])
            owner = f"{os.getuid()}:{os.getgid()}"
            command = [
                *sudo(),
                "env",
                f"PYTHONPATH={package}",
                sys.executable,
                "-m",
                "lab.image",
                str(directory),
                mirror(),
                owner,
                suite(name),
            ]
            run(command, timeout=1200)
            progress(f"image built in {time.monotonic() - start:.0f} s")
            _drop_old(directory)
    return Image(directory)


def _drop_old(newest: Path) -> None:
    """Remove images of older inputs, but for the newest ones and those of running labs."""
    used = {newest.name}
    for path in (cache_root() / "lab").glob("*/lab.json"):
        used.add(json.loads(path.read_text())["image"])
    built = sorted(newest.parent.glob("*/versions.txt"), key=lambda path: path.stat().st_mtime)
    for path in built[:-KEPT]:
        if path.parent.name not in used:
            shutil.rmtree(path.parent, ignore_errors=True)


def build(directory: Path, site: str, owner: str, suite_name: str) -> None:
    """Build into ``directory`` (as root) from a suite of Debian.

    What is unfinished carries another name and is made anew the next time.
    """
    work = directory.with_name(f"{directory.name}.build")
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)
    work.mkdir(parents=True)
    os.environ["PATH"] = path_with_sbin()
    root = work / "rootfs"
    debs = directory.parent / f"debs-{suite_name}"
    debs.mkdir(exist_ok=True)
    _bootstrap(root, debs, site, suite_name)
    version = _kernel(root, work)
    _configure(root, work)
    _initrd(root, work, version)
    names = ("systemd", "network-manager", "openssh-server", "python3", "iproute2")
    shown = run(["chroot", root, "dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names]).stdout
    options = ["-O", "^metadata_csum_seed,^orphan_file", "-L", "root", "-m", "0", "-E", "lazy_itable_init=0"]
    run(["mke2fs", "-q", "-t", "ext4", *options, "-d", str(root), str(work / "root.img"), SIZE])
    shutil.rmtree(root)
    (work / "versions.txt").write_text(f"{shown}kernel {version}\n")
    run(["chown", "-R", owner, work, debs])
    work.rename(directory)


def _bootstrap(root: Path, debs: Path, site: str, suite_name: str) -> None:
    """Root file system with the packages; the kernel's package is unpacked only, so no initramfs is made inside."""
    kernel = (
        'set -e; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"; '
        "k=$(apt-cache depends linux-image-cloud-amd64 | grep -m1 -o 'linux-image-[0-9][^ ]*'); "
        f'cd {debs}; ls "$k"_*.deb >/dev/null 2>&1 || apt-get -qq -o APT::Sandbox::User=root download "$k"; '
        'f=$(ls -t "$k"_*.deb | head -1); mkdir "$1/kernel"; dpkg-deb -x "$f" "$1/kernel"'
    )
    keep = (
        f'cp -n "$1"/var/cache/apt/archives/*.deb {debs}/ 2>/dev/null || true; rm -f "$1"/var/cache/apt/archives/*.deb'
    )
    warm = f'mkdir -p "$1"/var/cache/apt/archives; cp {debs}/*.deb "$1"/var/cache/apt/archives/ 2>/dev/null || true'
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale", "info")]
    run(
        [
            "mmdebstrap",
            "--mode=root",
            "--variant=minbase",
            f"--include={','.join(PACKAGES)}",
            "--dpkgopt=force-unsafe-io",
        ]
        + ['--aptopt=Acquire::Languages "none"', *excluded, "--skip=download/empty", "--skip=essential/unlink"]
        + [f"--setup-hook={warm}", f"--customize-hook={keep}", f"--customize-hook={kernel}", suite_name, root, site],
        timeout=1000,
    )


def _kernel(root: Path, work: Path) -> str:
    """Move kernel and modules to their places; returns the kernel's version."""
    image = next((root / "kernel/boot").glob("vmlinuz-*"))
    version = image.name.removeprefix("vmlinuz-")
    shutil.copy(image, work / "vmlinuz")
    source = next(path for path in (root / "kernel/usr/lib/modules", root / "kernel/lib/modules") if path.is_dir())
    modules = root / "usr/lib/modules" / version
    modules.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source / version, modules, symlinks=True)
    shutil.rmtree(root / "kernel")
    for name in DROPPED_MODULES:
        shutil.rmtree(modules / "kernel" / name, ignore_errors=True)
    packed = [str(path) for path in modules.rglob("*.ko.xz")]
    if packed:
        run(["unxz", *packed])  # loads faster under emulation
    run(["depmod", "-b", root, version])
    return version


def _initrd(root: Path, work: Path, version: str) -> None:
    tree = work / "initrd"
    for name in ("bin", "m", "dev", "proc", "sys", "new"):
        (tree / name).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", tree / "bin/busybox")
    (tree / "bin/sh").symlink_to("busybox")
    wanted: list[str] = []
    for name in INITRD_MODULES:
        for line in run(["modprobe", "-d", root, "-S", version, "--show-depends", name]).stdout.splitlines():
            if line.startswith("insmod ") and line.split()[1] not in wanted:
                wanted.append(line.split()[1])
    for number, path in enumerate(wanted):
        shutil.copy(path, tree / "m" / f"{number:02d}-{Path(path).name}")
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    run(["sh", "-c", f"cd {tree} && find . | cpio -o -H newc --quiet > {work}/initrd.img"])
    shutil.rmtree(tree)


def _configure(root: Path, work: Path) -> None:
    """Users, keys, the guest's own files and units; services that the node does not need are masked."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", work / "id_ed25519"])
    key = (work / "id_ed25519.pub").read_text()
    run(["chroot", root, "useradd", "-m", "-s", "/bin/bash", "rancher"])
    # sshd without PAM refuses an account whose password field says locked; '*' is no password at all
    run(["chroot", root, "usermod", "-p", "*", "rancher"])
    for home, user in (("root", "root"), ("home/rancher", "rancher")):
        folder = root / home / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "authorized_keys").write_text(key)
        (folder / "authorized_keys").chmod(0o600)
        run(["chroot", root, "chown", "-R", f"{user}:{user}", f"/{home}/.ssh"])
    for path in (root / "etc/ssh").glob("ssh_host_*"):
        path.unlink()
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "node", "-f", root / "etc/ssh/ssh_host_ed25519_key"])
    for source in sorted(path for path in GUEST.rglob("*") if path.is_file()):
        target = root / source.relative_to(GUEST)
        target.parent.mkdir(parents=True, exist_ok=True)
        script = target.parent.name == "sbin"
        target.write_text(("#!/bin/sh\n" if script else "") + source.read_text())
        target.chmod(0o755 if script else 0o440 if target.parent.name == "sudoers.d" else 0o644)
    (root / "etc/systemd/network").mkdir(parents=True, exist_ok=True)
    for name, text in layout.link_files().items():
        (root / "etc/systemd/network" / name).write_text(text)
    (root / "etc/fstab").write_text("")
    (root / "etc/machine-id").write_text("uninitialized\n")
    for name in ("hostname", "resolv.conf"):
        (root / "etc" / name).unlink(missing_ok=True)
    enabled = [
        "lab-oob.service",
        "lab-bystanders.service",
        "etc-NetworkManager.mount",
        "ssh.service",
        "NetworkManager.service",
    ]
    run(["chroot", root, "systemctl", "-q", "enable", *enabled])
    run(["chroot", root, "systemctl", "-q", "mask", *MASKED], check=False)
    for name in DROPPED_RULES:
        for path in (root / "usr/lib/udev/rules.d").glob(f"{name}*"):
            path.unlink()
    for name in ("etc/.updated", "var/.updated"):
        (root / name).touch()
        stamp = (root / "usr").stat().st_mtime_ns
        os.utime(root / name, ns=(stamp, stamp))


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]), *sys.argv[2:5])
    except LabError as failure:
        sys.exit(str(failure))
