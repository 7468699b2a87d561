"""Ask a Bedrock agent for the most popular repository of the day; up to three times, until its answer names one."""

import os
import re
import uuid

import boto3

REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")


class NoRepositoryUrl(Exception):  # noqa: N818 - the name is the error of the state
    pass


def ask(prompt):
    names = ("AGENT_ID", "AGENT_ALIAS_ID")
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise RuntimeError(f"Set {' and '.join(missing)} to the agent that is to be asked.")
    client = boto3.client("bedrock-agent-runtime")
    answer = client.invoke_agent(
        agentId=os.environ["AGENT_ID"], agentAliasId=os.environ["AGENT_ALIAS_ID"], sessionId=str(uuid.uuid4()), inputText=prompt
    )
    return "".join(event["chunk"]["bytes"].decode() for event in answer["completion"] if "chunk" in event)


def handler(_event, _context):
    for _ in range(3):
        found = REPOSITORY.search(ask("Which repository is the most popular one today? Answer with its address only."))
        if found:
            return {"repo": found[0]}
    raise NoRepositoryUrl("The agent named no repository in three answers.")
