"""The first tool as a function of its own, for the agent whose turns are states."""

from repository_agent import read_trending_page


def handler(_event, _context):
    return {"text": read_trending_page()}
