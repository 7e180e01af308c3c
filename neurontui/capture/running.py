"""Running a model once under the recorder: everything that has to be set for it, and put back after it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from neurontui.capture.finishing import finish
from neurontui.capture.frames import run_theirs
from neurontui.capture.functions import FunctionMode
from neurontui.capture.hooks import RECORDING
from neurontui.capture.live import Live
from neurontui.capture.memory import Memory, Names
from neurontui.capture.modules import Tree
from neurontui.capture.recorder import Recorder
from neurontui.capture.restoring import restored_state
from neurontui.capture.settings import eager
from neurontui.capture.warned import warned_as_theirs
from neurontui.errors import InputError, NeuronTUIError
from neurontui.records import Run, Trace
from neurontui.signatures import check_made, forward_names
from neurontui.sources import find_caller


def trace(
    model: Any,
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    seed: int | None = None,
    training: bool | None = None,
    grad: bool | None = None,
    restore: bool = False,
    copy_parameters: bool = False,
) -> Trace:
    """Record `model(*args, **kwargs)`. An exception of the model is in `Trace.error`, with all steps before it.

    By default everything ends as the plain call would leave it; `restore=True` puts buffers and random state back.
    """
    return record_run(
        Run(model, args, dict(kwargs or {}), seed, training, grad, restore, copy_parameters), frame=find_caller(sys._getframe(1))
    )


def record_run(run: Run, *, watch: Callable[[int], None] | None = None, live: Live | None = None, frame: Any = None) -> Trace:
    """Record one run. `watch` is called with the number of steps every 64 steps, and may raise (CancelledError) to stop it.

    `frame` is the line that asked for it, as (code, instruction offset).

    Raises:
        LoadError: a module in the model never called nn.Module's own __init__.
    """
    model = run.model
    check_made(model)
    output, error, notes = None, None, list(run.notes)
    with ExitStack() as stack:
        enter = stack.enter_context
        enter(_no_collection())
        tree = Tree(model if isinstance(model, nn.Module) else getattr(model, "__self__", None))
        memory = Memory(tree.names, run.copy_parameters)
        name_inputs(run, memory.names)
        recorder = Recorder(tree, memory, live, watch)
        recorder.root_frame = frame
        if run.restore:
            memory.before = enter(restored_state(tree.modules))
        if run.training is not None:
            enter(_mode(tree.modules, run.training))
        if run.seed is not None:
            torch.manual_seed(run.seed)
        if run.grad is not None:
            enter(torch.set_grad_enabled(run.grad))
        enter(eager(notes, tree.modules))
        enter(hooked(recorder))
        enter(warned_as_theirs())
        RECORDING.append(recorder.thread)
        stack.callback(RECORDING.remove, recorder.thread)
        grad = torch.is_grad_enabled()
        try:
            with FunctionMode(recorder):
                recorder.begin(model, run.args, dict(run.kwargs))
                output = run_theirs(model, run.args, run.kwargs)
            output = recorder.end(output)
        except (KeyboardInterrupt, GeneratorExit, NeuronTUIError):
            torch.set_grad_enabled(grad)
            raise
        except BaseException as raised:
            error = _without_our_frames(raised)
            recorder.abort(raised)
        trouble = () if isinstance(error, RecursionError) else recorder.trouble[:20]  # of which ours are a part, at the very end
        return finish(recorder, run, output, error, (*notes, *trouble))


def _without_our_frames(error: BaseException) -> BaseException:
    """The traceback from the model's frame on. Ours would hold the error that holds them."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename in _OURS:
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


_OURS = (record_run.__code__.co_filename, run_theirs.__code__.co_filename)


def name_inputs(run: Run, names: dict[int, Names]) -> None:
    """Call the inputs what forward calls them: `x`, and inside structures `x[0]`, `batch['ids']`."""
    known, variadic = forward_names(getattr(run.model, "_orig_mod", run.model))
    known = run.input_names or known
    for place, argument in enumerate(run.args):
        if variadic is not None and place >= variadic and not run.input_names:
            name = f"{known[variadic]}[{place - variadic}]"
        else:
            name = known[place] if place < len(known) else f"input{place}"
        _name_parts(argument, name, names)
    for name, argument in run.kwargs.items():
        _name_parts(argument, name, names)


def _name_parts(argument: Any, name: str, names: dict[int, Names], depth: int = 0) -> None:
    if isinstance(argument, torch.Tensor):
        names.setdefault(id(argument), (argument, "input", name, ()))
    elif depth > 12:
        return
    elif isinstance(argument, Mapping):
        for key, item in argument.items():
            _name_parts(item, f"{name}[{key!r}]", names, depth + 1)
    elif isinstance(argument, tuple) and hasattr(argument, "_fields"):
        for key, item in zip(argument._fields, argument, strict=False):
            _name_parts(item, f"{name}.{key}", names, depth + 1)
    elif isinstance(argument, tuple | list):
        for place, item in enumerate(argument):
            _name_parts(item, f"{name}[{place}]", names, depth + 1)
    elif hasattr(argument, "__dict__") and not callable(argument):
        for key, item in list(vars(argument).items()):
            _name_parts(item, f"{name}.{key}", names, depth + 3)


_TABLES = (
    "_forward_pre_hooks",
    "_forward_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks_always_called",
)


@contextmanager
def hooked(recorder: Recorder) -> Iterator[None]:
    """Our hooks on every module, after the user's own, and off again.

    They go into the modules' own tables: `register_forward_hook` and `remove` take ten times as long, which is a fifth of a recording.
    A copy that the forward makes of a module (a key that is text stays the same key) is recorded too, and loses them too.
    """
    key: Any = f"neurontui {id(recorder)}"
    enter, leave = recorder.enter, recorder.leave
    modules = recorder.tree.modules.copy()
    try:
        for module in modules:
            tables = module.__dict__  # an attribute of a module takes four times as long
            tables["_forward_pre_hooks_with_kwargs"][key] = True  # before the hooks, which another thread may be listing
            tables["_forward_hooks_always_called"][key] = True
            tables["_forward_pre_hooks"][key] = enter
            tables["_forward_hooks"][key] = leave
        yield
    finally:
        for module in (*modules, *recorder.copied(modules)):
            tables = module.__dict__
            for table in _TABLES:
                tables[table].pop(key, None)


@contextmanager
def _mode(modules: list[nn.Module], training: bool) -> Iterator[None]:
    before = [(module, module.training) for module in modules]
    try:
        for module in modules[:1]:
            try:
                module.train(training)
            except NotImplementedError as error:  # an exported program
                raise InputError(f"{type(module).__name__} has no train and eval mode to choose: {error}") from error
        yield
    finally:
        for module, was in before:
            module.training = was


@contextmanager
def _no_collection() -> Iterator[None]:
    """Recording makes many objects and drops none: the garbage collector would look through them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
