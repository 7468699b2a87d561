"""The second tool as a function of its own, for the agent whose turns are states."""

from repository_agent import read_repository_readme


def handler(event, _context):
    return {"text": read_repository_readme(event.get("repo", ""))}
