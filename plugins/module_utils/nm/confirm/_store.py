# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a checkpoint lies on the disk, and in which order it gets there. This module util is private to the collection.

The folder is root's alone and beside, not in, system-connections: Harvester keeps /etc/NetworkManager over boots. It is
filled under another name and renamed once it is whole; its state goes from word to word by renaming, each step on the
disk before the next one begins. So after a loss of power it is one of:

* not there, or ``arming``: nothing was changed yet; whoever sees it removes it
* ``armed``, ``restoring``: the program puts the node back
* ``confirmed``: the change stays; whoever sees it removes the rest
* ``restored``: the node is as before; the report waits for the next run
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import time
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...common._errors import NetworkError
from .. import _durable
from .._places import CONFIRM_FOLDER, PERSISTENT
from . import _units
from ._manifest import Manifest
from ._program import PROGRAM

FOLDER = CONFIRM_FOLDER
PARENT = os.path.dirname(FOLDER)

ARMING = "arming"
ARMED = "armed"
RESTORING = "restoring"
RESTORED = "restored"
CONFIRMED = "confirmed"
PENDING = (ARMED, RESTORING)
STATES = (ARMING, ARMED, RESTORING, RESTORED, CONFIRMED)

LOCK_TIMEOUT = 400.0
"""Seconds to wait for the program that puts the node back, or for another call."""


class Report(NamedTuple):
    """What the program did. at: seconds since the epoch, 0 when it does not say."""

    done: Tuple[str, ...] = ()
    failed: Tuple[str, ...] = ()
    at: int = 0


