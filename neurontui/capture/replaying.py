"""Running again: one function step on other arguments, or the whole model on a deep copy, with edits and with random masks held."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from neurontui.capture.conditions import AUTOCASTING
from neurontui.capture.edits import check_edit, find_edited, set_element
from neurontui.capture.live import Live
from neurontui.capture.memory import Names
from neurontui.capture.modules import Tree, join_name
from neurontui.capture.running import name_inputs, record_run
from neurontui.capture.structures import map_structure, rebuild
from neurontui.capture.targets import find_function
from neurontui.capture.warned import unwarned
from neurontui.errors import EditError, nearest
from neurontui.randomness import kept_randomness
from neurontui.records import Edit, Run, Step, Trace, Value, leaves


class Unset(Enum):
    """Stands for an argument that was not given, where None means something."""

    UNSET = "unset"


UNSET = Unset.UNSET


def call_again(
    trace: Trace, step: Step, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, *, grad: bool | None = None
) -> Any:
    """Run a function or kernel step's function once more: same random state, grad mode and autocast. The global random state is put back.

    `args` and `kwargs` are real tensors; they are passed on as they are. None means the recorded ones.
    `grad=True` runs it under enabled gradients and outside inference mode. Raises whatever the function raises.
    """
    target = step.target
    if target is None:
        target = find_function(step.op)
    if args is None:
        args, recorded = rebuild((step.args, dict(step.kwargs)), clone_value)
        kwargs = recorded if kwargs is None else dict(kwargs)
        with same_conditions(step, kwargs, grad):
            return map_structure(Tensor, Tensor.detach, target(*args, **kwargs))
    kwargs = dict(kwargs or {})
    with same_conditions(step, kwargs, grad):
        return target(*args, **kwargs)


def clone_value(value: Value) -> Tensor:
    """The recorded data as a tensor that may be written, and that requires a gradient where it did: some kernels differ by it."""
    with torch.enable_grad():
        copied = value.tensor().clone()
        return copied.requires_grad_().clone() if value.requires_grad else copied


@contextmanager
def same_conditions(step: Step, kwargs: dict[str, Any] | None = None, grad: bool | None = None) -> Iterator[None]:
    """The grad mode, autocast and random state that a step ran under; a generator among its arguments is replaced by one in that state.

    What the call warns of, it has said when it was recorded.
    """
    with ExitStack() as stack:
        if step.error is None:
            stack.enter_context(unwarned())
        if grad:
            stack.enter_context(torch.inference_mode(False))
        stack.enter_context(_same_modes(step, step.grad if grad is None else grad))
        if step.random_state is not None:
            if kwargs is not None and kwargs.get("generator") is not None:
                kwargs["generator"] = torch.Generator().set_state(step.random_state)
            else:
                state = torch.get_rng_state()
                stack.callback(torch.set_rng_state, state)
                torch.set_rng_state(step.random_state)
        yield


@contextmanager
def _same_modes(step: Step, grad: bool) -> Iterator[None]:
    """The autocast that a step ran under, whatever is on here, and this grad mode."""
    recorded = dict(part.split(":") for part in (step.autocast or "").split(",") if ":" in part)
    with ExitStack() as stack:
        stack.enter_context(torch.set_grad_enabled(grad))
        for device, dtype in recorded.items():
            stack.enter_context(torch.autocast(device, dtype=getattr(torch, dtype), cache_enabled=False))
        for device in AUTOCASTING:
            if device not in recorded and torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        yield


def edit(trace: Trace, target: str, at: Sequence[int] | int, number: Any) -> Trace:
    """Run again with one number set: `target` is a parameter or buffer, an input, or a step, whose
    output is written as `output[at] = number` on the next line would: what shares its memory has the number too.

    The user's model is not changed; random masks are held.

    Raises:
        EditError: there is no such target or element, or the number does not fit.
    """
    place = (at,) if isinstance(at, int) else tuple(int(index) for index in at)
    return replay(trace, edits=(*(trace.run.edits if trace.run is not None else ()), Edit(target, place, number)))


def replay(
    trace: Trace, *, edits: Sequence[Edit] | Unset = UNSET, seed: int | Unset | None = UNSET, training: bool | Unset | None = UNSET
) -> Trace:
    """Run again on a deep copy of the model as it was, with random masks held unless another `seed` is given.

    What is not given stays as it was in `trace.run`; None means as the model is written. The new trace's `run` holds what was used.

    Raises:
        EditError: the trace has no model (it was loaded, or is an opened call), the model cannot be copied, or an edit has no target.
    """
    if trace.run is None:
        raise EditError("this trace has no model to run again; open the model itself to edit it.")
    changes = trace.run.edits if isinstance(edits, Unset) else tuple(edits)
    model, args, kwargs = copy_run(trace)
    run = replace(
        trace.run, model=model, args=args, kwargs=kwargs, edits=changes, restore=True, copy_parameters=False,
        seed=trace.run.seed if isinstance(seed, Unset) else seed,
        training=trace.run.training if isinstance(training, Unset) else training,
    )  # fmt: skip
    names: dict[int, Names] = {}
    name_inputs(run, names)
    later = [change for change in changes if not _edit_now(change, model, run, names)]
    for change in later:
        _check_later(change, trace, model, names)
    held = (
        {}
        if isinstance(seed, int)
        else {step.name: step.random_state for step in trace.steps if step.kind == "function" and step.random_state is not None}
    )
    live = Live(later, held)
    root = trace.steps[0]
    with kept_randomness(), _same_modes(root, root.grad):
        again = record_run(run, live=live, frame=root.frame)
    for change in later if again.error is None else ():
        if change.target not in live.done:
            raise EditError(f"{change.target} does not run with these changes, so no number of its output can be set.")
    return again


def _check_later(change: Edit, trace: Trace, model: Any, names: dict[int, Names]) -> None:
    """Refuse an edit of a step's output that cannot be made, before the model is run."""
    found = find_edited(trace, change.target)
    if found is None:
        parts = [*Tree(model).names.values(), *names.values()]
        meant = nearest(change.target, [*(name for _, _, name, _ in parts), *(step.name for step in trace.steps)])
        raise EditError(f"there is no parameter, buffer, input or step called {change.target!r} to set{meant or '.'}")
    check_edit(trace, change, *found)


