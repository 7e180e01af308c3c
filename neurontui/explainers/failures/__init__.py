"""Why did the forward stop? `diagnose(trace)` names the clash, the step that made the wrong operand, the rule, and what to do.

Each family of failures is a module of functions `diagnose_…(crash) -> Failure | None`, asked in the order of the table below:
the first that recognises its failure answers. They look at the recorded operands, and at torch's words only where those decide.
The last one, of `words`, looks up what torch and Python say in a table.
"""

from __future__ import annotations

from neurontui.explainers.failures import (
    attention,
    calls,
    contractions,
    convolutions,
    indices,
    joins,
    kinds,
    lookups,
    losses,
    nontensors,
    normalizations,
    products,
    recurrent,
    resizing,
    shapes,
    splits,
)
from neurontui.explainers.failures.crash import Crash, find_cause, find_crash
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.words import diagnose_words
from neurontui.records import Trace

__all__ = ["Failure", "Side", "diagnose"]

_DIAGNOSES = (
    calls.diagnose_arguments, calls.diagnose_no_forward, calls.diagnose_attribute, lookups.diagnose_key,
    recurrent.diagnose_state, nontensors.diagnose_none, nontensors.diagnose_not_tensor, kinds.diagnose_device,
    losses.diagnose_classes, losses.diagnose_target, losses.diagnose_pairs,
    attention.diagnose_attention, attention.diagnose_scaled_attention,
    kinds.diagnose_dtype,
    products.diagnose_linear, products.diagnose_matmul, products.diagnose_bilinear, contractions.diagnose_einsum,
    convolutions.diagnose_convolution, convolutions.diagnose_pooling,
    normalizations.diagnose_batch_norm, normalizations.diagnose_layer_norm, normalizations.diagnose_group_norm,
    recurrent.diagnose_recurrent,
    resizing.diagnose_interpolate, resizing.diagnose_pad, resizing.diagnose_shuffle,
    splits.diagnose_split, splits.diagnose_unpacking,
    joins.diagnose_cat, joins.diagnose_assignment, joins.diagnose_broadcast,
    shapes.diagnose_view, shapes.diagnose_unflatten, shapes.diagnose_expand, shapes.diagnose_permute, shapes.diagnose_dimension,
    indices.diagnose_embedding, indices.diagnose_getitem, indices.diagnose_gather, indices.diagnose_one_hot,
    diagnose_words,
)  # fmt: skip


def diagnose(trace: Trace) -> Failure | None:
    """The failing call of `trace`, explained; None where the forward came to its end.

    An error that no diagnosis knows still gives the failing call's inputs, torch's words and the user's lines.
    """
    crash = find_crash(trace)
    if crash is None:
        return None
    known = _recognise(crash)
    if known is not None:
        return known
    cause = find_cause(crash)
    described = calls.describe_raise(crash)
    return described if cause is None else calls.with_cause(described, _recognise(cause) or calls.describe_raise(cause))


def _recognise(crash: Crash) -> Failure | None:
    answers = (diagnosis(crash) for diagnosis in _DIAGNOSES)
    return next((answer for answer in answers if answer is not None), None)
