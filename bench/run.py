"""All benchmarks with one command: `make bench`. Figures go to stdout; nothing is asserted.

Peers of the engine are measured in the same run when they are given, see bench/engine/README.md:
    ALSF=… MINISTACK=… python bench/run.py --peer 'alsf=node … {asl} {input}'
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[], help="NAME=COMMAND with {asl} and {input}")
    parser.add_argument("--only", choices=["engine", "lint", "ui", "runs"], action="append")
    given = parser.parse_args()
    chosen = given.only or ["engine", "lint", "ui", "runs"]
    if "engine" in chosen:
        print("## Engine: whole processes, every event durable", flush=True)
        commands = [f"studio={sys.executable} -m studio run {{asl}} --input {{input}} --quotas none", *given.peer]
        arguments = [part for command in commands for part in ("--cmd", command)]
        subprocess.run([sys.executable, "bench.py", "--runs", str(given.runs), *arguments], cwd=HERE / "engine", check=False)
    if "lint" in chosen:
        print("\n## Linter: in process", flush=True)
        subprocess.run([sys.executable, str(HERE / "lint.py")], check=False)
    if "ui" in chosen:
        print("\n## Editor: a real Chromium", flush=True)
        subprocess.run([sys.executable, str(HERE / "ui.py"), "--runs", str(given.runs)], check=False)
        large = ["--states", "1000", "--nested", "--flood"]
        subprocess.run([sys.executable, str(HERE / "ui.py"), "--runs", str(given.runs), *large], check=False)
    if "runs" in chosen:
        print("\n## Runs: searched, opened, followed", flush=True)
        subprocess.run([sys.executable, str(HERE / "runs.py")], check=False)


if __name__ == "__main__":
    main()
