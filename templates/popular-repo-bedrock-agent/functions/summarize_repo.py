"""Ask a Bedrock agent what a repository is about."""

import os
import uuid

import boto3


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


def handler(event, _context):
    return {"repo": event["repo"], "summary": ask(f"Summarize the repository {event['repo']} in one sentence.")}
