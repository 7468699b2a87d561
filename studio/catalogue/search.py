"""Search over every action: some words, in any order, each the beginning of a word of the service or the action.

Theory of operation: the words of all actions form one sorted vocabulary; a query word selects the vocabulary's words it begins
(two bisections), the actions that have any of them, and the answer is the intersection over the query's words, ranked.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from studio.catalogue import naming, services
from studio.catalogue.optimized import OPTIMIZED

POPULAR: tuple[str, ...] = (
    "lambda:invoke",
    "bedrock:invokeModel",
    "dynamodb:getItem",
    "dynamodb:putItem",
    "dynamodb:updateItem",
    "sns:publish",
    "sqs:sendMessage",
    "states:startExecution",
    "http:invoke",
    "events:putEvents",
    "aws-sdk:s3:getObject",
    "aws-sdk:s3:putObject",
    "glue:startJobRun",
    "ecs:runTask",
    "batch:submitJob",
    "athena:startQueryExecution",
    "aws-sdk:bedrockruntime:converse",
    "aws-sdk:bedrockagentruntime:retrieve",
    "aws-sdk:sesv2:sendEmail",
    "aws-sdk:secretsmanager:getSecretValue",
    "aws-sdk:dynamodb:query",
    "aws-sdk:transcribe:startTranscriptionJob",
    "aws-sdk:textract:detectDocumentText",
    "aws-sdk:comprehend:detectSentiment",
    "aws-sdk:rekognition:detectLabels",
)
"""Resources, most used first: the palette's list before anything is typed, and the tie-breaker of a search."""

_SYNONYMS: dict[str, str] = {
    "lambda:invoke": "function call run code",
    "bedrock:invokeModel": "ai llm prompt claude genai model generate text",
    "aws-sdk:bedrockruntime:converse": "ai llm prompt chat claude genai",
    "http:invoke": "https api rest call request webhook endpoint third party saas",
    "sns:publish": "notify notification topic message",
    "sqs:sendMessage": "queue enqueue",
    "states:startExecution": "step functions sfn nested workflow state machine",
    "events:putEvents": "eventbridge event bus",
    "apigateway:invoke": "api gateway rest call",
    "elasticmapreduce:addStep": "emr spark hadoop",
    "elasticmapreduce:createCluster": "emr spark hadoop",
    "aws-sdk:sesv2:sendEmail": "mail",
}
_WORD = re.compile(r"[A-Za-z]+|\d+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the palette. `resource` is `lambda:invoke` or `aws-sdk:s3:getObject`."""

    resource: str
    service: str
    """The service for people: `Amazon DynamoDB`."""
    name: str
    """The operation: `PutItem`."""
    optimized: bool

    @property
    def palette_id(self) -> str:
        return f"action:{self.resource}"


def _split(text: str) -> list[str]:
    """The words of a name: `DBInstance` -> db, instance."""
    return [w.lower() for w in _PART.findall(text)]


def _words(title: str, more: str) -> set[str]:
    """The words of a service, which all of its actions have."""
    return {*_split(title), *_WORD.findall(title.lower()), *more.lower().split(), *_split(more)}


class Index:
    """Every action with its words. Building it takes a fifth of a second, beside reading the services."""

    def __init__(self, found: Iterable[services.Service]) -> None:
        self.actions: list[Action] = []
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._rank: list[int] = []
        popular = {resource: i for i, resource in enumerate(POPULAR)}
        for entry in OPTIMIZED.values():
            title, _, name = entry.title.partition(" · ")
            own = _words(title, f"{entry.service} {entry.token}")
            self._add(Action(entry.resource, title, name or "Invoke", optimized=True), own, popular)
        for service in found:
            own = _words(service.title, f"{service.token} {service.service_id}")
            for operation in service.operations:
                resource = f"aws-sdk:{service.token}:{naming.action_name(operation)}"
                self._add(Action(resource, service.title, operation, optimized=False), own, popular)
        self._vocabulary = sorted(self._words)

    def _add(self, action: Action, own: set[str], popular: dict[str, int]) -> None:
        at = len(self.actions)
        self.actions.append(action)
        self._rank.append(popular.get(action.resource, 1000 - 500 * action.optimized))
        words = {*own, *_split(action.name), action.name.lower(), *_SYNONYMS.get(action.resource, "").split()}
        for word in words:
            self._words[word].append(at)

    def _matching(self, prefix: str) -> dict[int, int]:
        """Entries that have a word beginning so, with 0 for the word itself and 1 for a longer one."""
        found: dict[int, int] = {}
        at = bisect_left(self._vocabulary, prefix)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(prefix):
            cost = 0 if self._vocabulary[at] == prefix else 1
            for entry in self._words[self._vocabulary[at]]:
                found[entry] = min(cost, found.get(entry, 1))
            at += 1
        return found

    def search(self, query: str, limit: int = 50, recent: Sequence[str] = ()) -> list[Action]:
        """The best `limit` actions: whole words before beginnings, recently used and popular ones first, then the shorter name."""
        words = [w.lower() for w in _WORD.findall(query)]
        if not words:
            order = [*recent, *(r for r in POPULAR if r not in recent)]
            by_resource = {a.resource: a for a in self.actions}
            return [by_resource[r] for r in order if r in by_resource][:limit]
        matches = [self._matching(word) for word in words]
        common = set(matches[0]).intersection(*matches[1:])
        used = {resource: i for i, resource in enumerate(recent)}

        def key(at: int) -> tuple[int, int, int, int, str]:
            action = self.actions[at]
            return (used.get(action.resource, 99), sum(m[at] for m in matches), self._rank[at], len(action.name), action.resource)

        return [self.actions[at] for at in sorted(common, key=key)[:limit]]


_built: list[Index] = []
_building = Lock()


def ready() -> Index | None:
    """The index where it is built already; never waits."""
    return _built[0] if _built else None


def index() -> Index:
    """The index, built when it is first asked for: for a thread. Whoever asks meanwhile waits for that one."""
    with _building:
        if not _built:
            _built.append(Index(services.all_services().values()))
        return _built[0]
