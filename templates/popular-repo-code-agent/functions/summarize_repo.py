"""Ask an agent what a repository is about."""

from repository_agent import ask


def handler(event, _context):
    return {"repo": event["repo"], "summary": ask(f"What is the repository {event['repo']} about? Answer in one sentence.")}
