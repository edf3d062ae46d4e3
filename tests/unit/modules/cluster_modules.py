# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules against the cluster's API, through Ansible's real argument parser, with a cluster in memory."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from cluster_api import Api

from ansible_collections.harvester.network.plugins.module_utils.cluster import _module
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._read import BY_NAME
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

MODULES = "ansible_collections.harvester.network.plugins.modules."


class Caller:
    """Calls one module on one cluster, time and again. api: what answers; last: the result."""

    def __init__(
        self, name: str, state: Snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._module = importlib.import_module(MODULES + name)
        self._waits = "wait_timeout:" in self._module.DOCUMENTATION or "network.wait" in self._module.DOCUMENTATION
        self._capsys = capsys
        self.api = Api(state)
        monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(self.api, retry_timeout=0))

    def __call__(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """The module's result. Without options about waiting it looks once."""
        self.api.sent.clear()
        waiting = {"wait_timeout": 0, "wait_sleep": 1} if self._waits else {}
        arguments = {**waiting, **options, "_ansible_check_mode": check}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            self._module.main()
        result: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return result

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        """Method, last part of the path, and body of what was written, without the version that was seen."""
        return [(method, path.split("/")[-1], without_version(body)) for method, path, body in self.api.written]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Method and last part of the path of every request from the first write on."""
        writes = [place for place, request in enumerate(self.api.sent) if request[0] != "GET"]
        return [(method, path.split("/")[-1]) for method, path, _body in self.api.sent[writes[0] :]]

    def lists(self, keys: Iterable[str]) -> None:
        """Every one of these kinds was listed once, those of BY_NAME were read by name, and nothing else was read."""
        plurals = [BY_KEY[key].plural for key in keys if key not in BY_NAME]
        named = [name for key in keys for name in BY_NAME.get(key, ())]
        read = [path.split("/")[-1] for method, path, _body in self.api.sent if method == "GET"]
        assert sorted(read) == sorted([*plurals, *named])


def without_version(body: Any) -> Any:
    if not isinstance(body, dict) or "metadata" not in body:
        return body
    metadata = {key: value for key, value in body["metadata"].items() if key != "resourceVersion"}
    return {
        **{key: value for key, value in body.items() if key != "metadata"},
        **({"metadata": metadata} if metadata else {}),
    }
