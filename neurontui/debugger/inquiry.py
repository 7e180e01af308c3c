"""`Inquiry`: the tensors of the current step, and why a number is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from neurontui.debugger.following import choose_factor, describe_origin, find_place, go_out
from neurontui.debugger.indices import check_index, fit_plane, next_plane
from neurontui.debugger.places import Index, Place, Plane, Standing, View
from neurontui.debugger.reading import read_element
from neurontui.debugger.shown import Shown, list_outputs, list_tensors, locate_tensor, say_step
from neurontui.debugger.standing import look_at, point_at, stand
from neurontui.debugger.statistics import Statistics, measure
from neurontui.debugger.walking import Walk
from neurontui.errors import StepError
from neurontui.explanation import Explanation, Number, Origin
from neurontui.records import Trace, Value


class Inquiry(Walk):
    """What is looked at, and how: tensor, slice, cell, explanation."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.view: View = "numbers"
        self.exact = False

    # Tensors.

    def tensors(self) -> tuple[Shown, ...]:
        """The tensors of the current step: inputs, parameters and buffers, outputs."""
        return self._tensors_here(self.standing)

    @property
    def shown(self) -> Shown | None:
        """The tensor that is looked at; None where the step has none."""
        standing = self.standing
        tensors = self._tensors_here(standing)
        return tensors[standing.place.shown] if standing.place.shown < len(tensors) else None

    def find_shown(self, name: str = "") -> Shown:
        """The tensor called `name`, at this step or anywhere, without going there ("" is the one that is looked at).

        Raises:
            StepError: there is no such tensor.
        """
        if name:
            trace, index, place = self._locate(name)
            return self._tensors_of(trace, index)[place]
        if self.shown is None:
            raise StepError(f"{say_step(self.step)} has no tensor to look at.")
        return self.shown

    def has_tensor(self, name: str) -> bool:
        """Whether a tensor is called so, at this step or anywhere."""
        try:
            self._locate(name)
        except StepError:
            return False
        return True

    def show(self, name: str = "", plane: Plane | None = None) -> Shown:
        """Looks at a tensor by title or name, and at a slice of it; goes to the step that has it where need be.

        Raises:
            StepError: there is no such tensor or slice.
        """
        shown = self.find_shown(name)
        fitted = None if plane is None else fit_plane(plane, shown.value.shape, shown.title)
        if name:
            trace, index, place = self._locate(name)
            if (trace, index) != (self.trace, self.index):
                depth = self.opened.index(trace) + 1 if trace in self.opened else 0
                self.leave(self.opened[:depth], stand(trace, index))
            self._look(place)
        if fitted is not None:
            self.move_to(replace(self.place, plane=fitted))
        return shown

    def show_next(self, back: bool = False) -> bool:
        """Looks at the step's next tensor (or previous one)."""
        place = self.place.shown + (-1 if back else 1)
        if not 0 <= place < len(self.tensors()):
            return False
        self._look(place)
        return True

    def slice_next(self, back: bool = False) -> bool:
        """Looks at the next slice (or the previous one) of a tensor of more than two dimensions."""
        shown = self.shown
        moved = next_plane(self.place.plane, shown.value.shape, back) if shown else None
        if moved is None:
            return False
        self.move_to(replace(self.place, plane=moved))
        return True

    def point(self, cell: Sequence[int]) -> None:
        """Puts the cursor on a cell of the tensor that is looked at; on an output it is the element to be explained, too.

        Raises:
            StepError: the tensor has no such cell.
        """
        shown = self.find_shown()
        index = check_index(cell, shown.value.shape, shown.title)
        place = point_at(self.place, index)
        self.move_to(place if shown.output is None else replace(place, at=index, output=shown.output, stage=None))

    def explain_at(self, at: Sequence[int], output: int | None = None) -> Index:
        """Makes `at` the element to be explained (negative indices count from the end).

        Raises:
            StepError: the output has no such element.
        """
        shown = self._output_shown(self.output if output is None else output)
        cell = check_index(at, shown.value.shape, f"{say_step(self.step)}'s {shown.title}")
        self.move_to(stand(self.trace, self.index, cell, shown.output or 0))
        return cell

    def statistics(self, value: Value) -> Statistics:
        """Statistics of a tensor; cached. Runs torch."""
        return self.cache.make(("statistics", value), lambda: measure(value))

    def known_statistics(self, value: Value) -> Statistics | None:
        """The same, if it was made already: never runs torch."""
        known: Statistics | None = self.cache.get(("statistics", value))
        return known

    # Why.

    def explanation(self) -> Explanation | None:
        """Why the element at `at` has its value, or the stage of it that is looked at. Cached. Runs torch.

        None where there is nothing to explain: a call that raised, one that gave no number, an empty tensor.
        """
        from neurontui.explainers import explain

        standing = self.standing
        trace, place, at = standing.trace, standing.place, standing.place.at
        if at is None:
            return None
        whole = self.explanations.make(_explanation_key(standing), lambda: explain(trace, place.index, at, place.output))
        return _look_at_stage(whole, place)

    @property
    def known_explanation(self) -> Explanation | None:
        """The same, if it was made already: never runs torch."""
        standing = self.standing
        known = self.explanations.get(_explanation_key(standing))
        return None if known is None else _look_at_stage(known, standing.place)

    def why(self, title: str = "", at: Sequence[int] | None = None) -> str:
        """Explains an element of one of the step's tensors: of an output here, of an input where it was made. Runs torch.

        Without a title it is the output that is explained; without an index, the element under the cursor.

        Returns:
            A sentence on where an input's element came from; "" for an output of this step.

        Raises:
            StepError: the step has no such tensor or element.
        """
        if not title and at is None and self.at is not None and not list_outputs(self.step):
            return ""  # a plain number: there is no tensor to point at
        if title and title not in {name for shown in self.tensors() for name in (shown.title, shown.target)}:
            self.show(title)  # a tensor of another step: go there first
            title = self.find_shown().title
        shown = self.find_shown(title) if title else self._output_shown(self.output)
        if at is None:
            at = self.place.cell if shown is self.shown else self.at if shown.output == self.output else (0,) * len(shown.value.shape)
        cell = check_index(at or (), shown.value.shape, shown.title)
        if shown.output is not None:
            self.explain_at(cell, shown.output)
            return ""
        from neurontui.origins import find_origin

        origin = find_origin(self.trace, self.index, shown.value, cell)
        return self._go_to(origin, shown.title, cell, read_element(shown.value, cell), self.index)

    def follow(self, term: int = 0, factor: str = "") -> str:
        """Goes to where a term of the explanation came from; returns one sentence on what it was. Runs torch.

        Without a factor's name it takes the one that leads furthest back.

        Raises:
            StepError: there is no such term or factor, or nothing is explained here.
        """
        why = self.explanation()
        if why is None:
            raise StepError("Nothing is explained here, so there is no term to follow.")
        chosen = choose_factor(why, term, factor)
        return self._go_to(chosen.origin, chosen.name, chosen.index, chosen.number, why.step)

    def _go_to(self, origin: Origin, name: str, index: Index, number: Number, step: int) -> str:
        """To where a factor came from that step number `step` read; stays where it leads nowhere. Returns a sentence on it."""
        opened, origin, step = go_out(self.opened, origin, step)
        trace = opened[-1] if opened else self.run
        place = find_place(self.standing, trace, origin, step, name, index)
        if place is not None:
            self.leave(opened, place)
        return describe_origin(name, index, number, origin, trace)

    def look_at_stage(self, stage: int | None) -> None:
        """Looks at a stage of the explanation by its number, or at the whole (None). Runs torch where it was not made yet.

        Raises:
            StepError: the explanation has no such stage.
        """
        count = self._count_stages()
        if stage is not None and not 0 <= stage < count:
            reach = f"has {count}, from 0 to {count - 1}" if count else "has none"
            raise StepError(f"There is no stage {stage}: the explanation {reach}.")
        self.move_to(replace(self.place, stage=stage))

    def stage_next(self, back: bool = False) -> bool:
        """From the whole explanation to its first stage, and on to the next (or back). Runs torch where it was not made yet."""
        place = (-1 if self.place.stage is None else self.place.stage) + (-1 if back else 1)
        if not -1 <= place < self._count_stages():
            return False
        self.move_to(replace(self.place, stage=None if place == -1 else place))
        return True

    def _count_stages(self) -> int:
        self.explanation()
        whole: Explanation | None = self.explanations.get(_explanation_key(self.standing))
        return len(whole.stages) if whole else 0

    # Inside.

    def _tensors_here(self, standing: Standing) -> tuple[Shown, ...]:
        return self._tensors_of(standing.trace, standing.place.index)

    def _tensors_of(self, trace: Trace, index: int) -> tuple[Shown, ...]:
        standing = self.standing
        first = standing.first if trace is standing.run else None
        return self.cache.make(("tensors", trace, index, first), lambda: list_tensors(trace, index, first))

    def _output_shown(self, number: int) -> Shown:
        shown = next((shown for shown in self.tensors() if shown.output == number), None)
        if shown is None:
            which = f" as output {number}" if number else ""
            raise StepError(f"{say_step(self.step)} gave no tensor{which}, so there is no element to explain.")
        return shown

    def _look(self, place: int) -> None:
        """At tensor number `place` of the step; an output's element under the cursor is explained."""
        shown = self.tensors()[place]
        if shown.output is None:
            self.move_to(look_at(self.place, place, shown.value.shape))
        else:
            self.move_to(stand(self.trace, self.index, self.at if shown.output == self.output else None, shown.output))

    def _locate(self, name: str) -> tuple[Trace, int, int]:
        """The trace, step and place of a tensor: in the opened call, else in what is around it."""
        for trace in reversed(self.opened):
            try:
                return (trace, *locate_tensor(trace, name, self.index if trace is self.trace else 0))
            except StepError:
                continue
        return (self.run, *locate_tensor(self.run, name, 0 if self.opened else self.index))


def _explanation_key(standing: Standing) -> tuple[object, ...]:
    place = standing.place
    return (standing.trace, place.index, place.at, place.output)


def _look_at_stage(why: Explanation, place: Place) -> Explanation:
    return why if place.stage is None else why.stages[place.stage]
