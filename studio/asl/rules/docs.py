"""The pages of docs/rules, written from the rules themselves: `python -m studio.asl.rules.docs DIR`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from studio.asl.rules import RULES
from studio.asl.rules.examples import EXAMPLES

_FAMILIES = {
    "1": "Text and structure",
    "2": "Flow",
    "3": "Query languages",
    "4": "Variables",
    "5": "Choice",
    "6": "Tasks and integrations",
    "7": "Reliability",
    "8": "Budgets",
    "9": "Data flow",
}


MAX_EXAMPLE = 2_000


def _example(rule: str) -> str:
    """The first example of a rule that fits on a page."""
    for name, root, location in EXAMPLES:
        text = json.dumps(root, indent=2)
        if name == rule and len(text) < MAX_EXAMPLE:
            return f"\n**Example.** Found at `{json.dumps(location)[1:-1]}` of\n\n```json\n{text}\n```\n"
    return ""


def pages() -> dict[str, str]:
    """File name -> Markdown."""
    index = ["# Rules", "", "What `studio validate` and the editor check. Generated from the rules; see `studio/asl/rules`.", ""]
    found: dict[str, str] = {}
    for digit, title in _FAMILIES.items():
        family = [rule for rule in RULES.values() if rule.id[3] == digit]
        if not family:
            continue
        index += [f"## {title}", "", "| rule | severity | what |", "|---|---|---|"]
        for rule in family:
            index.append(f"| [{rule.id}]({rule.id}.md) {rule.name} | {rule.severity} | {rule.sentence} |")
            code = f"\n\nAWS's code: `{rule.code}`." if rule.code else ""
            found[f"{rule.id}.md"] = (
                f"# {rule.id}: {rule.name}\n\nSeverity: {rule.severity}.{code}\n\n{rule.sentence}\n\n**Why.** {rule.why}\n{_example(rule.id)}"
            )
        index.append("")
    found["README.md"] = "\n".join(index)
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/rules")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
