"""A workflow in other forms: one table, read by the command line and by the editor's export menu."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from studio.export.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Form:
    """A form of export: what people call it, the ending of its files, and what writes it (text, or bytes of a picture)."""

    title: str
    ending: str
    write: Callable[[Workflow], str | bytes]


def _json(workflow: Workflow) -> str:
    from studio.asl.text import dump

    return workflow.text if workflow.text is not None and workflow.text.lstrip().startswith("{") else dump(workflow.root, "json")


def _yaml(workflow: Workflow) -> str:
    from studio.asl.text import dump

    return workflow.text if workflow.text is not None and not workflow.text.lstrip().startswith("{") else dump(workflow.root, "yaml")


def _cloudformation(workflow: Workflow) -> str:
    from studio.export.cloudformation import cloudformation

    return cloudformation(workflow)


def _sam(workflow: Workflow) -> str:
    from studio.export.cloudformation import sam

    return sam(workflow)


def _cdk_python(workflow: Workflow) -> str:
    from studio.export.cdk import cdk_python

    return cdk_python(workflow)


def _cdk_typescript(workflow: Workflow) -> str:
    from studio.export.cdk import cdk_typescript

    return cdk_typescript(workflow)


def _terraform(workflow: Workflow) -> str:
    from studio.export.terraform import terraform

    return terraform(workflow)


def _svg(workflow: Workflow) -> str:
    from studio.canvas import picture, scene

    return picture.svg(scene.build(workflow.root), title=workflow.name)


def _dot(workflow: Workflow) -> str:
    from studio.canvas import picture, scene

    return picture.dot(scene.build(workflow.root), title=workflow.name)


def _png(workflow: Workflow) -> bytes:
    from studio.export.image import image

    return image(workflow, "png")


def _pdf(workflow: Workflow) -> bytes:
    from studio.export.image import image

    return image(workflow, "pdf")


def _mermaid(workflow: Workflow) -> str:
    from studio.export.mermaid import mermaid

    return mermaid(workflow.root)


def _markdown(workflow: Workflow) -> str:
    from studio.export.markdown import markdown

    return markdown(workflow)


def _iam(workflow: Workflow) -> str:
    from studio.export.permissions import policy

    return json.dumps(policy(workflow), indent=2) + "\n"


FORMS: dict[str, Form] = {
    "json": Form("Definition (JSON)", ".asl.json", _json),
    "yaml": Form("Definition (YAML)", ".asl.yaml", _yaml),
    "cloudformation": Form("CloudFormation template", ".template.yaml", _cloudformation),
    "sam": Form("SAM template", ".sam.yaml", _sam),
    "cdk-python": Form("CDK stack (Python)", "_stack.py", _cdk_python),
    "cdk-typescript": Form("CDK stack (TypeScript)", "-stack.ts", _cdk_typescript),
    "terraform": Form("Terraform configuration", ".tf", _terraform),
    "svg": Form("Picture (SVG)", ".svg", _svg),
    "png": Form("Picture (PNG)", ".png", _png),
    "pdf": Form("Picture (PDF)", ".pdf", _pdf),
    "mermaid": Form("Mermaid diagram", ".mmd", _mermaid),
    "dot": Form("Graphviz DOT", ".dot", _dot),
    "markdown": Form("Documentation (Markdown)", ".md", _markdown),
    "iam": Form("IAM policy of its role", ".policy.json", _iam),
}
