# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of a profile module from its options to its result. This module util is private to the collection."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError, Problem, ValidationError
from . import _carry, _host, _links, _liveness, _nmcli, _request, _steps
from ._host import Disk, Run
from ._host_support import refusals
from ._limits import LIVE, REBOOT, Confirm, Limits
from ._links_types import Snapshot
from ._places import CONFIRM_FOLDER, LIVE_FOLDER, PERSISTENT
from ._profile import Profile
from ._properties import BY_OPTION
from ._request import LOADED, REMOVED, UNCHANGED, Change, Request

_LEFT_ALONE = (
    "profile '%s': the device %s exists and is not NetworkManager's (a HostNetworkConfig's?); it is left alone and no"
    " profile is made, since one would flush its addresses"
)


@dataclass(frozen=True)
class Options:
    """How a request is carried out.

    apply: ``live``, or ``reboot`` (files only; the reboot is the caller's). check: change nothing.
    confirm: the change is undone unless somebody confirms it; None for one that stays.
    """

    state: str = "present"
    apply: str = LIVE
    check: bool = False
    confirm: Optional[Confirm] = None
    limits: Limits = field(default_factory=Limits)


@dataclass
class Result:
    """What a profile module returns."""

    changed: bool = False
    profiles: List[Dict[str, Any]] = field(default_factory=list)
    devices: List[Dict[str, str]] = field(default_factory=list)
    reboot_required: bool = False
    reboot_reasons: List[str] = field(default_factory=list)
    restored: List[str] = field(default_factory=list)
    earlier_change: str = "none"
    checkpoint: Dict[str, Any] = field(default_factory=dict)
    warnings: List[str] = field(default_factory=list)
    diff: List[Dict[str, str]] = field(default_factory=list)

    def to_dict(self) -> Dict[str, Any]:
        """As a profile module returns it."""
        found = dict(vars(self))
        found["warnings_found"] = found.pop("warnings")
        return found


class Prepared(NamedTuple):
    """Everything known before the first write."""

    request: Request
    changes: Tuple[Change, ...]
    plan: _steps.Plan
    warnings: Tuple[str, ...]
    disk: Disk
    now: Snapshot


class Planned(NamedTuple):
    """A call as far as it goes without changing anything. job: what has to be carried out, None for nothing."""

    result: Result
    job: Optional[Dict[str, Any]]
    prepared: Prepared
    writes: Tuple[Change, ...]


def apply(run: Run, items: Sequence[Mapping[str, Any]], options: Options) -> Result:
    """Bring the node's profiles to what ``items`` (pruned to what the user gave) say.

    Raises ValidationError before anything is touched, NetworkError when going live failed (and was undone).
    """
    result = Result()
    _finish_earlier(run, options.check, result)
    _look_at_checkpoint(run, options.check, result)
    planned = plan(run, items, options, result=result)
    job = planned.job
    if job is None:
        return result
    if result.checkpoint:
        _refuse_while_pending(run, options.check, result)
    if not options.check:
        if options.confirm is not None:
            job["confirm"] = True
            result.checkpoint = _arm(run, options, options.confirm, planned.prepared, planned.writes)
        result.restored = _carry.out(run, job)["restored"]
    return result


def plan(
    run: Run,
    items: Sequence[Mapping[str, Any]],
    options: Options,
    root: str = "/",
    result: Optional[Result] = None,
) -> Planned:
    """What a call would do, its result filled in as far as it is known. Raises ValidationError."""
    result = Result() if result is None else result
    prepared = prepare(run, items, options, root)
    result.warnings += prepared.warnings
    writes = tuple(change for change in prepared.changes if change.action != UNCHANGED)
    result.profiles = [change.result() for change in prepared.changes]
    result.diff = [change.diff() for change in writes if change.action != LOADED]
    steps = _at_boot(prepared.plan) if options.apply == REBOOT else prepared.plan
    result.devices = steps.device_list()
    result.reboot_reasons = steps.reboot
    result.reboot_required = bool(steps.reboot)
    if steps.steps:
        result.diff.append(_live_diff(steps))
    if not writes and not steps.steps:
        return Planned(result, None, prepared, writes)
    result.changed = True
    return Planned(result, _job(writes, steps, options.apply == LIVE), prepared, writes)


