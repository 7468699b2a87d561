"""PNG and PDF of a workflow through Graphviz's `dot`; SVG is drawn without it (`canvas.picture`)."""

from __future__ import annotations

from typing import Any, Literal

from studio.canvas import picture, scene
from studio.errors import StudioError
from studio.export.workflow import Workflow


def image(workflow: Workflow, form: Literal["png", "pdf"]) -> bytes:
    """The picture's bytes. Errors: StudioError where Graphviz is not installed, or gives up."""
    import graphviz  # pyright: ignore[reportMissingTypeStubs]

    source: Any = graphviz.Source(picture.dot(scene.build(workflow.root), title=workflow.name))
    try:
        return source.pipe(format=form)
    except graphviz.ExecutableNotFound as error:
        raise StudioError(
            "Graphviz's `dot` is not installed, which draws PNG and PDF.",
            "Install it (Debian: apt install graphviz, macOS: brew install graphviz), or export svg, which needs nothing.",
        ) from error
    except graphviz.CalledProcessError as error:
        raise StudioError(f"Graphviz could not draw the workflow: {str(error)[:500]}", "Export svg instead.") from error
