"""Share of answers by formula, index, element and gradient over models of every kind, the disagreements, dead ends, and the time.

Run it as `python tests/benchmarks/bench_explaining.py`; it exits with 1 where an answer disagrees or a walk ends nowhere.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

import torch

import neurontui
from neurontui.records import Step, Trace, Value, leaves

sys.path.insert(0, str(Path(__file__).parents[1] / "explainers"))
from explained_models import MODELS

ELEMENTS = 6  # of each output of each step
WALKS = 10  # from the output of each model back to where no step made the number
ENDS = {"input", "parameter", "buffer", "attribute", "literal", "outside"}


def random_index(value: Value, chance: random.Random) -> tuple[int, ...]:
    return tuple(chance.randrange(n) for n in value.shape)


def explain_all(trace: Trace, chance: random.Random, methods: Counter[str], times: list[float], wrong: list[str]) -> None:
    """Every function step of a trace: some elements of each output."""
    for step in trace.steps:
        if step.kind == "module":
            continue
        for output, (_, value) in enumerate(leaves(step.output)):
            for _ in range(min(ELEMENTS, value.tensor().numel())):
                explain_one(trace, step, random_index(value, chance), output, methods, times, wrong)


def explain_one(
    trace: Trace, step: Step, at: tuple[int, ...], output: int, methods: Counter[str], times: list[float], wrong: list[str]
) -> None:
    begin = time.perf_counter()
    why = neurontui.explain(trace, step, at, output)
    times.append(time.perf_counter() - begin)
    methods[why.method] += 1
    methods[f"{step.label}: {why.method}"] += 1
    if why.agrees is False or any("could not be used" in note for note in why.notes):
        wrong.append(f"{step.name} {at}: {why.formula} = {why.computed}, kernel {why.actual}; {' '.join(why.notes)}")


def walk_back(trace: Trace, chance: random.Random) -> str:
    """From a random element of the output, along random factors, to where no step made the number; "" or what went wrong."""
    value = next(value for _, value in leaves(trace.steps[0].output))
    step, at, output = trace.steps[0].index, random_index(value, chance), 0
    for _ in range(1000):
        why = neurontui.explain(trace, step, at, output)
        factors = [f for stage in (why, *why.stages) for t in stage.terms[:50] for f in t.factors if f.origin.kind != "stage"]
        if not factors:
            return "" if why.formula else f"%{why.step} has no factors"
        origin = chance.choice(factors).origin
        if origin.kind in ENDS:
            return ""
        if origin.kind != "step" or origin.step is None or origin.index is None or origin.output is None:
            return f"%{why.step} {trace.steps[why.step].name}: {origin}"
        step, at, output = origin.step, origin.index, origin.output
    return "it never ends"


def main() -> int:
    chance, methods, wrong, dead, times = random.Random(0), Counter[str](), list[str](), list[str](), list[float]()
    for name, build, inputs in MODELS:
        torch.manual_seed(0)
        trace = neurontui.trace(build(), *inputs(), seed=1)
        assert trace.error is None, (name, trace.error)
        begin = time.perf_counter()
        explain_all(trace, chance, methods, times, wrong)
        dead += [f"{name}: {end}" for end in (walk_back(trace, chance) for _ in range(WALKS)) if end]
        print(f"{name:18s} {len(trace.steps):5d} steps {time.perf_counter() - begin:7.2f} s")
    report(methods, times, wrong, dead)
    return 1 if wrong or dead else 0


def report(methods: Counter[str], times: list[float], wrong: list[str], dead: list[str]) -> None:
    total = sum(methods[m] for m in ("formula", "index", "element", "gradient"))
    for method in ("formula", "index", "element", "gradient"):
        print(f"{method:10s} {methods[method]:6d} {100 * methods[method] / total:6.2f} %")
    by_gradient = sorted((k.removesuffix(": gradient"), n) for k, n in methods.items() if k.endswith(": gradient"))
    print("by gradient:", ", ".join(f"{k} {n}" for k, n in by_gradient) or "none")
    times.sort()
    middle, slow = times[len(times) // 2], times[len(times) * 95 // 100]
    print(f"time: median {1e3 * middle:.2f} ms, 95th percentile {1e3 * slow:.2f} ms, longest {1e3 * times[-1]:.1f} ms")
    print(f"disagreements: {len(wrong)} of {total}", *wrong[:20], sep="\n  ")
    print(f"dead ends: {len(dead)}", *dead[:20], sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
