"""Random choices whose noise can be drawn again: gumbel_softmax, rrelu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call, to_numpy
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.windows import box_picture, constants
from neurontui.explainers.names import bare_name
from neurontui.explainers.regions import row_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products

if TYPE_CHECKING:
    import torch


@explains("torch.nn.functional.gumbel_softmax")
def gumbel_softmax(call: Call, /, logits: torch.Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """`softmax((logits + g)/tau)`, g from the Gumbel distribution (Jang et al. 2017); the same noise is drawn again, on logits of 0."""
    import torch

    box = row_box(logits.shape, dim, call.at)
    row = call.read("logits", *box)
    again = call.again(logits=torch.zeros_like(logits), tau=1.0, hard=False)
    cut = tuple(slice(None) if isinstance(i, range) else i for i in box)
    with np.errstate(all="ignore"):
        noise = np.log(to_numpy(again[cut]).reshape(-1))
    here = call.at[dim % logits.dim()]
    drawn = constants("noise", noise, "drawn again with the recorded random state; up to a constant, which the softmax takes out")
    with np.errstate(all="ignore"):
        scores = (row.numbers + noise) / tau
        powers = np.exp(scores - scores.max())
    raw = Draft(
        "s[j] = (logits[j] + noise[j]) / tau",
        "max",
        [products(row, drawn, literal("1/tau", 1 / tau), values=scores, label=lambda j: f"s[{j}]")],
        title="scores",
    )
    s = Column("s", np.arange(len(scores))[:, None], scores, raw)
    total = Draft("Σⱼ exp(s[j] − max s)", "sum", [products(s, stage(raw, "max s"), values=powers)], title="sum of exponentials")
    share = float(powers[here] / powers.sum())
    wobble = np.abs(row.numbers) / tau + (np.abs(noise) + 1) / tau
    magnitude = share * (1 + float(wobble[here]) + float((powers / powers.sum()) @ wobble))
    picture = (box_picture("logits", box, "the row that is normalised", "row"),)
    one = Column("s", np.array([[here]]), scores[here : here + 1], raw)
    if not hard:
        return Draft(
            "output = exp(s − max s) / Σ exp",
            "apply",
            [products(one), products(stage(total))],
            computed=share,
            stages=[raw, total],
            magnitude=magnitude,
            size=len(scores),
            pictures=picture,
            coarse=True,
        )
    winner = int(np.argmax(scores))
    note = f"hard: the greatest score, place {winner}, gives 1, the others 0; the soft value is added and taken away again."
    return Draft(
        "output = 1 for the greatest score, else 0",
        "apply",
        [products(one, mark="winner" if here == winner else "")],
        stages=[raw, total],
        computed=1.0 if here == winner else 0.0,
        magnitude=1 + 2 * share,
        notes=(note,),
        pictures=picture,
        coarse=True,
    )


@explains("torch.nn.functional.rrelu")
def rrelu(call: Call, /, input: torch.Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Any:
    """`x` above 0, else `a·x`, a drawn between lower and upper in training, their mean otherwise (Xu et al. 2015)."""
    x = call.read("input", *call.at)
    if float(x.number) > 0:  # type: ignore[arg-type]
        return Draft("output = input, where input > 0", "pick", [products(x, mark="picked")])
    if training:
        slope = -float(call.again(input=input.sign())[call.at]) if float(x.number) < 0 else 0.0  # type: ignore[arg-type]
        factor = literal("drawn slope", slope, "drawn again with the recorded random state, on the input's signs")
    else:
        factor = literal("(lower + upper)/2", (lower + upper) / 2)
    return Draft("output = slope · input, where input ≤ 0", "product", [products(x), products(factor)])


@explains("torch.bernoulli")
def bernoulli(call: Call, /, input: torch.Tensor, p: Any = None, *, generator: Any = None) -> Draft:
    """1 with the probability `p`, or that the input says; the same numbers are drawn again with the recorded random state.

    In place (`x.bernoulli_(p=0.5)`) the input is only written over.
    """
    if p is None and not bare_name(call.op).endswith("_"):
        name, chance = "input", call.element("input")
    else:
        name, chance = "p", literal("p", 0.5) if p is None else call.element("p")
    drawn = to_numpy(call.again())[call.at].item()
    notes = (f"It was drawn: {drawn:g}, with probability {float(chance.number):.4g} for 1.",)  # type: ignore[arg-type]
    return Draft(f"output = 1 with probability {name}, else 0", "apply", [products(chance)], computed=drawn, notes=notes)


@explains("torch.poisson")
def poisson(call: Call, /, input: torch.Tensor, generator: Any = None) -> Any:
    """A count whose mean is the input; drawn again with the recorded random state."""
    if generator is not None:
        return NotImplemented
    drawn = to_numpy(call.again())[call.at].item()
    return Draft("output = a count drawn with mean input", "apply", [products(call.read("input", *call.at))], computed=drawn)


@explains("torch.multinomial")
def multinomial(call: Call, /, input: torch.Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Any:
    """A place in the row, drawn with the probabilities that the row says; drawn again with the recorded random state."""
    if generator is not None:
        return NotImplemented
    drawn = int(call.again()[call.at])
    row = call.read("input", *call.at[:-1], range(input.shape[-1]))
    marks = np.full(len(row.numbers), "", dtype=object)
    marks[drawn] = "winner"
    chance = float(row.numbers[drawn] / row.numbers.sum())
    return Draft(
        "output = a place of the row, drawn with probability input / Σ input",
        "apply",
        [products(row, mark=marks)],  # type: ignore[arg-type]
        computed=drawn,
        notes=(f"Place {drawn} had a share of {chance:.4g} of the whole row.",),
    )
