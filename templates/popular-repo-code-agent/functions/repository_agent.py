"""An agent without a library: a model, two tools, and a loop that does what the model asks for until it answers.

The tools read the recorded pages in `data/`, or GitHub itself where the environment says `READ_GITHUB=1`.
"""

import json
import os
import re
import urllib.request
from pathlib import Path

import boto3

MODEL = os.environ.get("MODEL_ID", "us.amazon.nova-pro-v1:0")
TURNS = 4
REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/[\w.-]*\w")
HEADING = re.compile(r'<h2[^>]*>\s*<a[^>]*href="(/[^"]+)"')
EXAMPLE = "https://github.com/owner/name"
FOLDERS = (Path(__file__).parent / "data", Path(__file__).parents[1] / "data")
HOW = """You may use these tools:
{tools}
To use one, answer with JSON only: {{"tool": "its name", "input": {{...}}}}. When you know the answer: {{"answer": "the text"}}.
Your task: {task}"""


class NoRepositoryUrl(Exception):  # noqa: N818 - the name is the error of the state
    pass


class NoAnswer(Exception):  # noqa: N818
    pass


def read_trending_page():
    """Read which repositories are popular today: their addresses, the most popular one first. It takes no input."""
    found = HEADING.findall(page("https://github.com/trending", "trending.html"))
    return "\n".join(f"https://github.com{path}" for path in found) or "The page names no repository."


def read_repository_readme(repo=""):
    """Read the first 5,000 characters of a repository's README. Input: repo, its address."""
    if not REPOSITORY.fullmatch(repo):
        return f"This is not the address of a repository. One looks like {EXAMPLE}."
    return page(repo.replace("github.com", "raw.githubusercontent.com") + "/HEAD/README.md", "readme.md")[:5000]


TOOLS = {tool.__name__: tool for tool in (read_trending_page, read_repository_readme)}


def page(url, recorded):
    if os.environ.get("READ_GITHUB") == "1":
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - always https
            return answer.read(2_000_000).decode("utf-8", "replace")
    return next(folder / recorded for folder in FOLDERS if (folder / recorded).is_file()).read_text("utf-8")


def ask(task):
    """The model's answer to a task, after as many tools as it wanted."""
    client = boto3.client("bedrock-runtime")
    tools = "\n".join(f"- {name}: {tool.__doc__}" for name, tool in TOOLS.items())
    messages = [{"role": "user", "content": [{"text": HOW.format(tools=tools, task=task)}]}]
    for _ in range(TURNS):
        said = client.converse(modelId=MODEL, messages=messages)["output"]["message"]
        wanted = parsed("".join(part.get("text", "") for part in said["content"]))
        if "answer" in wanted:
            return str(wanted["answer"])
        messages += [said, {"role": "user", "content": [{"text": used(wanted)}]}]
    raise NoAnswer(f"The model gave no answer in {TURNS} turns.")


def parsed(text):
    """The JSON object in what the model said; an empty one where there is none."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        value = json.loads(found[0]) if found else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def used(wanted):
    """What the tool that the model wants gives, or what is wrong with its wish."""
    tool = TOOLS.get(wanted.get("tool"))
    if tool is None:
        return f"Answer with JSON only, and with one of the tools {', '.join(TOOLS)}."
    try:
        return tool(**wanted.get("input", {}))
    except (OSError, TypeError) as error:
        return f"The tool failed: {error}"


def find_repository():
    for _ in range(3):
        text = ask(f"Which repository is the most popular one today? Answer with its address, which looks like {EXAMPLE}.")
        found = [url for url in REPOSITORY.findall(text) if url != EXAMPLE]
        if found:
            return found[0]
    raise NoRepositoryUrl("The agent named no repository in three answers.")
