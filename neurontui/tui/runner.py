"""Runs command lines: at once in the event loop where they only move, in the job thread where they may run torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from neurontui.errors import CancelledError, StepError
from neurontui.tui.jobs import Job, Jobs
from neurontui.tui.terminal import Output, silence
from neurontui.tui.zeros import Index, explain_zeros

if TYPE_CHECKING:
    from neurontui.commands import Reply
    from neurontui.debugger import Debugger, Shown
    from neurontui.explainers.failures import Failure
    from neurontui.explanation import Explanation
    from neurontui.records import Trace

ZEROS = 64  # zeros explained at a time, for the sign that says why
CHUNK = 200  # steps looked at for NaN and Inf between two other jobs


class Runner:
    """Keeps the order of what was typed: while a line runs in the thread, every later line waits behind it."""

    def __init__(
        self, debugger: Debugger, jobs: Jobs, printed: Output, replied: Callable[[str, Reply], None], refreshed: Callable[[str], None]
    ) -> None:
        self.debugger = debugger
        self.jobs = jobs
        self.printed = printed
        self._replied = replied
        self._refreshed = refreshed
        self.waiting = 0  # lines that were given to the thread and have not come back
        self._moved: Debugger | None = None  # the fork that they move: what is painted stands still until their replies are here
        self._scanned: object = None
        self._refused: tuple[object, BaseException] | None = None
        self._failure: tuple[Trace, Failure | None] | None = None
        self._zeros: tuple[object, dict[int, dict[Index, str]]] = (None, {})

    def import_ahead(self) -> None:
        """Import what the first keys need, while nobody waits for it."""
        self.jobs.submit_latest("imports", Job(_import_for_keys, lambda _: None, lambda error: None))

    def run(self, line: str) -> None:
        """Run a line of the command language; `replied` gets its Reply, now or later."""
        from neurontui.commands import execute

        if not self.waiting and not runs_torch(line):
            self._replied(line, execute(self.debugger, line))
            return
        self.waiting += 1
        moved = self._moved = self._moved or self.debugger.fork()
        work = self._silenced(lambda: execute(moved, line))
        self.jobs.submit(Job(work, lambda reply: self._came_back(line, reply), self._failed))

    def cancel(self) -> bool:
        """End the line that runs, and those behind it; False where none does."""
        if not self.waiting:
            return False
        self.jobs.cancel()
        return True

    def knows_why(self) -> bool:
        """Whether all is known that the computation says of this place; else it is asked for, and `refreshed` is called."""
        debugger = self.debugger
        is_told = debugger.step.error is not None or debugger.at is None or debugger.known_explanation is not None
        return is_told or self.explain() is not None

    def explain(self) -> BaseException | None:
        """Have the explanation of the element at the cursor made, then `refreshed` is called; or what it raised when it was tried."""
        key = (self.debugger.trace, self.debugger.place)
        if self._refused is not None and self._refused[0] == key:
            return self._refused[1]

        def done(why: Explanation | None) -> None:
            if why is None:  # asked again, it would be None again
                self._refused = (key, StepError("There is nothing to explain here."))
            self._refreshed("explain")

        def failed(error: BaseException) -> None:
            if not isinstance(error, CancelledError):
                self._refused = (key, error)
            self._refreshed("explain")

        self.jobs.submit_latest("explain", Job(self._silenced(self.debugger.explanation), done, failed))
        return None

    def work(self, slot: str, work: Callable[[], Any]) -> None:
        """Do `work` in the thread where nothing more urgent waits; then `refreshed` is called with the slot's name."""

        def missed(error: BaseException) -> None:
            if isinstance(error, CancelledError):  # what gave way to a command is asked for again by the next refresh
                self._refreshed(slot)

        self.jobs.submit_latest(slot, Job(self._silenced(work), lambda result: self._refreshed(slot), missed))

    def failure_of(self, trace: Trace) -> Failure | None:
        """Why the forward of `trace` stopped, where that is known already; else it is asked for."""
        if self._failure is not None and self._failure[0] is trace:
            return self._failure[1]

        def find_out() -> None:
            from neurontui.explainers.failures import diagnose

            self._failure = (trace, diagnose(trace))

        self.work("explain", find_out)
        return None

    def zero_reasons(self, number: int, shown: Shown, cells: Sequence[Index]) -> Mapping[Index, str]:
        """Why these zeros of tensor `number` of the current step are zero, as far as is known; the rest of them is asked for."""
        trace, index = self.debugger.trace, self.debugger.index
        if self._zeros[0] != (trace, index):
            self._zeros = ((trace, index), {})
        known = self._zeros[1].setdefault(number, {})
        missing = [cell for cell in cells if cell not in known][:ZEROS]
        if missing:
            self.work("zeros", lambda: known.update(explain_zeros(trace, index, shown, missing)))
        return known

    def scan(self) -> None:
        """Look for NaN and Inf in all outputs of the trace that is walked, a few steps at a time."""
        trace = self.debugger.trace
        if trace is not self._scanned:
            self._scanned = trace
            self._scan_from(trace, 0)

    def _scan_from(self, trace: object, start: int) -> None:
        if trace is not self.debugger.trace or start >= len(self.debugger.trace.steps):
            return

        def go_on(result: Any) -> None:
            if trace is not self.debugger.trace:
                return
            if any(self.debugger.mark(index) for index in range(start, min(start + CHUNK, len(self.debugger.trace.steps)))):
                self._refreshed("scan")
            self._scan_from(trace, start + CHUNK)

        def look() -> None:
            self.debugger.scan(start, start + CHUNK)

        self.jobs.submit_latest("scan", Job(look, go_on, lambda error: self._scan_again(error, trace, start)))

    def _scan_again(self, error: BaseException, trace: object, start: int) -> None:
        if isinstance(error, CancelledError):  # it gave way to a command
            self._scan_from(trace, start)

    def _silenced(self, work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with silence(self.printed):
                return work()

        return run

    def _came_back(self, line: str, reply: Reply) -> None:
        if isinstance(reply.subject, CancelledError):
            self._failed(reply.subject)
            return
        if self._moved is not None:
            self.debugger.join(self._moved)
        self._count_down()
        self._replied(line, reply)

    def _count_down(self) -> None:
        self.waiting = max(self.waiting - 1, 0)
        if not self.waiting:
            self._moved = None  # it may hold a run that is taken back

    def _failed(self, error: BaseException) -> None:
        from neurontui.commands import Reply

        self._count_down()
        if isinstance(error, CancelledError):
            self._replied("", Reply("said", ("cancelled: all is as it was before",)))
            return
        self._replied("", Reply("error", (f"this is a bug in NeuronTUI: {type(error).__name__}: {error}",)))


def runs_torch(line: str) -> bool:
    """Whether this line may run the model or torch; a wrong line does not."""
    from neurontui.commands import find_command
    from neurontui.errors import CommandError

    words = line.split()
    try:
        command = find_command(words[0]) if words else None
        if command is not None and command.name == "back":
            command = find_command(words[1]) if len(words) > 1 and not words[1].isdigit() else None
    except CommandError:
        return False
    return command is not None and command.torch


def _import_for_keys() -> None:
    from neurontui.rendering.source import highlight

    highlight("pass")
    runs_torch("next")
