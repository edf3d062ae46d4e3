# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the runner at a task, as a machine that dies would: KILL_AT="<name of the task>#<how many-th>".

With PAUSE_AT it stands still there until the file KILL_LOG.go is there. Every task that begins is written to the file
KILL_LOG, so that a test can kill at each of them, and see that a run stands still. With PACKED, a folder, the archives
that Ansible makes of modules are kept there, and serve the next runs too.

Filters are loaded before the first task: every task of every host is a fork of this process, and would load its own.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import connection_loader, filter_loader, shell_loader, test_loader

from ansible_collections.harvester.network.plugins import filter as filters


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_at"

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[str] = Counter()
        if packed := os.environ.get("PACKED"):
            (Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache").symlink_to(packed)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        for name in sorted(path.stem for folder in filters.__path__ for path in Path(folder).glob("[!_]*.py")):
            filter_loader.get(f"harvester.network.{name}")
        for loader, name in (
            (filter_loader, "default"),
            (test_loader, "defined"),
            (connection_loader, "local"),
            (shell_loader, "sh"),
        ):
            loader.get(f"ansible.builtin.{name}", class_only=True)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        name = str(task.get_name())
        self._seen[name] += 1
        here = f"{name}#{self._seen[name]}"
        with Path(os.environ["KILL_LOG"]).open("a", encoding="utf-8") as log:
            log.write(here + "\n")
        if here == os.environ.get("KILL_AT"):
            os.kill(os.getpid(), signal.SIGKILL)
        if here == os.environ.get("PAUSE_AT"):
            until = time.monotonic() + 600
            while not Path(os.environ["KILL_LOG"] + ".go").exists() and time.monotonic() < until:
                time.sleep(0.2)
