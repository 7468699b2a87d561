"""The templates: where they are, and what their READMEs say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE / "_templates", PACKAGE.parent / "templates")
"""Inside an installed package, or beside it in a clone."""


@dataclass(frozen=True, slots=True)
class Group:
    """Templates that belong together, the most useful first."""

    title: str
    summary: str
    ids: tuple[str, ...]


GROUPS = (
    Group(
        "Start here",
        "One idea each: a model, a chain, a choice, a Map, a retry, a person.",
        (
            "hello-bedrock",
            "summarize-transcript",
            "prompt-templating",
            "sequential-chain",
            "conversation-history",
            "parallel-prompts",
            "conditional-book",
            "map-book-list",
            "notify-with-sns",
            "prompt-with-stored-context",
            "json-validation-reprompt",
            "human-approval-loop",
            "credit-limit-approval",
        ),
    ),
    Group(
        "Requests for proposals and retrieval",
        "Nine questions at once, answers out of documents, thousands of rows in S3.",
        (
            "rfp-inline-map",
            "rfp-rag-knowledge-base",
            "rfp-rag-kendra",
            "rfp-rag-http-vector",
            "rfp-distributed-csv",
            "rfp-distributed-json",
            "rfp-distributed-objects",
            "throttled-image-map",
            "summarize-then-translate",
            "knowledge-base-ingest",
        ),
    ),
    Group(
        "Applications",
        "Whole applications of many prompts, functions and decisions.",
        (
            "video-title-app",
            "blog-post",
            "story-writer",
            "trip-planner",
            "movie-pitch",
            "meal-planner",
            "popular-repo-bedrock-agent",
            "popular-repo-code-agent",
        ),
    ),
    Group(
        "Jobs, HTTP and images",
        "Wait for a job, call other services, keep large payloads in S3, redrive what failed.",
        (
            "transcription-wait-loop",
            "parallel-bedrock-hugging-face",
            "large-payload-s3",
            "avatar-image",
            "model-customization",
            "redrive-demo",
        ),
    ),
    Group(
        "Direct integration",
        "Services without a function between, each calling pattern, each kind of credentials.",
        ("getitem-direct", "getitem-with-lambda", "call-patterns", "http-saas-call"),
    ),
    Group(
        "Pictures and documents",
        "Models that see: charts, floor plans, products, dishes, documents.",
        (
            "document-classification",
            "chart-to-table",
            "image-follow-up-questions",
            "product-from-image",
            "property-listing",
            "recipe-from-image",
        ),
    ),
    Group(
        "Machine learning operations",
        "Train, deploy, ask, clean up; many models side by side; catalogues in many languages.",
        ("sagemaker-model-fan-out", "ml-pipeline-deploy", "translation-batch", "endpoint-deploy-infer-cleanup", "fine-tune-and-merge"),
    ),
    Group(
        "Connected sources", "Protected APIs and data sources that are kept in step.", ("grant-site-permission", "knowledge-source-sync")
    ),
)
OTHERS = "More"
"""The group of a template that no group names."""
_PLACES = {name: (g, i) for g, group in enumerate(GROUPS) for i, name in enumerate(group.ids)}


@dataclass(frozen=True, slots=True)
class Template:
    """One folder of `templates/`; what its README's front matter says."""

    id: str
    folder: Path
    title: str
    summary: str
    tags: tuple[str, ...]
    type: str
    language: str

    @property
    def group(self) -> str:
        """The title of its group."""
        return GROUPS[_PLACES[self.id][0]].title if self.id in _PLACES else OTHERS

    @property
    def about(self) -> str:
        """Its README as Markdown, without front matter, heading and diagram: who shows it has a better picture."""
        readme = self.folder / "README.md"
        text = readme.read_text("utf-8", "replace") if readme.is_file() else ""
        text = re.sub(r"```mermaid\n.*?\n```\n+", "", text, flags=re.DOTALL)
        return re.sub(r"\A(---\n.*?\n---\n)?\s*(# [^\n]*\n\s*)?", "", text, flags=re.DOTALL)


def templates() -> list[Template]:
    """All templates, group by group; a folder without a definition is none."""
    found: list[Template] = []
    for root in FOLDERS:
        if root.is_dir():
            found += [_read(folder) for folder in sorted(root.iterdir()) if (folder / "workflow.asl.json").is_file()]
            break
    return sorted(found, key=lambda template: (_PLACES.get(template.id, (len(GROUPS), 0)), template.title.lower()))


def _read(folder: Path) -> Template:
    readme = folder / "README.md"
    front: dict[str, str] = {}
    body = readme.read_text("utf-8", "replace") if readme.is_file() else ""
    if match := re.match(r"---\n(.*?)\n---\n", body, re.DOTALL):
        front = {key.strip(): value.strip().strip("\"'") for key, _, value in (line.partition(":") for line in match[1].splitlines())}
    tags = tuple(tag.strip(" \"'") for tag in front.get("tags", "").strip("[]").split(",") if tag.strip(" \"'"))
    title = front.get("title") or folder.name.replace("-", " ").capitalize()
    return Template(
        folder.name, folder, title, front.get("summary", ""), tags, front.get("type", "STANDARD"), front.get("language", "JSONPath")
    )
