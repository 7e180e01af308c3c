"""Why is it this value? One explainer a function, a registry of them, and generic ways for every other function.

How to write one
----------------
An explainer is a function with the operation's own signature behind one positional `call`. Python binds the recorded
arguments (tensors as they were before the call); the explainer returns a `Draft`: a formula and its terms. It names
factors only as (argument, index, number), by reading them through `call`; `explain()` alone fills in the origins, holds
the draft against what the kernel gave, and decides whether they agree. Put it into a module of `neurontui/explainers/families/`
(every module there is imported), or into a package with an entry point of the group `neurontui.explainers`.

    from neurontui.explainers import Draft, explains, literal, products

    @explains("torch.nn.functional.linear")
    def linear(call, /, input, weight, bias=None):
        *batch, o = call.at                                     # the index of the output element that is asked for
        i = range(input.shape[-1])
        terms = [products(call.read("input", *batch, i), call.read("weight", o, i))]   # in_features terms, no loop
        if bias is not None:
            terms.append(products(call.read("bias", o), label="bias"))        # one more term, of one factor
        return Draft("output[o] = Σᵢ input[i] · weight[o, i] + bias[o]", "sum", terms, indices={"o": o})

    @explains("torch.relu", "torch.nn.functional.relu")
    def relu(call, /, input, inplace=False):
        x = call.element("input")                               # the operand's element, broadcasting included
        return Draft("output = max(0, input)", "max", [products(x), products(literal("zero", 0))],
                     zero="relu" if x.number <= 0 else "")

- Names: `torch.relu`, `torch.relu_`, `torch.Tensor.relu`, `torch.Tensor.__iadd__`, `torch.multiply`, `aten::relu` … are brought
  to one key by `names.key`, so write one name a function. A second registration of one key raises.
- `call.at`, `call.output` (which of several outputs), `call.result` (that recorded output, whole), `call.actual` (the number in
  question), `call.op`, `call.step`, `call.shape`.
- `call.read("weight", o, i)`: ints and integer arrays, broadcast against one another as in numpy -> a `Column` of one factor a term.
  With `range`s in place of arrays it is the box of them in row-major order, as `call.read("input", b, range(C), range(H))`: no
  index array is made. `regions.reduced_box(shape, dim, keepdim, at)` gives the box that a reduction reads.
  List arguments are read as `call.read("tensors[1]", …)`. `call.element("other", at)` broadcasts and takes plain numbers too.
- `call.again(ones)`, `call.again(input=ones)`: the same function on other arguments, with its recorded random state, grad mode, autocast.
- `products(*columns, label=…, mark=…, values=…)`: a block of terms; without `values` a term is the product of its factors.
  `mark` may be one word or one for each term: "padding", "dropped", "masked", "winner", "picked".
- A factor that is not calculated with, but says which number is taken (an index, a condition, a target class), goes in as
  `chooser(column)`: it can be followed like any other, and no product counts it.
- Several stages: give earlier ones as `stages=[mean, variance]` (Drafts with a `title`), and use their numbers as factors by
  `stage(mean)`. A stage may itself use the stages before it.
- `combine` is "sum", "product", "max", "min" or "pick", by which `explain()` makes `computed` from the terms in float64;
  with "apply" give `computed` yourself (from the numbers of the factors, in float64, never from the record).
- `magnitude`: Σ|term| of the tolerance. Give it where the terms are not simply summed: the sum of the sizes of all that was added,
  as far as it carries through to the value (for (x − μ)/σ·γ: (|x| + |μ|)/σ·|γ|). Never tuned to make a check pass.
- `coarse=True`: the kernel rounds what lies between to its output's own precision (bfloat16 index_add, half-precision softmax).
- Return `NotImplemented` for arguments that the formula does not cover (then the generic ways answer).
"""

from __future__ import annotations

from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.explaining import explain
from neurontui.explainers.expressions import Expression, Part, deep, spell_expression
from neurontui.explainers.nonfinite import NonFinite, first_nonfinite
from neurontui.explainers.reaching import Reach, reach
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Block, Column, Terms, chooser, literal, products
from neurontui.explainers.zeros import zero_reasons

__all__ = [
    "Block", "Column", "Draft", "Expression", "NonFinite", "Part", "Reach", "Terms",
    "chooser", "deep", "explain", "explains", "first_nonfinite",
    "literal", "products", "reach", "spell_expression", "stage", "zero_reasons",
]  # fmt: skip
