"""Fuzzes every reader of files, guided by coverage: `python benchmarks/fuzz.py [--seconds 60] [NAME ...]`.

Needs atheris (`pip install atheris`; Linux and macOS). A reader may raise InputError and nothing else, takes at most
5 s and 2 GB for a file. Every other exception is written down with the file that caused it, in `fuzz-found/`, and the
fuzzing goes on; a hang or too much memory ends that reader's run. Prints one row for each reader.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOUND = Path("fuzz-found")
LONGEST, MOST_MB = 5, 2048


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        fuzz(asked.inside, asked.seconds)
    sys.path.insert(0, str(ROOT / "tests"))
    from fuzz.targets import TARGETS

    print("| reader | files tried | seconds | faults | ended |\n|---|---|---|---|---|")
    bad = 0
    for name in asked.names or TARGETS:
        bad += one(name, asked.seconds)
    return bool(bad)


def one(name: str, seconds: int) -> int:
    """One reader in a process of its own, since libFuzzer ends it; how many faults there were."""
    command = [sys.executable, __file__, "--inside", name, "--seconds", str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done = re.search(r"Done (\d+) (?:runs|in (\d+))", run.stderr)
    tried = re.findall(r"^#(\d+)\s", run.stderr, re.MULTILINE)
    faults = sorted(set(re.findall(r"^FAULT (.*)$", run.stderr, re.MULTILINE)))
    stopped = re.search(r"(timeout|out-of-memory|deadly signal)", run.stderr)
    ended = "in time" if done else stopped.group(1) if stopped else f"status {run.returncode}"
    print(f"| {name} | {done.group(1) if done else tried[-1] if tried else 0} | {seconds} | {len(faults)} | {ended} |")
    for fault in faults:
        print(f"    {fault}")
    sys.stdout.flush()
    if not done:
        sys.stderr.write(run.stderr[-2000:])
    return len(faults) + (not done)


def fuzz(name: str, seconds: int) -> None:
    import atheris

    sys.path.insert(0, str(ROOT / "tests"))
    with atheris.instrument_imports(include=["azygos", "yaml", "fuzz"]):
        from azygos.errors import InputError
        from fuzz.targets import TARGETS
    target = TARGETS[name]
    room = Path(tempfile.mkdtemp())
    corpus = room / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed_{number}").write_bytes(seed)
    for other, content in target.beside:
        (room / other).write_bytes(content)
    path, known = room / f"input{target.suffix}", set[str]()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            target.read(path)
        except InputError:
            pass
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            last = next((frame for frame in reversed(frames) if "azygos" in frame.filename), frames[-1])
            fault = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
            if fault not in known:
                known.add(fault)
                FOUND.mkdir(exist_ok=True)
                kept = FOUND / f"{name.replace(' ', '_')}_{hashlib.sha1(data).hexdigest()[:10]}{target.suffix}"
                kept.write_bytes(data)
                print(f"FAULT {fault}: {str(error)[:80]!r}, {kept}", file=sys.stderr, flush=True)

    limits = [f"-max_total_time={seconds}", f"-timeout={LONGEST}", f"-rss_limit_mb={MOST_MB}", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", str(corpus)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
