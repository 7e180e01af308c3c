"""How a person names a step: a layer by its place and its sizes."""

from __future__ import annotations

from neurontui.records import Step, Trace


def short_op(step: Step) -> str:
    """The last word of the operation: "linear", "add", "Linear"."""
    return step.op.rsplit(".", 1)[-1].strip("_")


def enclosing_module(trace: Trace, step: Step) -> Step | None:
    """The innermost module step around a step, or itself."""
    while step.kind != "module":
        if step.parent is None:
            return None
        step = trace.steps[step.parent]
    return step


def label_step(trace: Trace, step: Step) -> str:
    """A layer by its place and sizes, `fc1  Linear(10 → 20)`; a function in the user's own forward by its step name, `./cat`."""
    module = enclosing_module(trace, step)
    if module is None or (step is not module and (not _is_layer(trace, module) or _is_hooked(step, module))):
        return step.name
    kind = f"{short_op(module)}{describe_sizes(trace, module)}"
    if module.path == ".":
        return kind
    return f"layer {module.path}  {kind}" if module.path.isdigit() else f"{module.path}  {kind}"


def place_of(label: str) -> str:
    """`layer 0` of `layer 0  Linear(10 → 20)`: how a fix names it."""
    return label.split("  ")[0]


def _is_layer(trace: Trace, module: Step) -> bool:
    """One of torch's own layers, with no layers in it."""
    return module.op.startswith("torch.nn.") and all(step.kind != "module" for step in trace.steps[module.index + 1 : module.end])


def _is_hooked(step: Step, module: Step) -> bool:
    """Whether the user's own line called a function inside one of torch's layers: a hook."""
    here, there = step.source, module.source
    return here is not None and there is not None and (here.file, here.line) != (there.file, there.line)


def describe_sizes(trace: Trace, module: Step) -> str:
    """`(10 → 20)` for a Linear, `(3 → 8, kernel 3×3)` for a convolution, `(3)` for a norm; "" where nothing is known."""
    weight = module.params.get("weight")
    kind = short_op(module)
    if weight is None:
        mean = module.params.get("running_mean")
        return f"({mean.shape[0]})" if mean is not None else ""
    shape = weight.shape
    if kind == "Linear":
        return f"({shape[1]} → {shape[0]})"
    if kind == "Bilinear":
        return f"({shape[1]}, {shape[2]} → {shape[0]})"
    if kind == "Embedding":
        return f"({shape[0]} rows of {shape[1]})"
    if kind.startswith("ConvTranspose"):
        return f"({shape[0]} → {shape[1]}, kernel {'×'.join(map(str, shape[2:]))})"
    if kind.startswith("Conv"):
        groups = next((step.inputs.get("groups", 1) for step in trace.steps[module.index + 1 : module.end]), 1)
        return f"({shape[1] * groups} → {shape[0]}, kernel {'×'.join(map(str, shape[2:]))})"
    return f"({', '.join(map(str, shape))})"