def prepare(run: Run, items: Sequence[Mapping[str, Any]], options: Options, root: str = "/") -> Prepared:
    """Read, merge, validate, plan: everything that can be refused is refused here."""
    refused = refusals(_host.read_support(root))
    if refused:
        raise ValidationError(refused)
    disk = _host.read_disk(root)
    removing = options.state == "absent"
    leaving = [item["id"] for item in items if removing or item.get("state") == "absent"]
    request = _request.absent(items, disk) if removing else _request.present(items, disk)
    _refuse_unwritable(request, disk)
    changes = _request.changes(request, disk)
    # At a boot NetworkManager reads every file anew: what it holds in memory now is then of no matter.
    asked = [name for name in request.named if name in disk.stored and options.apply == LIVE]
    loaded = _host.read_loaded(run, asked + leaving)
    if options.apply == LIVE:
        changes = [_stale(change, request, loaded) for change in changes]
    now = _links.read(run, root)
    left = _request.foreign(changes, disk, now.links)
    request = _request.without(request, left)
    changes = [change for change in changes if change.id not in left]
    profiles = _request.after_all(disk, changes)
    warnings = []
    if any(change.action != UNCHANGED for change in changes):
        warnings = _validated(profiles, request, now.links, options.limits, disk)
    steps = _liveness.plan(request, changes, profiles, now)
    _still_loaded(steps, leaving, disk, loaded)
    untouched = [Change(name, UNCHANGED, "", None, None) for name in left]
    warnings += [*steps.warnings, *(_LEFT_ALONE % (name, device) for name, device in left.items())]
    return Prepared(request, tuple(changes + untouched), steps, tuple(warnings), disk, now)


def _validated(
    profiles: Mapping[str, Profile],
    request: Request,
    links: Mapping[str, Any],
    limits: Limits,
    disk: Disk,
) -> List[str]:
    """The warnings for profiles that are about to be written or loaded. Raises ValidationError."""
    # Imported here: most calls write nothing, and every import is compiled anew on the node.
    from .validate import validate

    report = validate(
        profiles,
        touched=set(request.named),
        links=links,
        limits=limits,
        removed=set(request.removed),
        before=disk.profiles,
    )
    if report.problems:
        raise ValidationError(report.problems)
    return report.warnings


def _stale(change: Change, request: Request, loaded: Mapping[str, _nmcli.Loaded]) -> Change:
    """A file that is right, but that NetworkManager has not read since somebody edited it, has to be loaded."""
    if change.action != UNCHANGED or change.after is None:
        return change
    memory = loaded.get(change.id)
    if memory is None:
        return change._replace(action=LOADED)
    for option in request.named[change.id].values:
        row = BY_OPTION[option]
        if row.comparable and not row.same(memory.profile.values.get(option), change.after.values.get(option)):
            return change._replace(action=LOADED)
    return change


def _still_loaded(plan: _steps.Plan, ids: Sequence[str], disk: Disk, loaded: Mapping[str, _nmcli.Loaded]) -> None:
    """Profiles whose file is gone already but that NetworkManager still holds: removed at the next boot, or now."""
    names = [name for name in ids if name in loaded and name not in disk.stored]
    for name in names:
        plan.add(
            _steps.Step(
                (loaded[name].devices or (name,))[0],
                _steps.REMOVE,
                "profile '%s' has no file any more" % name,
                do=tuple(_nmcli.delete([name])),
                timeout=60,
            )
        )
        plan.expected.setdefault("removed", []).extend(loaded[name].devices)


def _refuse_unwritable(request: Request, disk: Disk) -> None:
    problems = []
    for name in list(request.named) + list(request.removed):
        where = "profile '%s'" % name
        if name in disk.doubles:
            problems.append(
                Problem(
                    where, "id", None, "several keyfiles have this id: %s" % ", ".join(disk.doubles[name]), "keep one"
                )
            )
        stored = disk.stored.get(name)
        if stored is not None and not stored.persistent:
            problems.append(
                Problem(
                    where,
                    "",
                    None,
                    "it lies in %s, which does not survive a boot or belongs to the system" % stored.path,
                    "store it in %s under another id" % PERSISTENT,
                )
            )
    if problems:
        raise ValidationError(problems)


