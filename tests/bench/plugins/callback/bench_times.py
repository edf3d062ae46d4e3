# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback that writes, per task and host, seconds and outcome to the file that $BENCH_TIMES names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_times
type: notification
short_description: Times of tasks per host, as JSON
description: Writes seconds and outcome of every task on every host to the file that E(BENCH_TIMES) names.
requirements: []
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "bench_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._starts: dict[tuple[str, str], float] = {}
        self._found: list[dict[str, Any]] = []

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._starts[host.get_name(), task._uuid] = time.monotonic()

    def _ended(self, result: Any, outcome: str) -> None:
        host, task = result.host.get_name(), result.task
        self._found.append(
            {
                "host": host,
                "task": task.get_name(),
                "seconds": round(time.monotonic() - self._starts.pop((host, task._uuid), time.monotonic()), 3),
                "outcome": outcome,
                "changed": bool(result.result.get("changed")),
                "message": str(result.result.get("msg", ""))[:2000] if outcome != "ok" else "",
            }
        )

    def v2_runner_on_ok(self, result: Any) -> None:
        self._ended(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._ended(result, "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._ended(result, "unreachable")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        path = os.environ.get("BENCH_TIMES")
        if path:
            Path(path).write_text(json.dumps(self._found), encoding="utf-8")
