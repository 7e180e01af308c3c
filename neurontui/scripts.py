"""`neurontui run SCRIPT.py`: the script runs as it is, and the top-level model calls that are asked for are recorded."""

from __future__ import annotations

import os
import sys
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from neurontui.errors import InputError
from neurontui.loading.calls import inner_model
from neurontui.loading.modules import compile_file, is_users
from neurontui.loading.references import is_loss
from neurontui.sources import find_caller
from neurontui.text import clean

if TYPE_CHECKING:
    from torch import nn

    from neurontui.records import Trace

KEPT = 50  # listed calls at each end
MOST_NAMED = 8  # classes in a sentence


@dataclass(frozen=True, slots=True)
class Choice:
    """Which call is asked for: the N-th (from 1), the last, or, with neither, the one that raised, else the first."""

    call: int | None = None
    last: bool = False
    model: str | None = None  # only calls of a model of this class or with this name in the script


@dataclass(frozen=True, slots=True)
class CallLine:
    """One top-level call, for the list."""

    number: int
    model: str
    shapes: str  # "[32, 10] → [32, 2]"
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """What a script did: its model calls, the first and last of them listed, the trace of one, and what it raised itself."""

    lines: tuple[CallLine, ...]
    count: int
    number: int | None  # of the call whose trace it is
    trace: Trace | None
    error: BaseException | None
    others: tuple[str, ...] = ()  # classes of models that it called and that were not asked for


def run_script(path: str, arguments: list[str], choice: Choice) -> ScriptRun:
    """Run a script as `python SCRIPT.py ARG …` would, and record one of its top-level model calls.

    Calls that are not asked for run at full speed. A call that raises without having been recorded is run a second time.

    Raises:
        LoadError: there is no such script, or it is no Python.
    """
    from neurontui.capture import record

    code = compile_file(Path(path))
    module = ModuleType("__main__")
    module.__file__ = code.co_filename
    calls = _Calls(choice, vars(module))
    sys.modules["__main__"] = module  # stays: a copy of the model, made later, may look for its class there
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(code.co_filename).parent))
    error: BaseException | None = None
    process = os.getpid()
    with _kept_for_us(), record(wanted=calls.want, finished=calls.finish) as traces:
        calls.traces = traces
        try:
            exec(code, vars(module))
        except SystemExit as stop:
            error = stop if stop.code else None
        except (Exception, KeyboardInterrupt) as raised:  # Ctrl-C ends a long training; what was recorded is opened
            error = raised
    if os.getpid() != process:
        _end_fork(error, path)
    return calls.close(error)


def _end_fork(error: BaseException | None, path: str) -> NoReturn:
    """End a process that the script forked, as Python would: the terminal belongs to the debugger of the first one."""
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        raise error
    if error is not None:
        print(error.code if isinstance(error, SystemExit) else describe_error(error, path), file=sys.stderr)
    raise SystemExit(int(error is not None))


@contextmanager
def _kept_for_us() -> Iterator[None]:
    """What the debugger needs afterwards, whatever the script does to it: the standard streams, and the folders of its own imports."""
    streams, folders = (sys.stdin, sys.stdout, sys.stderr), list(sys.path)
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.path += [folder for folder in folders if folder not in sys.path]


def describe_error(error: BaseException, path: str) -> str:
    """A script's exception as Python prints it, cut to the user's own lines."""
    if isinstance(error, SystemExit):
        return f"{path} ended with exit code {error.code}" if isinstance(error.code, int) else f"{path} ended: {clean(error.code)}"
    if isinstance(error, KeyboardInterrupt):
        return f"{path} was stopped"
    printed = traceback.TracebackException.from_exception(error)
    _cut(printed)
    return "\n".join(clean(line) for line in "".join(printed.format()).rstrip().splitlines())


def _cut(printed: traceback.TracebackException | None) -> None:
    if printed is None:
        return
    printed.stack = traceback.StackSummary.from_list([frame for frame in printed.stack if is_users(frame)])
    _cut(printed.__cause__)
    _cut(printed.__context__)


