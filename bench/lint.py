"""The linter: the corpus, the largest definition, 1 MB, one edit at 300 states. Milliseconds.

python bench/lint.py [--peers]     with --peers the same corpus through asl-validator and amazon-states-language-service (needs npm)
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
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


def peers() -> None:
    """Text in, findings out, in process, warm: ours and the two npm packages on the same files in one run."""
    texts = [path.read_text("utf-8") for path in sorted(CORPUS.glob("*.json")) if path.name != "index.json"]

    def ours() -> None:
        for text in texts:
            try:
                read = parse(text)
            except TextError:
                continue
            lint(read.root, parsed=read)

    ours()
    mine = best(ours, 3)
    print(f"{'ours, ' + str(len(texts)) + ' files from text':<40} {mine:8.1f}")
    if shutil.which("npm") is None:
        print("npm is not installed: the peers are left out")
        return
    with tempfile.TemporaryDirectory() as folder:
        packages = ["asl-validator", "amazon-states-language-service", "vscode-languageserver-textdocument"]
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, *packages], check=True, capture_output=True)
        script = Path(__file__).with_name("lint_peers.mjs")
        done = subprocess.run(["node", str(script), folder, str(CORPUS)], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    for name in ("asl-validator", "amazon-states-language-service"):
        print(f"{name:<40} {found[name]:8.1f}   {found[name] / mine:6.2f} times ours, {found[name] / found['files']:.2f} ms a file")


def main() -> None:
    if "--peers" in sys.argv:
        peers()
        return
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
