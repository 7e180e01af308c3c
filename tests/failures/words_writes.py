"""Torch's words on writes that it refuses, in the model's terms."""

from __future__ import annotations

from failing import Case, own, two, whole

CASES: dict[str, Case] = {
    "leaf": (
        lambda: own(lambda w, x: w.add_(x)),
        "./add_ writes into w, which requires a gradient: training would lose what it was.",
        "",
        "Make a new tensor: w = x.clone(), and write into that; or x = x + y instead of x += y.",
    ),
    "leaf view": (
        lambda: own(lambda w, x: w[0].fill_(1)),
        "./fill_ writes into the output of ./getitem, which requires a gradient: training would lose what it was.",
        "",
        "Make a new tensor: w = x.clone(), and write into that; or x = x + y instead of x += y.",
    ),
    "leaf setitem": (
        lambda: own(lambda w, x: w.__setitem__(0, 1.0)),
        "./setitem writes into w, which requires a gradient: training would lose what it was.",
        "",
        "Make a new tensor: w = x.clone(), and write into that; or x = x + y instead of x += y.",
    ),
    "overlap": (
        lambda: two(lambda x, y: x[:1].expand(4, 3).add_(1)),
        "./add_ writes into the output of ./expand, of which several elements are one number in memory: it was expanded, not copied.",
        "",
        "Copy it first: x.clone(), or use .repeat instead of .expand.",
    ),
    "result type": (
        lambda: two(lambda x, y: y.add_(0.5), None, whole(1, 2)),
        "./add_ makes numbers of the type Float and writes them into y, a tensor of int64.",
        "",
        "Convert first, x.float(), or make a new tensor: without the underscore, and / instead of div_ or /=.",
    ),
    "numpy": (
        lambda: own(lambda w, x: (w * x).numpy()),
        "./numpy makes a numpy array of the output of ./mul, which has a gradient: numpy cannot follow it.",
        "",
        "Cut it off: x.detach().numpy(). Or stay in torch, if the gradient is needed.",
    ),
    "no grad backward": (
        lambda: two(lambda x, y: (x * 2).sum().backward()),
        "./backward asks for gradients of the output of ./sum, but nothing before it requires one.",
        "",
        "Leave torch.no_grad(), .detach() and .item() out before it; a parameter has requires_grad=True.",
    ),
    "cant assign": (
        lambda: two(lambda x, y: (x * 1).__setitem__(0, "a")),
        "./setitem writes a str into a tensor of float32.",
        "",
        "Write a number, or a tensor of numbers.",
    ),
    "cant assign2": (
        lambda: two(lambda x, y: (x * 1).__setitem__((0, 0), [1, 2])),
        "./setitem writes a list into a tensor of float32.",
        "",
        "Write a number, or a tensor of numbers.",
    ),
    "gradient overwritten": (
        lambda: two(lambda x, y: x.requires_grad_().exp().add_(1).sum().backward()),
        "./backward needs numbers for the gradient that were overwritten in place.",
        "",
        "Find the +=, the x[…] = … or the relu(inplace=True) after it, and make a new tensor there: x = x + y.",
    ),
}
