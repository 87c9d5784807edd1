"""Make real exports of the frameworks, and the frameworks' own answers, to compare the server with.

usage: python test/exports/make.py OUT [--only FAMILY] [--jobs N] [--verify]

Needs two virtual environments, because TensorFlow and torch crash in one process; README.md beside this file makes them.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent.parent / ".venv"
# The slowest first, so that no process is left alone at the end.
FAMILIES = {
    "huggingface": "torch",
    "torch": "torch",
    "keras": "tensorflow",
    "timm": "torch",
    "sklearn": "torch",
    "vision_metadata": "torch",
    "mlflow": "torch",
    "text": "torch",
    "sklearn_text": "torch",
    "boosters": "torch",
}
# A family that takes longer than this hangs.
LIMIT_S = 600


def make(family: str, python: Path, out: Path, verify: bool) -> tuple[bool, str]:
    """Run one family in a process of its own, on one core. Returns whether it succeeded, and what to print."""
    command = [
        str(python),
        "-W",
        "ignore",
        str(HERE / f"make_{family}.py"),
        str(out),
        *(["--verify"] if verify else []),
    ]
    # Other threads would compete with the other families.
    threads = {
        name: "1"
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    }
    start = time.monotonic()
    try:
        done = subprocess.run(
            command, env={**os.environ, **threads}, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"{family}: {error}"
    seconds = time.monotonic() - start
    if done.returncode == 0:
        return True, f"{family}: {done.stdout.strip().splitlines()[-1]} in {seconds:.0f} s"
    return False, f"{family}: failed after {seconds:.0f} s\n{done.stderr.strip()[-3000:]}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the exports; made if it is not there")
    parser.add_argument(
        "--only", choices=FAMILIES, action="append", help="make this family alone; may be given several times"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes at the same time (default: one for each core)"
    )
    parser.add_argument(
        "--verify", action="store_true", help="let ONNX Runtime repeat each reference on the framework's own inputs"
    )
    parser.add_argument(
        "--torch",
        type=Path,
        default=ENVIRONMENTS / "exports-torch/bin/python",
        help="Python of the environment with torch",
    )
    parser.add_argument(
        "--tensorflow",
        type=Path,
        default=ENVIRONMENTS / "exports-tensorflow/bin/python",
        help="Python of the environment with TensorFlow",
    )
    arguments = parser.parse_args()
    pythons = {"torch": arguments.torch, "tensorflow": arguments.tensorflow}
    with ThreadPoolExecutor(max(1, arguments.jobs)) as pool:
        runs = [
            pool.submit(make, family, pythons[environment], arguments.out, arguments.verify)
            for family, environment in FAMILIES.items()
            if not arguments.only or family in arguments.only
        ]
        results = [run.result() for run in runs]
    for _, line in results:
        print(line)
    print(f"{len(list(arguments.out.glob('*.reference.json')))} exports in {arguments.out}")
    if not all(succeeded for succeeded, _ in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
