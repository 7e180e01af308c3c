"""Python's words on a forward, in the model's terms."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from failing import Case, two, whole, zeros
from torch import nn


def deep(x: torch.Tensor) -> torch.Tensor:
    return deep(x)


def unset(x: torch.Tensor) -> torch.Tensor:
    if x.shape[0] == 9:
        out = x
    return out


CASES: dict[str, Case] = {
    "cat args": (
        lambda: two(lambda x, y: torch.cat(x, y)),
        "Does calls cat() with tensors one by one, not in a list.",
        "",
        "Put them in a list: torch.cat([x, y], dim=0).",
    ),
    "cat args dim": (
        lambda: two(lambda x, y: torch.cat(x, dim=1)),
        "Does calls cat() with tensors one by one, not in a list.",
        "",
        "Put them in a list: torch.cat([x, y], dim=0).",
    ),
    "stack args": (
        lambda: two(lambda x, y: torch.stack(x, y)),
        "Does calls stack() with tensors one by one, not in a list.",
        "",
        "Put them in a list: torch.stack([x, y], dim=0).",
    ),
    "zeros of tensor": (
        lambda: two(lambda x, y: torch.zeros(x)),
        "Does calls zeros() with a tensor as size; it takes tuple of ints.",
        "",
        "A tensor of one number becomes a number by int(x) or float(x), a tensor of several becomes a list by x.tolist().",
    ),
    "interp tensor size": (
        lambda: two(lambda x, y: F.interpolate(x, size=y), zeros(1, 3, 4, 4), whole(8, 8)),
        "./interpolate calls upsample_nearest2d() with (Tensor, list, NoneType), which none of its forms takes.",
        "",
        "Give what one of the forms in torch's words asks for.",
    ),
    "pad int": (
        lambda: two(lambda x, y: F.pad(x, 1)),
        "./pad calls pad() with pad of the type int; it takes tuple of ints.",
        "",
        "Give pad as tuple of ints, not as int.",
    ),
    "argument float": (
        lambda: two(lambda x, y: F.max_pool2d(x, y.shape[0] / 1), zeros(1, 1, 4, 4)),
        "./max_pool2d calls max_pool2d() with a float as kernel_size; it takes tuple of ints.",
        "",
        "Whole numbers come from //, not from /; or put int(…) around it.",
    ),
    "argument str": (
        lambda: two(lambda x, y: torch.softmax(x, dim="1")),
        "Does calls softmax() with dim of the type str; it takes int.",
        "",
        "Give dim as int, not as str.",
    ),
    "argument tensor": (
        lambda: two(lambda x, y: torch.zeros(x)),
        "Does calls zeros() with a tensor as size; it takes tuple of ints.",
        "",
        "A tensor of one number becomes a number by int(x) or float(x), a tensor of several becomes a list by x.tolist().",
    ),
    "size float": (
        lambda: two(lambda x, y: x.view(2, 3 / 1)),
        "./view is given a float as size number 2.",
        "",
        "Whole numbers come from //, not from /; or put int(…) around it.",
    ),
    "no form": (
        lambda: two(lambda x, y: torch.max(x, 1.5)),
        "Does calls max() with (Tensor, float), which none of its forms takes.",
        "",
        "Whole numbers come from //, not from /; or put int(…) around it.",
    ),
    "a function without its argument": (
        lambda: two(lambda x, y: F.layer_norm(x)),
        "Does calls layer_norm() without 'normalized_shape'.",
        "",
        "Give 'normalized_shape' in the call, or a default.",
    ),
    "a function with another argument": (
        lambda: two(lambda x, y: F.softmax(x, axis=1, dims=2)),
        "Does calls softmax() with axis=…, which it does not take.",
        "",
        "Leave axis out, or spell it as the function does.",
    ),
    "a function with too many arguments": (
        lambda: two(lambda x, y: torch.relu(x, y)),
        "Does calls relu() with 2 arguments by place; it takes 1.",
        "",
        "Leave some out, or give them by name; a method's first parameter is self, and counts.",
    ),
    "sizes by tensors": (
        lambda: two(lambda x, y: torch.zeros(y.sum(), 3)),
        "Does calls zeros() with sizes that are no whole numbers.",
        "",
        "int(x) makes one of a tensor of one number",
    ),
    "super().__init__ forgotten": (
        lambda: two(lambda x, y: type("Bare", (nn.Module,), {"__init__": lambda self: None, "forward": lambda self, x: x})()(x)),
        "Does uses a module whose __init__ does not call super().__init__().",
        "",
        "Begin its __init__ with: super().__init__()",
    ),
    "super().__init__ after a layer": (
        lambda: two(lambda x, y: type("Bare", (nn.Module,), {"__init__": lambda self: setattr(self, "fc", nn.ReLU())})()),
        "Does uses a module whose __init__ does not call super().__init__().",
        "",
        "Begin its __init__ with: super().__init__()",
    ),
    "unknown name": (
        lambda: two(lambda x, y: fc(x)),  # noqa: F821
        "Does uses the name fc, which nothing has set.",
        "",
        "A layer that __init__ made is self.fc; a function is imported first, as F.fc or torch.fc.",
    ),
    "unset name": (
        lambda: two(lambda x, y: unset(x)),
        "Does uses the name out before it is set.",
        "",
        "Set out on every way through the forward: before the if, or in its else.",
    ),
    "a list called": (
        lambda: two(lambda x, y: list(x)(x)),
        "Does calls a list, which is no function.",
        "",
        "Call each of them in a loop, or use nn.Sequential(*layers); nn.ModuleList makes them known to the model.",
    ),
    "a tensor called": (
        lambda: two(lambda x, y: x(0)),
        "Does calls a tensor as if it were a function.",
        "",
        "Write x[…] for x(…); of a property, as x.T or x.shape, leave the brackets out.",
    ),
    "a number called": (
        lambda: two(lambda x, y: x.dim()(x)),
        "Does calls what is no function, but of the type int.",
        "",
        "Look what the name on that line was set to.",
    ),
    "a method picked from": (
        lambda: two(lambda x, y: x.size[0]),
        "Does picks from a function: it was not called.",
        "",
        "Put the brackets: x.size()[0], or x.shape[0].",
    ),
    "an operator": (
        lambda: two(lambda x, y: x + "1"),
        "Does puts + between Tensor and str.",
        "",
        "Convert the other one; a layer is made first and then called: nn.ReLU()(x), or F.relu(x).",
    ),
    "a layer not made": (
        lambda: two(lambda x, y: nn.ReLU(x) + 1),
        "Does puts + between ReLU and int.",
        "",
        "Convert the other one; a layer is made first and then called: nn.ReLU()(x), or F.relu(x).",
    ),
    "a list too short": (
        lambda: two(lambda x, y: [x, y][2]),
        "Does asks a list for an item that it does not have.",
        "",
        "Look how many there are, and where the index comes from.",
    ),
    "a ModuleList too short": (
        lambda: two(lambda x, y: nn.ModuleList([nn.ReLU()])[1](x)),
        "Does asks a list for an item that it does not have.",
        "",
        "Look how many there are, and where the index comes from.",
    ),
    "a key": (
        lambda: two(lambda x, y: nn.ModuleDict({"enc": nn.ReLU()})["dec"](x)),
        "Does looks for the name dec, which is not there.",
        "",
        "of a ModuleDict those that __init__ gave.",
    ),
    "division by zero": (
        lambda: two(lambda x, y: x * (1 / (x.shape[0] - 2))),
        "Does divides a number by zero.",
        "",
        "Look where the divisor comes from: a size, a count, a mask that is all False.",
    ),
    "recursion": (
        lambda: two(lambda x, y: deep(x)),
        "Does calls itself without end.",
        "",
        "Look whether a layer holds the module around it, or forward calls self(x).",
    ),
    "a method with too many arguments": (
        lambda: two(lambda x, y: x.exp(y)),
        "Does gives exp() more than it takes: 1, but it takes no arguments.",
        "",
        "Leave some out.",
    ),
}
