"""What a waiting person sees: a bar with the time left, or a line for each job that ended."""

import sys
import time

from perflib.data.text import say
from perflib.run.manifest import Record

SHOWN_NAMES = 2


class Silent:
    """Shows nothing; the others say what they do with each event."""

    def start(self, total: int) -> None:
        pass

    def running(self, name: str) -> None:
        pass

    def ended(self, record: Record) -> None:
        pass

    def tick(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Estimate:
    """How long the rest will take, from the jobs that ran so far."""

    def __init__(self, total: int, workers: int):
        self.total, self.workers = total, max(workers, 1)
        self.ended = self.ran = 0
        self.seconds = 0.0

    def add(self, record: Record) -> None:
        self.ended += 1
        if record.attempts:
            self.ran += 1
            self.seconds += record.seconds

    def left(self) -> float | None:
        """Seconds left, or None before the first job that ran has ended."""
        if not self.ran:
            return None
        return (self.total - self.ended) * self.seconds / self.ran / self.workers


def clock(seconds: float) -> str:
    """`seconds` as m:ss or h:mm:ss.

    >>> clock(65), clock(3700)
    ('1:05', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Lines(Silent):
    """One line for each job that ended; for logs and pipes."""

    def __init__(self, lang: str, workers: int, file=None):
        self.lang, self.workers, self.file = lang, workers, file or sys.stderr

    def start(self, total: int) -> None:
        self.estimate = Estimate(total, self.workers)

    def ended(self, record: Record) -> None:
        self.estimate.add(record)
        left = self.estimate.left()
        status = say(f"run.status_{record.status}", self.lang)
        line = f"[{self.estimate.ended}/{self.estimate.total}] {record.job.title}  {status}"
        if record.attempts and record.is_good:
            line += f"  {record.seconds:.1f} s"
        if left:
            line += "  " + say("run.time_left", self.lang, time=clock(left))
        if record.reason:
            line += f"\n    {record.reason[self.lang]}"
        print(line, file=self.file, flush=True)


class Bar(Silent):
    """A bar on the terminal: how many are done, what runs, how long it will take."""

    def __init__(self, lang: str, workers: int):
        from rich.console import Console

        self.lang, self.workers = lang, workers
        self.console = Console(stderr=True)
        self.now: list[str] = []

    def start(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        self.estimate = Estimate(total, self.workers)
        self.began = time.monotonic()
        self.progress = Progress(
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            transient=True,
        )
        self.task = self.progress.add_task("", total=total)
        self.progress.start()

    def running(self, name: str) -> None:
        self.now.append(name)
        self.tick()

    def ended(self, record: Record) -> None:
        self.estimate.add(record)
        if record.job.title in self.now:
            self.now.remove(record.job.title)
        if record.reason:
            self.console.print(f"✗ {record.job.title}: {record.reason[self.lang]}", markup=False)
        self.progress.update(self.task, completed=self.estimate.ended)
        self.tick()

    def tick(self) -> None:
        left = self.estimate.left()
        parts = [", ".join(self.now[:SHOWN_NAMES]) + ("…" if len(self.now) > SHOWN_NAMES else "")]
        if left is not None:
            parts.append(say("run.time_left", self.lang, time=clock(left)))
        self.progress.update(self.task, description="  ".join(parts))

    def stop(self) -> None:
        self.progress.stop()


def choose_progress(lang: str, workers: int) -> Silent:
    """A bar on a terminal, lines elsewhere."""
    return Bar(lang, workers) if sys.stderr.isatty() else Lines(lang, workers)