class Store:
    """The checkpoint's folder and units below ``root``."""

    def __init__(self, root: str = "/") -> None:
        self.root = root
        self.folder = self.path(FOLDER)
        self.units = self.path(_units.FOLDER)

    def path(self, name: str) -> str:
        return os.path.join(self.root, name.lstrip("/"))

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        return os.path.lexists(self.folder)

    def state(self) -> str:
        """The state's word; '' when there is no checkpoint. Raises NetworkError for what cannot be ours."""
        if not self.exists:
            return ""
        self._refuse_foreign()
        try:
            word = self._read("state").strip()
        except FileNotFoundError:
            return ARMING
        if word not in STATES:
            raise NetworkError("%s: '%s' is no state of a checkpoint; %s" % (FOLDER, word, _BY_HAND))
        return word

    def manifest(self) -> Manifest:
        """What was recorded. Raises NetworkError when it cannot be read or is not valid."""
        try:
            return Manifest.from_text(self._read("manifest"))
        except (OSError, ValueError) as error:
            raise NetworkError("%s/manifest: %s; %s" % (FOLDER, error, _BY_HAND)) from None

    def report(self) -> Report:
        try:
            text = self._read("report")
        except OSError:
            return Report()
        lines = [line.partition(" ") for line in text.splitlines()]
        times = [words for kind, _space, words in lines if kind == "time" and words.isdigit()]
        return Report(
            tuple(words for kind, _space, words in lines if kind == "done"),
            tuple(words for kind, _space, words in lines if kind == "failed"),
            int(times[-1]) if times else 0,
        )

    def unchanged(self, manifest: Manifest) -> bool:
        """Whether every recorded profile file is, byte for byte, as it was."""
        for item in manifest.files:
            text = self.read_connection(item.name)
            if text is None or hashlib.sha256(text).hexdigest() != item.sum:
                return False
        return not any(self.read_connection(name) is not None for name in manifest.absent)

    def read_connection(self, name: str) -> Optional[bytes]:
        """The bytes of a profile file, None when it is not there."""
        try:
            with open(os.path.join(self.path(PERSISTENT), name), "rb") as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    # -- writing --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
        """One at a time: this call, others, and the program. Raises NetworkError when it stays taken."""
        descriptor = os.open(self.path(PARENT), os.O_RDONLY)
        try:
            end = time.monotonic() + timeout
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise NetworkError(
                            "%s is locked: the node is being put back, or another run is at work; see"
                            " 'journalctl -u %s', then run again" % (PARENT, _units.NAME)
                        ) from None
                time.sleep(0.2)
            yield
        finally:
            os.close(descriptor)

    def create(self, manifest: Manifest, copies: Sequence[bytes]) -> None:
        """The whole folder, in the state ``arming``, then the units; systemd is not told here."""
        made = self.folder + ".new"
        shutil.rmtree(made, ignore_errors=True)
        os.mkdir(made, 0o700)
        os.mkdir(os.path.join(made, "files"), 0o700)
        for number, content in enumerate(copies):
            _durable.write(os.path.join(made, "files", str(number)), content)
        _durable.write(os.path.join(made, "manifest"), manifest.to_text())
        _durable.write(os.path.join(made, "restore.sh"), PROGRAM)
        _durable.write(os.path.join(made, "state"), ARMING + "\n")
        _durable.sync(os.path.join(made, "files"))
        _durable.sync(made)
        os.rename(made, self.folder)
        _durable.sync(os.path.dirname(self.folder))
        self._write_unit(_units.SERVICE, _units.service(FOLDER))
        self.write_timer(manifest.timeout)
        wants = os.path.join(self.units, _units.WANTS)
        os.makedirs(wants, exist_ok=True)
        link = os.path.join(wants, _units.TIMER)
        if not os.path.lexists(link):
            os.symlink("%s/%s" % (_units.FOLDER, _units.TIMER), link)
        _durable.sync(wants)
        _durable.sync(self.units)

    def write_timer(self, timeout: int) -> None:
        self._write_unit(_units.TIMER, _units.timer(timeout))

    def write_manifest(self, manifest: Manifest) -> None:
        _durable.replace(os.path.join(self.folder, "manifest"), manifest.to_text())

    def sync_connections(self, manifest: Manifest) -> None:
        """Bring the profile files of a manifest to the disk as they are now, removed ones included."""
        for name in [item.name for item in manifest.files] + list(manifest.absent):
            with contextlib.suppress(FileNotFoundError):
                _durable.sync(os.path.join(self.path(PERSISTENT), name))
        _durable.sync(self.path(PERSISTENT))

    def put_state(self, word: str) -> None:
        _durable.replace(os.path.join(self.folder, "state"), word + "\n")

    def remove_units(self) -> bool:
        """Whether there was one."""
        wants = os.path.join(self.units, _units.WANTS)
        found = False
        for path in (
            os.path.join(wants, _units.TIMER),
            os.path.join(self.units, _units.TIMER),
            os.path.join(self.units, _units.SERVICE),
        ):
            for name in (path, path + ".new"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name)
                    found = True
        for folder in (wants, self.units):
            if found and os.path.isdir(folder):
                _durable.sync(folder)
        return found

    def remove(self) -> None:
        """The folder, and one that never became whole."""
        shutil.rmtree(self.folder + ".new", ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        _durable.sync(os.path.dirname(self.folder))

    def _write_unit(self, name: str, text: str) -> None:
        path = os.path.join(self.units, name)
        _durable.replace(path, text, 0o644)

    def _read(self, name: str) -> str:
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()

    def _refuse_foreign(self) -> None:
        found = os.lstat(self.folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise NetworkError(
                "%s: must be a folder of root's with mode 0700; look what it is, and remove it" % self.folder
            )


_BY_HAND = "compare its copies in files/ with system-connections by hand, then remove the folder"


def leftovers(store: Store) -> List[str]:
    """What of a checkpoint is on the disk, by path."""
    units = [os.path.join(store.units, name) for name in (_units.TIMER, _units.SERVICE)]
    found = [store.folder, store.folder + ".new", *units, os.path.join(store.units, _units.WANTS, _units.TIMER)]
    return [path for path in found if os.path.lexists(path)]
