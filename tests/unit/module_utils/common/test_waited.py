# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call has waited is in its result, whichever way it ends, and is absent where it had not to wait."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.harvester.network.plugins.module_utils.common import _pause
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule

ENDS = {
    "exit_json": lambda module: module.exit_json(changed=False),
    "fail_json": lambda module: module.fail_json(msg="it does not answer"),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("pauses", "expected"), [([], None), ([2.0, 0.25], 2.2)])
def test_waited(
    end: str,
    pauses: list[float],
    expected: float | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(_pause.time, "sleep", lambda _seconds: None)
    for seconds in pauses:
        _pause.sleep(seconds)
    with patch_module_args(), pytest.raises(SystemExit):
        ENDS[end](CommandModule({}))
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found.get("waited") == expected
