"""What a Task calls, read off its `Resource`: service, action, integration pattern, parameters.

Spec: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from studio.catalogue import shapes
from studio.catalogue.naming import action_name
from studio.catalogue.optimized import OPTIMIZED, SUFFIX, Optimized, Pattern
from studio.catalogue.own_shapes import own

if TYPE_CHECKING:
    from studio.catalogue.shapes import Operation, Shape

_RESOURCE = re.compile(r"(arn:[^:]*:states:[^:]*:[^:]*:)(aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9-]+)(\.sync:2|\.sync|\.waitForTaskToken)?\Z")
_LAMBDA = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:")
_NOT_ACTIONS = frozenset({"activity", "stateMachine", "execution"})
_PATTERN: dict[str, Pattern] = {suffix: pattern for pattern, suffix in SUFFIX.items()}

PAYLOADS: dict[str, frozenset[str]] = {
    "lambda:invoke": frozenset({"Payload"}),
    "bedrock:invokeModel": frozenset({"Body"}),
    "sns:publish": frozenset({"Message"}),
    "sqs:sendMessage": frozenset({"MessageBody"}),
    "states:startExecution": frozenset({"Input"}),
}
"""Parameters of optimized integrations that take any JSON, where the API itself takes a text or bytes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A `Resource` taken apart: `head` + `sdk` + `service:action` + suffix gives it back."""

    head: str
    sdk: bool
    service: str
    action: str
    pattern: Pattern

    @property
    def resource(self) -> str:
        return f"{self.head}{'aws-sdk:' if self.sdk else ''}{self.service}:{self.action}{SUFFIX[self.pattern]}"

    @property
    def name(self) -> str:
        """`dynamodb:putItem` or `aws-sdk:s3:getObject`."""
        return f"{'aws-sdk:' if self.sdk else ''}{self.service}:{self.action}"

    @property
    def optimized(self) -> Optimized | None:
        return None if self.sdk else OPTIMIZED.get(self.name)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The ways to call it, the one in use among them even where AWS does not offer it."""
        entry = self.optimized
        offered: tuple[Pattern, ...] = ("RR", "T") if self.sdk else entry.patterns if entry else ("RR",)
        return offered if self.pattern in offered else (*offered, self.pattern)

    def called(self, pattern: Pattern) -> Call:
        return replace(self, pattern=pattern)

    @property
    def operation(self) -> Operation | None:
        """The API's operation; None where it is none of botocore's (HTTP endpoints, EKS calls)."""
        if self.sdk:
            return shapes.operation(self.service, self.action)
        entry = self.optimized
        return shapes.operation(entry.token, action_name(entry.operation), optimized=True) if entry and entry.token else None

    @property
    def input(self) -> Shape | None:
        """What its parameters are; None where nobody describes them."""
        operation = self.operation
        return operation.input if operation else None if self.sdk else own(self.name)

    @property
    def sibling(self) -> Call | None:
        """The same action by the other integration: the SDK's of an optimized one, the optimized one of an SDK's."""
        if not self.sdk:
            entry = self.optimized
            return Call(self.head, True, entry.token, action_name(entry.operation), "RR") if entry and entry.token else None
        for entry in OPTIMIZED.values():
            if entry.token == self.service and action_name(entry.operation) == self.action:
                return Call(self.head, False, entry.service, entry.action, "RR")
        return None

    def takes_json(self, parameter: str) -> bool:
        return not self.sdk and parameter in PAYLOADS.get(self.name, ())


def call_of(resource: str) -> Call | None:
    """The action of a `Resource`; None for activities, functions by their own ARN, placeholders and what is no ARN."""
    found = _RESOURCE.match(resource)
    if found is None or found[3] in _NOT_ACTIONS:
        return None
    return Call(found[1], bool(found[2]), found[3], found[4], _PATTERN[found[5] or ""])


def is_function(resource: str) -> bool:
    """Whether a `Resource` is a Lambda function by its own ARN, the older way to call one."""
    return _LAMBDA.match(resource) is not None


@lru_cache(maxsize=256)
def parameters(name: str) -> dict[str, Shape]:
    """The parameters of `dynamodb:putItem` or `aws-sdk:s3:getObject`, required ones first, as the integration spells them."""
    call = call_of(f"arn:aws:states:::{name}")
    taken = call.input if call else None
    if call is None or taken is None:
        return {}
    members, required = taken.members, needed(name)
    entry = call.optimized
    offered = [m for m in members if entry is None or not entry.parameters or m in entry.parameters]
    return {m: members[m] for m in sorted(offered, key=lambda m: m not in required)}


@lru_cache(maxsize=256)
def needed(name: str) -> frozenset[str]:
    """The parameters that have to be given."""
    call = call_of(f"arn:aws:states:::{name}")
    taken = call.input if call else None
    required = taken.required if taken else frozenset[str]()
    return required | (call.optimized.required if call and call.optimized else frozenset[str]())
