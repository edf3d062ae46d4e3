# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of module change: the record of one change in a file, by the real rules of records, and the Lease.

The cluster's file says whether somebody else has the Lease.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.harvester.network.plugins.module_utils.change import (
    _gone_nodes,
    _phases,
    _ports,
    _record,
    _resume,
    _texts,
    _time,
    _way_back,
)
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError

TEXTS = (
    "kubeconfig context host api_key ca_cert client_cert client_key validate_certs proxy impersonate_user"
    " impersonate_groups namespace state runbook runner bound inputs phases id phase before takeover copy_dir notes why"
    " window_end extend took waited switches_ready switch_tasks vm_wait_timeout gone_nodes hosts"
)


def opened(found: list[_record.Record], given: dict) -> _record.Record:
    phases = tuple(
        _record.Phase(one["id"], one["role"], int(one["bound"]), one.get("input")) for one in given["phases"]
    )
    wanted = _resume.Wanted(given["runbook"], given["inputs"] or {}, {}, phases)
    return _resume.opened([one for one in found if one.is_open], wanted, _time.now())[0]


def event(record: _record.Record, state: str, given: dict) -> _record.Record:
    phase, now = given["phase"], _time.now()
    if state == "started":
        return _phases.started(record, phase, given["before"], now, bool(given["extend"]))
    if state == "done":
        return _phases.done(record, phase, now, float(given["took"]), float(given["waited"]))
    if state == "back":
        _ports.require(record, bool(given["switches_ready"]), bool(given["switch_tasks"]))
        cluster = json.loads((Path(os.environ["STUB_CLUSTER"]) / "cluster.json").read_text())
        ready = {node["name"]: node["ready"] for node in cluster.get("nodes", ())}
        return _gone_nodes.left_out(_phases.turned_back(record), given["gone_nodes"] or (), given["hosts"] or (), ready)
    if state == "undone":
        return _phases.undone(record, phase, now)
    if state == "noted":
        return _phases.noted(record, given["notes"])
    return _phases.closed(record, now) if state == "closed" else record


def main() -> None:
    spec = {name: {"type": "raw", "no_log": False} for name in TEXTS.split()}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    given, folder = module.params, Path(os.environ["STUB_CLUSTER"])
    state, runner, file = given["state"] or "open", given["runner"] or "r1", folder / "record.json"
    with (folder / "calls").open("a") as stream:
        stream.write("cluster %s%s\n" % (state, " " + given["runner"] if given["runner"] else ""))
    known = json.loads((folder / "cluster.json").read_text())
    if state == "leased" and known.get("held"):
        module.fail_json(msg="the network is being changed by '%s'" % known["held"])
    # From which renewal on somebody else has it.
    renewed = (folder / "calls").read_text().split("\n").count("cluster leased r1")
    if state == "leased" and renewed >= known.get("overtaken", renewed + 1):
        module.fail_json(msg="this run was overtaken by 'x/y'")
    if state in ("leased", "unleased"):
        module.exit_json(changed=False, change=None, runner=runner, phase=None)
    found = [_record.read(json.loads(file.read_text()), "the file")] if file.exists() else []
    try:
        record = opened(found, given) if state == "open" else event(found[0], state, given)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    if not module.check_mode:
        file.write_text(json.dumps(_record.written(record)))
    phase = record.phase(given["phase"] or "")
    module.exit_json(
        changed=record not in found,
        change=_texts.compact(record),
        runner=runner,
        resumed=state == "back" or any(one.id == record.id for one in found),
        phase=dataclasses.asdict(phase) if phase else None,
        rollback=[dataclasses.asdict(one) for one in _phases.rollback_order(record)],
        plan=_way_back.shown(
            record, tuple(given["hosts"] or ()), int(given["vm_wait_timeout"] or 0), _gone_nodes.noted(record)
        ),
        report=(_texts.pace(record) or _gone_nodes.report(record))
        if state == "closed"
        else _texts.failure(record, given["why"] or "", "harvester-system"),
    )


if __name__ == "__main__":
    main()
