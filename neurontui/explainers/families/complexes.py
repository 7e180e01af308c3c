"""Complex numbers and their two parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products


@explains("torch.real")
def real(call: Call, /, input: Any) -> Draft:
    """The real part."""
    return _part(call, call.at, 0)


@explains("torch.imag")
def imaginary(call: Call, /, input: Any) -> Draft:
    """The imaginary part."""
    return _part(call, call.at, 1)


@explains("torch.view_as_real")
def view_as_real(call: Call, /, input: Any) -> Draft:
    """The last dimension holds real and imaginary part."""
    return _part(call, call.at[:-1], call.at[-1])


def _part(call: Call, at: tuple[int, ...], which: int) -> Draft:
    z = call.read("input", *at)
    value = np.imag(z.numbers) if which else np.real(z.numbers)
    return Draft(
        f"output = the {('real', 'imaginary')[which]} part of input", "pick", [products(z, values=value, mark="picked")], method="index"
    )


@explains("torch.view_as_complex")
def view_as_complex(call: Call, /, input: Any) -> Draft:
    """`output = input[…, 0] + i · input[…, 1]`."""
    return _join(products(call.read("input", *call.at, 0)), call.read("input", *call.at, 1), "input[…, 0] + i · input[…, 1]")


@explains("torch.complex")
def complex_of(call: Call, /, real: Any, imag: Any) -> Draft:
    """`output = real + i · imag`."""
    return _join(products(call.element("real")), call.element("imag"), "real + i · imag")


def _join(first: Any, second: Any, text: str) -> Draft:
    return Draft(f"output = {text}", "sum", [first, products(second, values=1j * second.numbers)])


@explains("torch.adjoint", "torch.Tensor.mH", "torch.Tensor.H")
def adjoint(call: Call, /, input: Any) -> Draft:
    """The last two dimensions swapped, complex numbers conjugated."""
    at = (*call.at[:-2], call.at[-1], call.at[-2]) if len(call.at) > 1 else call.at
    z = call.read("input", *at)
    conjugate = np.iscomplexobj(z.numbers)
    formula = f"output[…, i, j] = {'conj of ' if conjugate else ''}input[…, j, i]"
    return Draft(formula, "pick", [products(z, values=np.conj(z.numbers) if conjugate else z.numbers, mark="picked")], method="index")
