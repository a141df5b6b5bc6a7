"""Many browsers at once: what `azygos serve` answers, whether it loses a job, and whether its memory grows.

Each client does one thing after another, chosen at random: opens the page, asks for a map, for work that is new or
known, follows jobs to their end (by their stream or by asking), fetches their answers, cancels some. A refusal counts
as honest when it is a 429 that says when to come back; everything else but a success is an error. An accepted job is
lost unless it ends and, where it is done, its answer can be fetched and answers what was asked.

Memory is called flat when its mean over the last quarter of the time lies at most 5 % above that over the second
quarter, in the server and in its workers; the first quarter is for what is loaded once and for pools that fill. That
is told of runs of 15 minutes and more: in five, the store is still taking its 400 answers for a third of the time. At
60 requests and 4 jobs a second, 20 minutes show a leak of 200 bytes a request, or 3 kB a job.

    python benchmarks/serve_load.py [clients] [seconds]     default 50 and 300; writes results/serve_load.md, or from
                                                            15 minutes on results/serve_memory.md
"""

import http.client
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
LONG = 900.0  # [s] from which on the memory is judged
MOST_GROWTH = 0.05  # of the mean memory, from the second quarter of the time to the last
FINAL = ("done", "failed", "cancelled")
PAUSE = 0.5  # [s] on average between two things that a client does
END = 900.0  # [s] in which all jobs must be over once the clients have stopped asking
SHARES = {
    "page": 20,
    "map": 20,
    "new": 12,
    "known": 18,
    "look": 8,
    "treat": 3,
    "cancel": 8,
    "many streams": 4,
    "odd": 7,
}


@dataclass
class Book:
    """What happened, written by all clients."""

    statuses: Counter = field(default_factory=Counter)
    seconds: defaultdict = field(default_factory=lambda: defaultdict(list))
    ends: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, what: str, status: int, seconds: float) -> None:
        with self.lock:
            self.statuses[status] += 1
            self.seconds[what].append(seconds)

    def complain(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)


