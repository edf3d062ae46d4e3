# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a change: written, loaded by NetworkManager, put back when that fails.

This module util is private to the collection. Apart from _live.py, since a change of files alone needs no more and
every import is compiled anew on the node.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..common._errors import NetworkError
from . import _durable

# Longest run of one command that is not a step of its own, seconds.
COMMAND_TIMEOUT = 30


def run(argv: Sequence[str], timeout: float = COMMAND_TIMEOUT) -> Tuple[int, str, str]:
    """Run a command; a missing program or a timeout is an exit status too (127, 124)."""
    try:
        # The transient unit has no AnsibleModule.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            list(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return 127, "", "%s: command not found" % argv[0]
    except subprocess.TimeoutExpired:
        return 124, "", "%s: no end after %d s" % (argv[0], timeout)
    return done.returncode, done.stdout, done.stderr


class StepFailed(NetworkError):
    """A step that did not do what it should."""


class FilesJob:
    """A change of keyfiles alone.

    data: ``files`` [{path, before (None: new), after (None: removed)}], and ``load``: whether NetworkManager reads the
    files now (a profile that it autoconnects becomes live by that) or at the next boot.
    """

    def __init__(
        self, data: Mapping[str, Any], runner: Callable[..., Tuple[int, str, str]] = run, root: str = "/"
    ) -> None:
        self.files: List[Dict[str, Any]] = list(data["files"])
        self.load = bool(data.get("load", True))
        self._run = runner
        self._root = root

    def execute(self) -> Dict[str, Any]:
        """Do it. The result says ``ok``, and when not: ``error``, ``undone`` and what undoing itself could not do."""
        try:
            self._write(forward=True)
        except Exception as error:
            lost = self._files_back()
            text = str(error) or type(error).__name__
            return {"ok": False, "error": text, "undone": not lost, "undo_failed": lost, "restored": []}
        return {"ok": True, "restored": []}

    def as_found(self) -> bool:
        """Whether every file still is as it was when the change was planned."""
        return all(_text(os.path.join(self._root, item["path"].lstrip("/"))) == item["before"] for item in self.files)

    def _files_back(self) -> List[str]:
        """Put the files back; what could not be."""
        try:
            self._write(forward=False)
        except (NetworkError, OSError) as problem:
            return ["profiles: %s" % problem]
        return []

    def _write(self, forward: bool) -> None:
        """Put the files in their new (or, backwards, their old) state; NetworkManager reads just those."""
        paths: List[str] = []
        written: Dict[str, str] = {}
        gone: List[str] = []
        for item in self.files:
            text = item["after"] if forward else item["before"]
            path = os.path.join(self._root, item["path"].lstrip("/"))
            if text is None and forward:
                # nmcli connection delete removes the file with the profile; before a reboot only the file goes.
                if not self.load:
                    gone.append(path)
                continue
            if text is not None:
                written[path] = text
            elif os.path.exists(path):
                gone.append(path)
            paths.append(item["path"])
        _write_files(written)
        _remove_files(gone)
        if paths and self.load:
            self._command(load(paths))

    def _command(self, argv: Sequence[str], timeout: float = COMMAND_TIMEOUT) -> str:
        status, output, errors = self._run(argv, timeout)
        if status != 0:
            message = " ".join((errors.strip() or output.strip() or "no message").split())
            raise StepFailed("'%s' failed with exit status %d: %s" % (" ".join(argv), status, message))
        return output


def load(paths: Iterable[str]) -> List[str]:
    """Make NetworkManager read these files again, and only these (a reload would take in everybody's edits)."""
    return ["nmcli", "connection", "load"] + list(paths)


def _text(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _write_files(texts: Mapping[str, str]) -> None:
    """Atomic, 0600, root's: NetworkManager ignores keyfiles that others can read, and names that begin with a dot."""
    for folder in {os.path.dirname(path) for path in texts}:
        os.makedirs(folder, exist_ok=True)
    _durable.replace_all(texts, meanwhile=_hidden)


def _hidden(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, ".%s.harvester-network" % name)


def _remove_files(paths: Iterable[str]) -> None:
    folders = set()
    for path in paths:
        os.unlink(path)
        folders.add(os.path.dirname(path))
    for folder in folders:
        _durable.sync(folder)
