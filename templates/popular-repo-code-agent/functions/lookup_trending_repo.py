"""Ask an agent for the most popular repository of the day; up to three times, until its answer names one."""

from repository_agent import find_repository


def handler(_event, _context):
    return {"repo": find_repository()}