@dataclass
class _Calls:
    """Counts the calls that the choice is about, decides which are recorded, and keeps the one to be shown."""

    choice: Choice
    names: Mapping[str, Any]  # the script's own globals
    traces: list[Trace] = field(default_factory=list)
    count: int = 0
    number: int | None = None
    trace: Trace | None = None
    busy: bool = False  # a failed call is being run again
    considered: bool = False  # the call under way is one of those that are counted
    random_state: Any = None  # before the call under way, where it is not recorded
    first: list[CallLine] = field(default_factory=list)
    last: deque[CallLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    known: dict[int, tuple[nn.Module, bool]] = field(default_factory=dict)  # id → the model and whether it is counted
    others: dict[str, None] = field(default_factory=dict)  # the classes of those that are not, as they were met

    def want(self, number: int, model: nn.Module) -> bool:
        """Whether this call is to be recorded."""
        if self.busy:
            return False
        self.considered, self.random_state = self._is_meant(model), None
        if not self.considered:
            return False
        self.count += 1
        self.traces.clear()
        if self.choice.last:
            return True
        if self.count == (self.choice.call or 1):
            return True
        self._keep_random_state()
        return False

    def _is_meant(self, model: nn.Module) -> bool:
        known = self.known.get(id(model))
        if known is None or known[0] is not model:
            known = self.known[id(model)] = (model, self._decide(model))
            if not known[1]:
                self.others[_class_name(model)] = None
        return known[1]

    def _decide(self, model: nn.Module) -> bool:
        from torch.nn.utils.parametrize import ParametrizationList

        wanted = self.choice.model
        if wanted is None:  # a parametrization is called where a model is built, to see that it fits
            return not is_loss(type(model)) and not isinstance(model, ParametrizationList)
        named = self.names.get(wanted)
        return any(wanted == type(one).__name__ or named is one for one in (model, inner_model(model)))

    def _keep_random_state(self) -> None:
        import torch

        self.random_state = torch.get_rng_state()

    def finish(
        self,
        number: int,
        model: nn.Module,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        output: Any,
        error: BaseException | None,
        seconds: float,
        trace: Trace | None,
    ) -> None:
        """Note a call that has ended, and keep its trace where it is the one to be shown."""
        if self.busy or not self.considered:
            return
        self._list(model, args, kwargs, output, error, seconds)
        chosen = self.choice.call is not None or self.choice.last
        first_failure = isinstance(error, Exception) and not chosen and not (self.trace and self.trace.error)
        if first_failure and self.random_state is not None:
            trace = self._run_again(model, args, kwargs)
        if trace is not None and (first_failure or self.choice.last or self.trace is None):
            self.trace, self.number = trace, self.count

    def _list(self, model: nn.Module, args: Any, kwargs: Any, output: Any, error: BaseException | None, seconds: float) -> None:
        shapes = f"{_shapes([*args, *kwargs.values()])} → {_shapes([output]) if error is None else 'raised'}"
        line = CallLine(self.count, _class_name(model), shapes, seconds, type(error).__name__ if error else "")
        (self.first if len(self.first) < KEPT else self.last).append(line)

    def _run_again(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Trace | None:
        """The trace of a call that raised unrecorded, from a second run with the same random numbers; None where that does not raise."""
        import torch

        from neurontui.capture import record_run
        from neurontui.records import Run

        note = f"call {self.count} had raised before it was known that it would, so it was run a second time to be recorded"
        run = Run(model, args, kwargs, restore=True, copy_parameters=True, title=type(model).__name__, notes=(note,))
        state = torch.get_rng_state()
        self.busy = True
        try:
            torch.set_rng_state(self.random_state)
            trace = record_run(run, frame=find_caller(sys._getframe(1)))
        finally:
            torch.set_rng_state(state)
            self.busy = False
        return trace if trace.error is not None else None

    def close(self, error: BaseException | None) -> ScriptRun:
        """What there is to show at the script's end."""
        lines, others = (*self.first, *self.last), tuple(self.others)
        return ScriptRun(lines, self.count, self.number if self.trace else None, self.trace, error, others)


def _class_name(model: nn.Module) -> str:
    """The name of the user's own class, also inside torch.compile."""
    return type(inner_model(model)).__name__


def _shapes(structure: Any) -> str:
    from neurontui.text import format_shapes

    return format_shapes(structure) or "no tensor"


def check_choice(run: ScriptRun, choice: Choice, path: str) -> None:
    """That there is a trace to open.

    Raises:
        InputError: the script called no model, or not that one, or not so often.
    """
    if run.trace is not None:
        return
    what = f"a model {choice.model!r}" if choice.model else "a model"
    if not run.count:
        others = f"; it called {', '.join(run.others[:MOST_NAMED])}" if choice.model and run.others else ""
        rule = others or "; a model has to be called in it, as model(x), and in its main thread"
        raise InputError(f"{path} called no {what.removeprefix('a ')} at its top level{rule}")
    times = f"{run.count} time{'s' if run.count > 1 else ''}"
    raise InputError(f"{path} called {what} {times}, so there is no call {choice.call}; choose one from 1 to {run.count}")