def _at_boot(plan: _steps.Plan) -> _steps.Plan:
    """The same plan left to the next boot: no step now, each of them a reason for the reboot."""
    made = _steps.Plan(warnings=plan.warnings)
    for reason in plan.reboot:
        device, _colon, why = reason.partition(": ")
        made.needs_reboot(device, why)
    for step in plan.steps:
        made.needs_reboot(step.device, step.why)
    return made


def _live_diff(plan: _steps.Plan) -> Dict[str, str]:
    return {
        "before_header": "live",
        "after_header": "live",
        "before": "",
        "after": "".join("%s: %s (%s)\n" % (step.device, step.why, step.how) for step in plan.steps),
    }


def _job(writes: Sequence[Change], plan: _steps.Plan, load: bool) -> Dict[str, Any]:
    files = [
        {
            "path": change.path,
            "before": None if change.action == _request.CREATED else change.text_before,
            "after": None if change.action == REMOVED else change.text_after,
        }
        for change in writes
    ]
    return {
        "files": files,
        "steps": [step.to_dict() for step in plan.steps],
        "expected": plan.expected,
        "bond_options": plan.bond_options,
        "load": load,
    }


def _look_at_checkpoint(run: Run, check: bool, result: Result) -> None:
    """What an earlier change left to be confirmed; one that was undone meanwhile is this call's failure."""
    if os.path.isdir(CONFIRM_FOLDER):
        from .confirm import _change

        result.checkpoint, warnings = _change.earlier(run, check)
        result.warnings += warnings
        if warnings:
            result.earlier_change = "undone"


def _refuse_while_pending(run: Run, check: bool, result: Result) -> None:
    from .confirm import _change

    text = _change.refusal(run)
    if not check:
        raise NetworkError(text)
    result.warnings.append(text)


def _arm(run: Run, options: Options, confirm: Confirm, prepared: Prepared, writes: Sequence[Change]) -> Dict[str, Any]:
    # Imported here: most calls change nothing, and every import is compiled anew on the node.
    from .confirm import _change

    return _change.arm(run, confirm, writes, prepared.disk, prepared.now, boot=options.apply == REBOOT)


def _finish_earlier(run: Run, check: bool, result: Result) -> None:
    """Fetch what a change whose session was cut left behind; its failure is this call's failure."""
    if not os.path.isdir(LIVE_FOLDER):
        return
    from . import _launch

    job = _launch.pending()
    if job is None:
        return
    if check:
        result.earlier_change = "pending"
        result.warnings.append("an earlier change whose session was cut is not fetched yet; run without check mode")
        return
    outcome = _launch.fetch(run, job)
    _carry.raise_failure(run, job, outcome, "an earlier change, whose session was cut: %s; run again to retry")
    result.changed = True
    result.earlier_change = "completed"
    result.warnings.append("an earlier change, whose session was cut, has completed meanwhile")


def gathered(run: Run, ids: Optional[Sequence[str]] = None) -> List[Profile]:
    """The profiles on disk (all, or those named that exist), of the types that this collection manages."""
    disk = _host.read_disk()
    return [
        item.profile
        for name, item in disk.stored.items()
        if item.profile.type in ("bond", "bridge", "vlan", "ethernet") and (not ids or name in ids)
    ]


def rendered(items: Sequence[Mapping[str, Any]], limits: Limits) -> Dict[str, Any]:
    """Keyfiles and commands without any node: every item is taken as new. Raises ValidationError."""
    disk = Disk()
    request = _request.present(items, disk)
    changes = _request.changes(request, disk)
    profiles = _request.after_all(disk, changes)
    from .validate import validate

    report = validate(profiles, touched=set(request.named), links=None, limits=limits)
    if report.problems:
        raise ValidationError(report.problems)
    return {
        "keyfiles": [{"path": change.path, "content": change.text_after} for change in changes],
        "commands": [argv for change in changes if change.after for argv in _nmcli.commands(None, change.after)],
        "warnings": report.warnings,
    }
