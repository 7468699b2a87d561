"""The child executions of Map Runs, in this process: started in the engine's thread, kept in the log, found again after a crash.

A child runs on its parent's clock and in its world (mocks, functions); its row has the Map Run's ARN and its index among the items.
The record of a Map Run is a thing of the store, by its ARN.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.asl.tree import Json
from studio.asl.values import to_aws_text
from studio.errors import ServiceError
from studio.exec import decide as core
from studio.exec.driver import Writer, identity
from studio.exec.effects import StartMapRun
from studio.exec.machine import Machine
from studio.exec.map_run import Ended, MapRun, items_of
from studio.exec.origin import Origin
from studio.exec.redrive import folded
from studio.exec.reopen import Reopened, identity_of
from studio.exec.requests import check_arn, new_uuid, when
from studio.exec.run import Run
from studio.store.batches import dumps, loads
from studio.store.eventlog import EventLog, Row

if TYPE_CHECKING:
    from studio.exec.scheduler import Live, Scheduler


class ChildExecutions:
    """Implements `map_run.Children` over the log and the scheduler."""

    def __init__(self, log: EventLog, scheduler: Scheduler) -> None:
        self._log = log
        self._scheduler = scheduler
        self.reopened: Reopened | None = None
        """Who redrives a child."""
        self._rows: dict[str, dict[int, Row]] = {}
        """The children to be redriven, by Map Run and index."""

    def known(self, parent: Run, effect: StartMapRun) -> dict[int, Ended | None]:
        found: dict[int, Ended | None] = {}
        rows = self.rows(effect.arn)
        if rows and "mocks" in self._scheduler.live[parent.identity.arn].meta:
            self._count_tasks(parent, effect, rows)
        waiting = self._rows[effect.arn] = {}
        for row in rows:
            again = row.status != "SUCCEEDED" and row.meta.get("round", 0) < effect.round
            if again:
                waiting[row.meta["index"]] = row
            found[row.meta["index"]] = None if row.status == "RUNNING" else Ended(row.status, _value(row.output), again)
        return found

    def _count_tasks(self, parent: Run, effect: StartMapRun, rows: list[Row]) -> None:
        """Mocked responses are counted over the whole of the parent's execution: what its children of an earlier process took counts too."""
        machine = Machine(effect.state.branches[0], _processor(effect), None, parent.machine.jsonata)
        for row in rows:
            live = self._scheduler.live.get(row.arn)
            run = live.run if live is not None else folded(machine, identity_of(row), self._log.events(row.arn))
            if run.ordinals is parent.ordinals:
                continue
            for name, count in run.ordinals.items():
                parent.ordinals[name] = parent.ordinals.get(name, 0) + count
            run.ordinals = parent.ordinals

    def redrive(self, parent: Run, effect: StartMapRun, index: int, given: Json) -> None:
        row = self._rows[effect.arn].pop(index)
        if row.kind == "EXPRESS":
            self._log.describe(row.arn, {**row.meta, "superseded": True})
            self.start(parent, effect, index, given)
            return
        row.meta = {**row.meta, "round": effect.round}
        assert self.reopened is not None
        self.reopened.redrive(row)
        child = self._scheduler.live.get(row.arn)
        if child is not None:
            child.run.ordinals, child.run.holds, child.world = (
                parent.ordinals,
                parent.holds,
                self._scheduler.live[parent.identity.arn].world,
            )
            child.run.unfit = parent.unfit

    def start(self, parent: Run, effect: StartMapRun, index: int, given: Json) -> None:
        family = self._scheduler.live[parent.identity.arn]
        label = effect.arn.split(":mapRun:")[1].split("/")[1].split(":")[0]
        kind = "EXPRESS" if _processor(effect).get("ProcessorConfig", {}).get("ExecutionType") == "EXPRESS" else "STANDARD"
        now = family.clock.now()
        owner = parent.identity
        who = identity(
            new_uuid(), f"{owner.machine_name}/{label}", now, express=kind == "EXPRESS", region=owner.region, account=owner.account
        )
        who.machine_arn, who.role_arn = f"{owner.machine_arn}/{label}", owner.role_arn
        machine = Machine(effect.state.branches[0], _processor(effect), None, parent.machine.jsonata)
        run = core.start(machine, who, given, None, now, quotas=parent.quotas, express=kind == "EXPRESS")
        run.holds = parent.holds
        run.ordinals = parent.ordinals  # mocked responses are counted over the whole of the parent's execution
        live = family.child(run, Writer(self._log, run))
        self.watch(live, effect.arn, index)
        shared = {key: value for key, value in family.meta.items() if key not in {"redrives", "redriven", "from", "begun"}}
        begun = Origin(owner.arn, "iteration", index=index).meta()
        meta = {**shared, "index": index, "round": effect.round, **begun, "roleArn": owner.role_arn}
        text = dumps(_definition(effect, parent)).decode()
        row = Row(who.arn, who.name, who.machine_arn, kind, "RUNNING", now, text, to_aws_text(given), meta, map_run=effect.arn)
        live.meta = meta
        live.writer.create(row)
        self._scheduler.add(live)

    def watch(self, live: Live, arn: str, index: int) -> None:
        """Tell the Map Run when a child ends."""
        live.ended.append(lambda child: self._scheduler.child_ended(arn, index, Ended(child.run.status, child.run.output)))

    def stop(self, arn: str) -> None:
        for row in self._log.children(arn):
            live = self._scheduler.live.get(row.arn)
            if live is not None:
                live.ended = []
                core.stop(live.run, live.clock.now())
                self._scheduler.wake(live)

    def rows(self, arn: str) -> list[Row]:
        return sorted((r for r in self._log.children(arn) if not r.meta.get("superseded")), key=lambda row: row.meta["index"])

    def begun(self, arn: str) -> float | None:
        kept = self._log.get_thing("map-run", arn)
        return kept["startDate"] if kept else None

    def keep(self, record: MapRun) -> None:
        if record.status != "RUNNING" and record.stopped is None:
            family = self._scheduler.live.get(record.parent.identity.arn)
            record.stopped = family.clock.now() if family is not None else record.parent.now
        self._log.put_thing("map-run", record.arn, _described(record))

    # DescribeMapRun, ListMapRuns

    def describe(self, arn: str) -> dict[str, Any]:
        running = self._scheduler.map_run(arn)
        found = _described(running) if running is not None else self._log.get_thing("map-run", arn)
        if found is None:
            check_arn(arn, "mapRun")
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'")
        return _dated(found)

    def update(self, arn: str, limit: int | None, count: int | None, percentage: float | None) -> None:
        """UpdateMapRun: only one that runs can be changed."""
        running = self._scheduler.map_run(arn)
        if running is not None:
            running.update(limit, count, percentage)
        elif self._log.get_thing("map-run", arn) is None:
            check_arn(arn, "mapRun")
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'")
        else:
            raise ServiceError("ValidationException", "Map Run cannot be updated: it has ended")

    def of(self, execution: str) -> list[dict[str, Any]]:
        """ListMapRuns' summaries."""
        found = list(self._log.map_runs(execution).values())
        machine = found[0]["stateMachineArn"] if found else ""
        keys = ("executionArn", "mapRunArn", "startDate", "stopDate")
        return [_dated({**{k: r[k] for k in keys if k in r}, "stateMachineArn": machine}) for r in found]


