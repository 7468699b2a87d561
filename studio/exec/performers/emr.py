"""Amazon EMR's optimized integrations, which are spelt otherwise than EMR's API: `createCluster` is RunJobFlow, `addStep` AddJobFlowSteps.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.asl.tree import Json

Members = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Adapted:
    """`request` and `response` turn what Step Functions says into what the API says, and back; `answer` undoes `response`."""

    operation: str
    request: Callable[[Members], Members]
    response: Callable[[Members], Members] = lambda _answer: {}
    answer: Callable[[Members], Members] = lambda _shown: {}


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else None


def _without(given: Members, *names: str) -> Members:
    return {name: value for name, value in given.items() if name not in names}


def _cluster(given: Members) -> Members:
    return {"JobFlowIds": [given.get("ClusterId")], **_without(given, "ClusterId")}


ADAPTED: dict[str, Adapted] = {
    "elasticmapreduce:createCluster": Adapted(
        "RunJobFlow",
        lambda given: given,
        lambda told: {"ClusterId": told.get("JobFlowId"), **({"ClusterArn": told["ClusterArn"]} if "ClusterArn" in told else {})},
        lambda shown: {"JobFlowId": shown.get("ClusterId"), **({"ClusterArn": shown["ClusterArn"]} if "ClusterArn" in shown else {})},
    ),
    "elasticmapreduce:addStep": Adapted(
        "AddJobFlowSteps",
        lambda given: {"JobFlowId": given.get("ClusterId"), "Steps": [given.get("Step")], **_without(given, "ClusterId", "Step")},
        lambda told: {"StepId": _first(told.get("StepIds"))},
        lambda shown: {"StepIds": [shown.get("StepId")]},
    ),
    "elasticmapreduce:terminateCluster": Adapted("TerminateJobFlows", _cluster),
    "elasticmapreduce:setClusterTerminationProtection": Adapted("SetTerminationProtection", _cluster),
    "elasticmapreduce:cancelStep": Adapted(
        "CancelSteps",
        lambda given: {"ClusterId": given.get("ClusterId"), "StepIds": [given.get("StepId")]},
        lambda told: dict(found) if isinstance(found := _first(told.get("CancelStepsInfoList")), dict) else {},
    ),
}
"""By the integration. Those that change instance groups by their names need several calls, and are not here."""
