"""HashiCorp's configuration language, as far as a state machine's definition and settings need it: read as text, nothing is executed.

Spec: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


class Reference(str):
    """What stands for a value that Terraform works out: `var.table`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression that is not read, and why."""

    why: str


class UnreadableError(Exception):
    """An expression beyond what is read here."""


_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/              # nothing
      |(?P<heredoc><<-?(?P<tag>\w+)\n(?P<body>.*?)\n?^[ \t]*(?P=tag)[ \t]*$)
      |(?P<string>"(?:\\.|\$\$?\{[^}]*\}|[^"\\])*+")
      |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<name>[A-Za-z_][\w-]*(?:\.[\w*-]+|\[(?:"[^"]*"|\d+|\*)\])*)
      |(?P<mark>[{}\[\]()=:,])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class Reader:
    """HCL as far as a state machine needs it: blocks, attributes, literals, calls of `functions`. UnreadableError for the rest."""

    def __init__(self, text: str, functions: Callable[[str, list[Any]], Any]) -> None:
        self.functions = functions
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self.tokens.append(("other", text[at]))
                at += 1
                continue
            at = match.end()
            kind = next((k for k in ("heredoc", "string", "number", "name", "mark") if match[k] is not None), "")
            if kind == "heredoc":
                self.tokens.append((kind, _dedented(match["body"]) if match["heredoc"].startswith("<<-") else match["body"]))
            elif kind:
                self.tokens.append((kind, match[kind]))
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, wanted: str = "") -> tuple[str, str]:
        token = self.peek()
        if wanted and token[1] != wanted:
            raise UnreadableError(token[1])
        self.at += 1
        return token

    def blocks(self) -> Iterator[tuple[list[str], dict[str, Any]]]:
        """The blocks at the top: their labels (`resource`, `aws_sfn_state_machine`, `orders`) and bodies."""
        while self.peek()[0] != "end":
            labels: list[str] = []
            while self.peek()[0] in {"name", "string"}:
                kind, text = self.take()
                labels.append(text if kind == "name" else text[1:-1])
            if labels and self.peek()[1] == "{":
                yield labels, self.body()
            else:
                self.take()

    def body(self) -> dict[str, Any]:
        """Attributes and blocks between braces; what cannot be read is `Unread`."""
        self.take("{")
        held: dict[str, Any] = {}
        while self.peek()[1] != "}":
            kind, name = self.take()
            if kind == "end":
                raise UnreadableError("the end")
            if self.peek()[1] == "=":
                self.take()
                begun = self.at
                try:
                    held[name] = self.whole()
                except UnreadableError as error:
                    held[name] = Unread(str(error))
                    self.at = begun
                    self.skip()
            elif self.peek()[1] == "{":
                held[name] = self.body()
        self.take("}")
        return held

    def skip(self) -> None:
        """Over an expression that cannot be read: up to what looks like the next attribute, block or end."""
        depth = 0
        while self.peek()[0] != "end":
            following = self.tokens[self.at + 1][1] if self.at + 1 < len(self.tokens) else ""
            if depth == 0 and (self.peek()[1] == "}" or (self.peek()[0] == "name" and following in {"=", "{"})):
                return
            text = self.take()[1]
            depth += (text in {"{", "[", "("}) - (text in {"}", "]", ")"})

    def whole(self) -> Any:
        """A value that no operator follows."""
        held = self.value()
        if self.peek()[0] == "other":
            raise UnreadableError(f"an expression with {self.peek()[1]}")
        return held

    def value(self) -> Any:
        kind, text = self.take()
        match kind, text:
            case "heredoc", _:
                return _unescaped(text)
            case "string", _:
                return _unescaped(_quoted(text))
            case "number", _:
                return json.loads(text)
            case "name", ("true" | "false" | "null"):
                return json.loads(text)
            case "name", _ if self.peek()[1] == "(":
                self.take("(")
                given = self.items(")")
                return self.functions(text, given)
            case "name", _:
                return Reference(text)
            case "mark", "[":
                return self.items("]")
            case "mark", "{":
                return self.members()
            case _:
                raise UnreadableError(text)

    def items(self, end: str) -> list[Any]:
        held: list[Any] = []
        while self.peek()[1] != end:
            held.append(self.value())
            if self.peek()[1] == ",":
                self.take()
        self.take(end)
        return held

    def members(self) -> dict[str, Any]:
        held: dict[str, Any] = {}
        while self.peek()[1] != "}":
            kind, key = self.take()
            if kind not in {"name", "string"} or self.peek()[1] not in {"=", ":"}:
                raise UnreadableError(key)
            self.take()
            held[key if kind == "name" else _quoted(key)] = self.value()
            if self.peek()[1] == ",":
                self.take()
        self.take("}")
        return held


def _quoted(text: str) -> str:
    """The text between quotes, its escapes resolved."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
    plain = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else escapes.get(m[2], m[2]), text[1:-1])
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")


def _dedented(text: str) -> str:
    depths = [len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()]
    return "\n".join(line[min(depths, default=0) :] for line in text.splitlines())
