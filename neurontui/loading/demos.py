"""The demos that ship with NeuronTUI: plain model files, in the wheel as neurontui/demos, beside the package in a source tree."""

from __future__ import annotations

import ast
from pathlib import Path

from neurontui.errors import LoadError, nearest

COURSE_ORDER = (
    "neuron", "linear", "simple_ann", "activation", "dead_neurons", "sequential", "stacked", "collapse", "dropout", "flatten",
    "batchnorm", "batchnorm_one", "full_model", "dimension_rule", "last_dimension", "heads",
    "convolution", "norms", "embedding", "attention",
)  # fmt: skip


def find_demos() -> dict[str, Path]:
    """The demo files by name, in the order of the course."""
    package = Path(__file__).parents[1]
    folder = next((folder for folder in (package / "demos", package.parent / "demos") if folder.is_dir()), None)
    files = {file.stem: file for file in folder.glob("*.py")} if folder else {}
    return {name: files[name] for name in sorted(files, key=lambda name: (_rank(name), name))}


def _rank(name: str) -> int:
    return COURSE_ORDER.index(name) if name in COURSE_ORDER else len(COURSE_ORDER)


def find_demo(reference: str) -> str:
    """The model reference of a demo, or of a variant: `"stacked:nested"` → `".../demos/stacked.py:nested"`.

    Raises:
        LoadError: there is none of that name; the sentence gives the nearest.
    """
    name, _, variant = reference.partition(":")
    demos = find_demos()
    if name not in demos:
        raise LoadError(f"there is no demo {name!r} (`neurontui demo` lists them){nearest(name, demos)}")
    names = _list_names(demos[name])
    if variant and variant not in names and f"model_{variant}" not in names:
        variants = [known.removeprefix("model_") for known in names if known.startswith("model_")]
        offer = f"; its variants are {', '.join(variants)}" if variants else " and no other"
        raise LoadError(f"the demo {name} has no variant {variant!r}{offer}{nearest(variant, variants)}")
    return f"{demos[name]}:{variant}" if variant else str(demos[name])


def _list_names(file: Path) -> list[str]:
    """What a file defines at its top level."""
    names = []
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return names


def list_demos() -> list[tuple[str, str]]:
    """Each demo's name and its one line: the first of its docstring."""
    return [(name, (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]) for name, file in find_demos().items()]