def _processor(effect: StartMapRun) -> dict[str, Any]:
    raw = effect.state.raw
    return raw.get("ItemProcessor") or raw.get("Iterator") or {}


def _definition(effect: StartMapRun, parent: Run) -> dict[str, Any]:
    """A child's definition as one that stands alone."""
    processor = _processor(effect)
    return {"QueryLanguage": "JSONata", **processor} if parent.machine.jsonata else processor


def _value(text: str | None) -> Json:
    return None if text is None else loads(text)


def _described(record: MapRun) -> dict[str, Any]:
    """DescribeMapRun's answer, times in seconds."""
    counts = record.counts()
    count, percentage = record.effect.tolerated
    items = {**counts, "total": sum(map(items_of, record.inputs))} if any(items_of(i) != 1 for i in record.inputs) else counts
    found: dict[str, Any] = {
        "mapRunArn": record.arn,
        "executionArn": record.parent.identity.arn,
        "stateMachineArn": record.parent.identity.machine_arn + "/" + record.arn.split(":mapRun:")[1].split("/")[1].split(":")[0],
        "status": record.status,
        "startDate": record.started,
        "maxConcurrency": record.effect.limit,
        "toleratedFailurePercentage": percentage or 0.0,
        "toleratedFailureCount": count or 0,
        "itemCounts": items,
        "executionCounts": counts,
        "redriveCount": record.effect.round,
    }
    if record.effect.round:
        found["redriveDate"] = record.redriven
    if record.status != "RUNNING":
        found["stopDate"] = record.stopped
    return json.loads(json.dumps(found))


def _dated(record: dict[str, Any]) -> dict[str, Any]:
    return {k: when(v) if k in {"startDate", "stopDate", "redriveDate"} else v for k, v in record.items()}