def copy_run(trace: Trace) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """A deep copy of the model with parameters, buffers and modes as they were before the run, and the inputs as they were."""
    assert trace.run is not None
    model = copy_model(trace.run.model)
    if isinstance(model, nn.Module):
        load_recorded(model, trace.steps)
        if trace.run.training is None:
            take_modes(model, trace, trace.steps)
    root = trace.steps[0]
    args, kwargs = rebuild((root.args, dict(root.kwargs)), _as_given)
    return model, args, kwargs


def copy_model(model: Any) -> Any:
    """A deep copy that leaves tensors' histories behind, and compiled wrappers, which would go on calling the original.

    Raises:
        EditError: something in the model refuses to be copied.
    """
    memo: dict[int, Any] = {}
    try:
        for module in model.modules() if isinstance(model, nn.Module) else ():
            for held in module.__dict__.values():
                for tensor in held if isinstance(held, list | tuple) else (held,):
                    if isinstance(tensor, Tensor) and not tensor.is_leaf:
                        memo[id(tensor)] = tensor.detach().clone()
        for module in reversed(list(model.modules()) if isinstance(model, nn.Module) else []):
            if "_orig_mod" in module._modules:
                memo[id(module)] = copy.deepcopy(module._orig_mod, memo)
        return copy.deepcopy(model, memo)
    except Exception as error:
        raise EditError(f"the model cannot be copied, so it cannot be run again: {type(error).__name__}: {error}.") from error


def _as_given(value: Value) -> Tensor:
    return value.tensor().clone().requires_grad_(value.requires_grad)


def load_recorded(model: nn.Module, steps: Sequence[Step], start: str = "") -> None:
    """Parameters, buffers and plain attributes as they were first seen. `start` is the path of `model` in the trace.

    What `steps` themselves made is none of them: a tensor that stands in for a parameter (`functional_call`), or a parameter after a write.
    """
    tree = Tree(model, start)
    held = tree.list_held()
    held.update((known, tensor) for tensor, _, name, aliases in tree.names.values() for known in (name, *aliases))
    done: set[int] = set()
    for step in steps:
        for name, value in _list_held_values(step):
            tensor = held.get(name)
            made_here = value.producer is not None and value.producer[0] >= steps[0].index
            if tensor is None or id(tensor) in done or made_here:
                continue
            done.add(id(tensor))
            if value.data is not None and tuple(tensor.shape) == value.shape:
                tensor.data.copy_(value.tensor())


def _list_held_values(step: Step) -> Iterator[tuple[str, Value]]:
    """What a call was given that a module holds, each with its name in the model."""
    yield from ((join_name(step.path, name), value) for name, value in step.params.items())
    for _, value in leaves((step.args, step.kwargs)):
        if value.role in ("parameter", "buffer", "attribute") and value.name is not None:
            yield value.name, value


def take_modes(model: nn.Module, trace: Trace, steps: Sequence[Step], start: str = "") -> None:
    """Every module in the mode in which it was called in `steps`; the others in the one that was asked for the whole run."""
    tree = Tree(model, start)
    asked = trace.run.training if trace.run is not None else None
    modes = {step.path: step.training for step in reversed(steps) if step.kind == "module"}  # of several calls the first one's
    for module in tree.modules:
        mode = modes.get(tree.paths[id(module)], asked)
        if mode is not None:
            module.training = mode


def _edit_now(change: Edit, model: Any, run: Run, names: dict[int, Names]) -> bool:
    """Set a parameter, a buffer or an input before the run; False where the target is none of them."""
    target = _held_tensor(model, change.target)
    if target is None:
        for argument in (*run.args, *run.kwargs.values()):
            target = target if target is not None else _input_tensor(argument, change.target, names)
    if target is None:
        return False
    set_element(target, change)
    return True


def _held_tensor(model: Any, name: str) -> Tensor | None:
    """A parameter or buffer by any of its names, or a tensor that a module holds as a plain attribute."""
    if not isinstance(model, nn.Module):
        return None
    tree = Tree(model)
    held = next((tensor for tensor, _, known, aliases in tree.names.values() if name in (known, *aliases)), None)
    return tree.list_held().get(name) if held is None else held


def _input_tensor(argument: Any, name: str, names: dict[int, Names]) -> Tensor | None:
    from neurontui.capture.structures import tensors_in

    for tensor in tensors_in(argument):
        known = names.get(id(tensor))
        if known is not None and known[2] == name:
            return tensor
    return None
