"""The linter: the corpus, the largest definition, 1 MB, one edit at 300 states. Milliseconds."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from studio.asl.lint import Linter, lint
from studio.asl.text import format_of, parse
from studio.asl.tree import put
from studio.errors import TextError

CORPUS = Path(__file__).parents[1] / "tests" / "corpus" / "valid"


def chain(states: int) -> dict[str, object]:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f", "Payload.$": "$.order.items[0]"},
        "ResultPath": "$.answer",
    }
    return {
        "StartAt": "S0",
        "States": {f"S{i}": {**task, **({"Next": f"S{i + 1}"} if i < states - 1 else {"End": True})} for i in range(states)},
    }


def best(work: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return 1000 * statistics.median(found)


def main() -> None:
    parsed = []
    for record in json.loads((CORPUS / "index.json").read_text()):
        path = CORPUS / record["file"]
        try:
            parsed.append((path.stat().st_size, parse(path.read_text("utf-8"), format_of(path))))
        except TextError:
            continue
    each = [best(lambda p=p: lint(p.root, parsed=p), 3) for _, p in parsed]
    largest = max(parsed, key=lambda pair: pair[0])
    print(f"{'corpus, median of a file':<40} {statistics.median(each):8.3f}")
    print(f"{'corpus, whole (' + str(len(each)) + ' files)':<40} {sum(each):8.1f}")
    print(f"{'largest definition (' + str(largest[0] // 1024) + ' KB)':<40} {best(lambda: lint(largest[1].root)):8.1f}")
    megabyte = chain(4200)
    print(f"{'one of ' + str(len(json.dumps(megabyte)) // 1024) + ' KB':<40} {best(lambda: lint(megabyte)):8.1f}")
    linter, root = Linter(), chain(300)
    linter.check(root)
    edits = iter(range(10_000))
    print(f"{'after one edit, 300 states':<40} {best(lambda: linter.check(put(root, ('States', 'S7', 'Comment'), str(next(edits))))):8.2f}")


if __name__ == "__main__":
    main()
