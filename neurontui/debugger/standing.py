"""Making a `Place`: what is looked at where a person arrives, and where they stand after the model ran again."""

from __future__ import annotations

from dataclasses import replace

from neurontui.debugger.indices import first_index, fit_plane, plane_through
from neurontui.debugger.places import Index, Place
from neurontui.debugger.shown import find_step, list_outputs, list_tensors
from neurontui.records import Trace


def stand(trace: Trace, index: int, at: Index | None = None, output: int = 0) -> Place:
    """At a step, looking at element `at` of an output (None: the first element).

    A step without a tensor output is looked at by its first tensor; one that gave a plain number is explained all the same.
    """
    tensors = list_tensors(trace, index)
    shown = next((place for place, tensor in enumerate(tensors) if tensor.output == output), None)
    if shown is None:
        place = Place(index, () if isinstance(trace.steps[index].output, bool | int | float | complex) else None)
        return look_at(place, 0, tensors[0].value.shape) if tensors else place
    shape = tensors[shown].value.shape
    cell = first_index(shape) if at is None else at
    plane = fit_plane((), shape, "")
    return Place(index, cell, output, shown, cell, plane if cell is None else plane_through(cell, plane))


def look_at(place: Place, shown: int, shape: tuple[int, ...]) -> Place:
    """The same place, looking at the beginning of another tensor."""
    return replace(place, shown=shown, cell=first_index(shape), plane=fit_plane((), shape, ""))


def point_at(place: Place, cell: Index) -> Place:
    """The same place with the cursor on another cell of the tensor that is looked at; the slice follows it."""
    return replace(place, cell=cell, plane=plane_through(cell, place.plane))


def keep_place(old: Trace, new: Trace, place: Place) -> Place:
    """The place of the same name in another run: the step, else the nearest step around it; the element where it is there still."""
    index = place.index
    while (found := find_step(new, old.steps[index].name)) is None:
        parent = old.steps[index].parent
        if parent is None:
            return stand(new, 0)
        index = parent
    if index != place.index:
        return stand(new, found.index)
    outputs = list_outputs(found)
    before = list_outputs(old.steps[index])
    same = place.output < min(len(outputs), len(before)) and outputs[place.output].shape == before[place.output].shape
    if not same or len(list_tensors(new, found.index)) != len(list_tensors(old, index)):
        return stand(new, found.index)
    return replace(place, index=found.index, stage=None)
