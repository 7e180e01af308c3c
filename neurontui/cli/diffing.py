"""`neurontui diff A B`: where do two models, checkpoints or traces first differ? Exit code 1 where they do."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from neurontui.cli.output import show, show_json, width_of
from neurontui.cli.requests import make_request, quiet_answer
from neurontui.errors import InputError
from neurontui.loading import Request, load_run
from neurontui.loading.weights import WEIGHTS_ENDINGS
from neurontui.randomness import kept_randomness
from neurontui.session import is_saved, load_trace

if TYPE_CHECKING:
    from neurontui.comparison import Diff
    from neurontui.records import Trace


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    with quiet_answer():
        diff = _compare(options)
    if options.json:
        from neurontui.exporting import diff_json

        show_json(diff_json(diff))
    elif options.plain:
        from neurontui.rendering.differences import plain_diff

        show(plain_diff(diff))
    else:
        from neurontui.rendering.differences import diff_lines

        look, width = width_of(options)
        show(diff_lines(diff, width, look))
    return 0 if diff.equal else 1


def _compare(options: argparse.Namespace) -> Diff:
    first, second = options.first, options.second
    if is_checkpoint(first) and is_checkpoint(second):
        from neurontui.comparison import diff_weights
        from neurontui.loading.weights import read_tensors

        return diff_weights(read_tensors(first), read_tensors(second))
    import torch

    from neurontui.comparison import diff

    torch.seed()  # none that a file would set
    with kept_randomness():  # both begin with the same: a file that sets no seed equals itself
        left, unseeded = _load(options, first, second)
    right, unseeded_too = _load(options, second, first)
    found = diff(left, right)
    names = list(dict.fromkeys(name for name, random in ((first, unseeded), (second, unseeded_too)) if random))
    if found.equal or not names:
        return found
    drawn = f"{' and '.join(names)} set{'s' * (len(names) == 1)} no seed: weights that are drawn there are others every time."
    return replace(found, notes=(drawn, *found.notes))


def _load(options: argparse.Namespace, reference: str, other: str) -> tuple[Trace, bool]:
    """One side's trace, and whether its weights were drawn without a seed; a checkpoint is the other side's model with those weights."""
    import torch

    from neurontui.capture import record_run

    request = _request(options, reference)
    if is_checkpoint(reference):
        if is_saved(Request(other)):
            raise InputError(f"{reference} has weights and {other} a saved run: compare weights with a model or other weights")
        request = replace(_request(options, other), weights=reference)
    if is_saved(request):
        return load_trace(request), False
    seed, state = torch.initial_seed(), torch.get_rng_state()
    run = load_run(request)
    unseeded = torch.initial_seed() == seed and not torch.equal(torch.get_rng_state(), state)
    return record_run(replace(run, copy_parameters=True)), unseeded and not request.weights


def _request(options: argparse.Namespace, reference: str) -> Request:
    return make_request(options, reference)


def is_checkpoint(reference: str) -> bool:
    """Whether a reference is a file of weights, and no saved trace."""
    if not reference.endswith(WEIGHTS_ENDINGS) or not os.path.isfile(reference):
        return False
    if not reference.endswith(".safetensors"):
        return True
    from neurontui.storage import is_trace_file

    return not is_trace_file(reference)
