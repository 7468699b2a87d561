"""Hostile definitions: each is read, checked and (where it can be) run; seconds, and the peak of memory. Prints what each came to."""

from __future__ import annotations

import resource
import time
from typing import Any

from studio.asl.lint import lint
from studio.asl.text import parse
from studio.errors import StudioError
from studio.exec.driver import run_once
from studio.exec.machine import MachineError


def one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state}, **more}


def passes(**fields: Any) -> dict[str, Any]:
    return one({"Type": "Pass", **fields, "End": True})


def jsonata(expression: str) -> dict[str, Any]:
    return passes(QueryLanguage="JSONata", Output=f"{{% {expression} %}}")


LEVELS = '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":' + "[" * 1000 + "]" * 1000 + ',"End":true}}}'
ALIASES = "a: &a [x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(24))
CASES: dict[str, tuple[str, Any, Any]] = {
    "1,000 levels of nesting": ("json", LEVELS, {}),
    "YAML aliases that double 24 times": ("yaml", ALIASES, {}),
    "YAML alias to itself": ("yaml", "a: &a [*a]\n", {}),
    "a 1 MB string": ("tree", passes(Result="x" * 1_000_000), {}),
    "10,000 states": (
        "tree",
        {
            "StartAt": "S0",
            "States": {f"S{i}": {"Type": "Pass", "Next": f"S{i + 1}"} for i in range(10_000)} | {"S10000": {"Type": "Succeed"}},
        },
        {},
    ),
    "recursive descent with filters": (
        "tree",
        passes(InputPath="$" + "..*" * 8 + "[?(@.a == 1)]"),
        {f"k{i}": {f"k{j}": {f"k{k}": k for k in range(6)} for j in range(6)} for i in range(6)},
    ),
    "endless JSONata recursion": ("tree", jsonata("($f := function($n) { $f($n + 1) }; $f(0))"), {}),
    "JSONata that doubles a string for ever": ("tree", jsonata("($f := function($s) { $f($s & $s) }; $f('x'))"), {}),
    "JSONata range of 10 million": ("tree", jsonata("$count([1..10000000])"), {}),
    "a pattern that backtracks": ("tree", jsonata("$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /(a+)+$/)"), {}),
    "a Choice pattern of 500 stars": (
        "tree",
        {
            "StartAt": "C",
            "States": {
                "C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "StringMatches": "*a" * 250 + "b", "Next": "E"}], "Default": "E"},
                "E": {"Type": "Succeed"},
            },
        },
        {"a": "a" * 10_000},
    ),
}


def main() -> None:
    for name, (form, given, value) in CASES.items():
        began = time.perf_counter()
        try:
            root = given if form == "tree" else parse(given, "yaml" if form == "yaml" else "json").root
            found = lint(root)
            try:
                outcome = run_once(root, value, skip_waits=True)
                what = f"{outcome.status} {outcome.error or ''} {(outcome.cause or '')[:60]}"
            except MachineError as error:
                what = f"{len(found)} findings; {str(error)[:60]}"
        except StudioError as error:
            what = f"refused: {str(error)[:80]}"
        print(f"{name:<42} {time.perf_counter() - began:6.2f} s  {what}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
