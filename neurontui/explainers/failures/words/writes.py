"""Writes that torch refuses: into what gradients need, into memory that several elements share, into a type that cannot hold the result."""

from __future__ import annotations

from neurontui.explainers.failures.words.wording import word

WRITES = (
    word(
        r"^a (?:view of a )?leaf Variable that requires grad is being used in an in-place operation",
        "writes into {name}, which requires a gradient: training would lose what it was.",
        "What an optimizer trains is not written in place while gradients are recorded.",
        "Make a new tensor: w = x.clone(), and write into that; or x = x + y instead of x += y.",
        "If the write is no part of the computation, put it under with torch.no_grad():",
    ),
    word(
        r"more than one element of the written-to tensor refers to a single memory location",
        "writes into {name}, of which several elements are one number in memory: it was expanded, not copied.",
        "expand repeats without copying, so writing one element would change others.",
        "Copy it first: x.clone(), or use .repeat instead of .expand.",
    ),
    word(
        r"result type (?P<made>\w+) can't be cast to the desired output type \w+",
        "makes numbers of the type {made} and writes them into {name}, a tensor of {dtype}.",
        "An in-place operation cannot change the type of the tensor that it writes into.",
        "Convert first, x.float(), or make a new tensor: without the underscore, and / instead of div_ or /=.",
    ),
    word(
        r"Can't call numpy\(\) on Tensor that requires grad",
        "makes a numpy array of {name}, which has a gradient: numpy cannot follow it.",
        "Gradients end where numpy begins.",
        "Cut it off: x.detach().numpy(). Or stay in torch, if the gradient is needed.",
    ),
    word(
        r"one of the variables needed for gradient computation has been modified by an inplace operation",
        "needs numbers for the gradient that were overwritten in place.",
        "What the backward pass needs stays as it was.",
        "Find the +=, the x[…] = … or the relu(inplace=True) after it, and make a new tensor there: x = x + y.",
    ),
    word(
        r"does not require grad and does not have a grad_fn",
        "asks for gradients of {name}, but nothing before it requires one.",
        "backward() goes back to tensors that require a gradient.",
        "Leave torch.no_grad(), .detach() and .item() out before it; a parameter has requires_grad=True.",
    ),
    word(
        r"can't assign a (?P<kind>[\w.]+) to a torch\.\w+Tensor",
        "writes a {kind} into a tensor of {dtype}.",
        "An element of a tensor is a number.",
        "Write a number, or a tensor of numbers.",
    ),
)