class Client(threading.Thread):
    """A browser, as far as the server can tell."""

    def __init__(self, number: int, port: int, end: float, book: Book) -> None:
        super().__init__(daemon=True)
        self.port, self.end, self.book = port, end, book
        self.chance = random.Random(number)

    def run(self) -> None:
        while time.monotonic() < self.end:
            what = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
            try:
                getattr(self, what.replace(" ", "_"))()
            except Exception as error:
                self.book.complain(f"{what}: {type(error).__name__}: {error}")
            time.sleep(self.chance.expovariate(1.0 / PAUSE))

    # what a client does

    def page(self) -> None:
        text = self.asked("page", "GET", "/")[1].decode()
        for piece in text.split('"')[1::2]:
            if piece.startswith("/assets/"):
                self.asked("file", "GET", piece)

    def map(self) -> None:
        self.asked("map", "POST", "/api/atlas", self.person())

    def new(self) -> None:
        self.worked({"kind": "simulate", "body": self.person()})

    def known(self) -> None:
        self.worked({"kind": "simulate", "body": {"posture": self.chance.choice([0.0, 15.0, 30.0])}})

    def look(self) -> None:
        self.worked({"kind": "look", "seed": self.chance.randrange(2**31), "instruments": ["ultrasound"]})

    def treat(self) -> None:
        lesion = f"ijv_r: {self.chance.randint(70, 90)} % area at 0.5, 20 mm"
        self.worked({"kind": "treat", "body": {"lesions": [lesion]}, "seed": self.chance.randrange(2**31)})

    def cancel(self) -> None:
        job = self.accepted({"kind": "simulate", "body": self.person()})
        if job is not None:
            time.sleep(self.chance.uniform(0.0, 3.0))
            self.asked("cancel", "DELETE", f"/api/jobs/{job}")
            self.ended(job, None, ("done", "cancelled"))

    def many_streams(self) -> None:
        job = self.accepted({"kind": "simulate", "body": self.person()})
        if job is not None:
            threads = [threading.Thread(target=self.followed, args=(job,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.ended(job, None, ("done",))

    def odd(self) -> None:
        """What a wrong program would ask: refused, each with its own status."""
        for status, method, path, body in (
            (422, "POST", "/api/jobs", {"kind": "simulate", "body": {"posture": 900.0}}),
            (404, "GET", "/api/jobs/none/answer", None),
            (405, "PUT", "/api/jobs", None),
        ):
            self.asked("odd", method, path, body, expected=status)

    # how it does it

    def person(self) -> dict:
        return {"posture": round(self.chance.uniform(0.0, 90.0), 3)}

    def worked(self, request: dict) -> None:
        job = self.accepted(request)
        if job is not None:
            self.ended(job, request, ("done",))

    def accepted(self, request: dict) -> str | None:
        """The job of a request; None where the server is full for as long as a client has patience."""
        for _ in range(4):
            status, body, headers = self.asked("ask", "POST", "/api/jobs", request, busy=True)
            if status == 202:
                self.book.ends["accepted"] += 1
                return json.loads(body)["id"]
            time.sleep(float(headers.get("retry-after", 2)) if status == 429 else 0.5)
        return None

    def ended(self, job: str, request: dict | None, right: tuple[str, ...]) -> None:
        state = self.followed(job) if self.chance.random() < 0.5 else self.polled(job)
        with self.book.lock:
            self.book.ends[state] += 1
        if state not in right:
            told = self.asked("state", "GET", f"/api/jobs/{job}")[1].decode()
            self.book.complain(f"a job ended as {state}: {told[:300]}")
        elif state == "done":
            answer = json.loads(self.asked("answer", "GET", f"/api/jobs/{job}/answer")[1])
            posture = (request or {}).get("body", {}).get("posture")
            if posture is not None and answer["solution"]["posture"] != posture:
                self.book.complain(f"asked for {posture} degrees, given {answer['solution']['posture']}")

    def polled(self, job: str) -> str:
        end = time.monotonic() + END
        while time.monotonic() < end:
            state = json.loads(self.asked("state", "GET", f"/api/jobs/{job}")[1])["state"]
            if state in FINAL:
                return state
            time.sleep(0.5)
        return "lost"

    def followed(self, job: str) -> str:
        """The last state in the stream of a job; a stream that ends before the job does is opened again."""
        end = time.monotonic() + END
        while time.monotonic() < end:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
                connection.request("GET", f"/api/jobs/{job}/events")
                stream = connection.getresponse()
                self.book.answered("stream", stream.status, 0.0)
                lines = [line for line in stream if line.startswith(b"data: ")]
            if lines and (state := json.loads(lines[-1].removeprefix(b"data: "))["state"]) in FINAL:
                return state
            time.sleep(2.0)
        return "lost"

    def asked(self, what, method, path, body=None, *, busy=False, expected=200):
        """Status, body and headers of a request; complains unless it is a success or an honest 429."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {} if body is None else {"content-type": "application/json"})
            answer = connection.getresponse()
            content, headers = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()
        self.book.answered(what, answer.status, time.monotonic() - begun)
        honest = busy and answer.status == 429 and headers.get("retry-after", "").isdigit()
        if not (honest or answer.status == (202 if busy else expected)):
            self.book.complain(f"{method} {path}: {answer.status} {content[:200]!r}")
        return answer.status, content, headers


class Scales(threading.Thread):
    """Weighs the server and its workers every second [MiB]."""

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.server, self.over = server, threading.Event()
        self.rows: list[tuple[float, float, float]] = []

    def run(self) -> None:
        begun = time.monotonic()
        while not self.over.wait(1.0):
            listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True).stdout
            rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
            own = sum(rss for pid, _, rss in rows if pid == self.server) / 1024
            workers = sum(rss for _, parent, rss in rows if parent == self.server) / 1024
            self.rows.append((time.monotonic() - begun, own, workers))


def quarters(rows: list[tuple[float, float, float]], column: int) -> list[float]:
    """The mean over each quarter of the time [MiB]."""
    return [float(part[:, column].mean()) for part in np.array_split(np.array(rows), 4)]


def growth(rows: list[tuple[float, float, float]], column: int) -> float:
    _, second, _, last = quarters(rows, column)
    return last / second - 1.0


def is_flat(scales: Scales) -> bool:
    return all(growth(scales.rows, column) <= MOST_GROWTH for column in (1, 2))


def loaded(clients: int, seconds: float, folder: Path) -> tuple[Book, Scales, int, float]:
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(folder / "s.sqlite")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2])
    book, scales, begun = Book(), Scales(server.pid), time.monotonic()
    scales.start()
    crowd = [Client(number, port, begun + seconds, book) for number in range(clients)]
    for client in crowd:
        client.start()
    time.sleep(seconds)
    scales.over.set()
    for client in crowd:
        client.join(END)
    lost = sum(client.is_alive() for client in crowd)
    took = time.monotonic() - begun
    if server.poll() is not None:
        book.complain(f"the server ended with {server.returncode}")
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(20)
    book.ends["lost"] += lost
    size = sum(file.stat().st_size for file in folder.iterdir())
    return book, scales, size, took


def told(clients: int, seconds: float, book: Book, scales: Scales, size: int, took: float) -> str:
    requests = sum(book.statuses.values())
    lines = [
        f"{clients} clients for {seconds:g} s (all over after {took:.0f} s), seeds 0 to {clients - 1}, on the same "
        f"{os.cpu_count()} cores as the server; {platform.system()}, load average at the end {os.getloadavg()[0]:.1f}.",
        "",
        f"{requests} requests: " + ", ".join(f"{n} with {status}" for status, n in sorted(book.statuses.items())) + ".",
        f"{book.ends['accepted']} jobs accepted: "
        + ", ".join(f"{book.ends[state]} {state}" for state in (*FINAL, "lost"))
        + ". The 404, 405 and 422 were asked for.",
        f"Errors: {len(book.wrong)}.",
        "",
        "| | requests | median [ms] | 95 % [ms] | longest [ms] |",
        "|---|---|---|---|---|",
    ]
    for what, times in sorted(book.seconds.items()):
        if what != "stream":
            ordered = sorted(1000 * t for t in times)
            late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
            lines.append(
                f"| {what} | {len(times)} | {statistics.median(ordered):.0f} | {late:.0f} | {ordered[-1]:.0f} |"
            )
    lines += ["", "| mean memory [MiB] | first quarter | second | third | last | from second to last | most [MiB] |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for name, column in (("server", 1), ("workers", 2)):
        means = " | ".join(f"{mean:.1f}" for mean in quarters(scales.rows, column))
        most = max(row[column] for row in scales.rows)
        lines.append(f"| {name} | {means} | {growth(scales.rows, column):+.1%} | {most:.0f} |")
    if seconds >= LONG:
        lines += ["", f"Flat, at most {MOST_GROWTH:+.0%}: {'yes' if is_flat(scales) else 'no'}."]
    lines += ["", f"The file of jobs: {size / 2**20:.0f} MiB."]
    return "\n".join(lines)


def main(clients: int = 50, seconds: float = 300.0) -> int:
    with tempfile.TemporaryDirectory() as folder:
        book, scales, size, took = loaded(clients, seconds, Path(folder))
    text = told(clients, seconds, book, scales, size, took)
    is_long = seconds >= LONG
    name, title = ("serve_memory.md", "Memory of") if is_long else ("serve_load.md", "Load on")
    (RESULTS / name).write_text(f"# {title} `azygos serve`\n\n{text}\n", encoding="utf-8")
    print(text)
    for wrong, times in Counter(book.wrong).most_common(20):
        print(f"{times} x {wrong}", file=sys.stderr)
    return 1 if book.wrong or book.ends["lost"] or (is_long and not is_flat(scales)) else 0


if __name__ == "__main__":
    sys.exit(main(*(kind(given) for kind, given in zip((int, float), sys.argv[1:], strict=False))))
