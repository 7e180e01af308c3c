"""Opening one recorded call: it is run again, and the functions and ATen kernels inside it become a trace of their own."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from torch import Tensor, nn

from neurontui.capture.finishing import finish
from neurontui.capture.frames import run_theirs
from neurontui.capture.kernels import KernelMemory, KernelMode, KernelRecorder, OpeningMode
from neurontui.capture.memory import Names
from neurontui.capture.modules import Tree
from neurontui.capture.operations import describe
from neurontui.capture.replaying import clone_value, copy_model, load_recorded, same_conditions, take_modes
from neurontui.capture.running import hooked
from neurontui.capture.settings import eager
from neurontui.capture.snapshots import same_bits
from neurontui.capture.structures import map_structure, rebuild
from neurontui.capture.targets import find_function
from neurontui.errors import EditError, StepError
from neurontui.records import Step, Trace, leaves
from neurontui.signatures import UNWRITTEN
from neurontui.text import spoken_name

OTHER = "Run again, this call gave other numbers than were recorded: they depend on more than its arguments."


def expand(trace: Trace, step: str | int) -> Trace:
    """A new trace of one call: its step 0 is the call, below it the functions inside and the ATen kernels (kind "kernel").

    Its `outer` is (trace, index of the step). Same inputs, train or eval mode, random state, grad mode and autocast; nothing of the
    user's is changed.

    Raises:
        StepError: there is no such step, or the call cannot be run again.
    """
    chosen = trace.step(step)
    if chosen.kind == "kernel":
        raise StepError(f"{chosen.name} is a kernel: there is nothing inside it to open.")
    if chosen.kind == "module":
        if not isinstance(chosen.target, nn.Module):
            inside = f"open one of the functions inside {spoken_name(chosen.name)}."
            raise StepError(f"This trace was loaded from a file, which holds no modules; {inside}")
        return _run(trace, chosen, *_prepare_module(trace, chosen))
    target = chosen.target if chosen.target is not None else find_function(chosen.op)
    return _run(trace, chosen, target, Tree(None))


def _prepare_module(trace: Trace, step: Step) -> tuple[nn.Module, Tree]:
    try:
        module = copy_model(step.target)
    except EditError as error:
        raise StepError(str(error)) from error
    path = "" if step.path == "." else step.path
    steps = trace.steps[step.index : step.end]
    load_recorded(module, steps, path)
    take_modes(module, trace, steps, path)
    return module, Tree(module, path)


def _run(trace: Trace, step: Step, target: Any, tree: Tree) -> Trace:
    args, kwargs = rebuild((step.args, dict(step.kwargs)), clone_value)
    memory = KernelMemory(tree.names, copy_parameters=True)
    _name_arguments(step, args, kwargs, memory.names)
    recorder = KernelRecorder(tree, memory)
    recorder.root_path, recorder.root_frame = step.path, step.frame
    notes: list[str] = []
    if isinstance(target, nn.Module) and target._forward_pre_hooks:  # what was recorded is what the user's hooks made of the arguments
        target.register_forward_pre_hook(lambda *called: (args, kwargs), with_kwargs=True)
    with ExitStack() as stack:
        stack.enter_context(same_conditions(step, kwargs))
        stack.enter_context(eager(notes, tree.modules))
        stack.enter_context(hooked(recorder))
        output, error = _call(recorder, target, args, kwargs)
    inner = finish(recorder, None, output, error, (*notes, *recorder.trouble), names={step.name.partition("#")[0]: step.call - 1})
    object.__setattr__(inner, "outer", (trace, step.index))
    if error is None and step.error is None and not _is_as_recorded(step, inner.steps[0]):
        object.__setattr__(inner, "notes", (*inner.notes, OTHER))
    return inner


def _is_as_recorded(step: Step, again: Step) -> bool:
    """Whether the call gave the same numbers again, where it gave any."""
    if step.label in UNWRITTEN:
        return True
    pairs = zip(leaves(step.output), leaves(again.output), strict=False)
    return all(old.data is None or same_bits(old.data() if callable(old.data) else old.data, new.tensor()) for (_, old), (_, new) in pairs)


def _call(recorder: KernelRecorder, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, BaseException | None]:
    mode = OpeningMode(recorder)
    try:
        with KernelMode(recorder):
            if isinstance(target, nn.Module):
                with mode:
                    recorder.begin(target, args, kwargs)
                    output = run_theirs(target, args, kwargs)
                recorder.end(output)
                return output, None
            return run_theirs(recorder.call, (describe(target), mode.opened(target), args, kwargs, "function", target), {}), None
    except Exception as error:
        recorder.abort(error)
        return None, error


def _name_arguments(step: Step, args: Any, kwargs: dict[str, Any], names: dict[int, Names]) -> None:
    """Step 0's inputs, by argument: `input`, `tensors[0]`."""
    recorded = step.inputs
    for label, argument in zip(recorded, (*args, *kwargs.values()), strict=False):
        count = 0

        def leaf(tensor: Tensor, label: str = label, whole: Any = argument) -> Tensor:
            nonlocal count
            names.setdefault(id(tensor), (tensor, "input", label if tensor is whole else f"{label}[{count}]", ()))
            count += 1
            return tensor

        map_structure(Tensor, leaf, argument)
