"""The registry: one key an operation, no second registration, plug-ins from installed packages."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
import torch
from explaining_helpers import record

import neurontui
from neurontui.explainers import Draft, products, registry
from neurontui.explainers.calls import Call
from neurontui.explainers.names import key

PLUGIN = """
from neurontui.explainers import Draft, explains, products

@explains("torch.erf")
def erf(call, /, input):
    import math
    x = call.element("input")
    return Draft("output = erf(input), by the plug-in", "apply", [products(x)], computed=math.erf(x.real))
"""


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("torch.Tensor.__iadd__", "add"), ("torch.add", "add"), ("torch.Tensor.add_", "add"), ("aten.add.Tensor", "add"),
        ("torch.Tensor.__radd__", "add"),
        ("torch.Tensor.__rsub__", "rsub"), ("torch.nn.functional.relu_", "relu"), ("torch.multiply", "mul"), ("torch.concat", "cat"),
        ("torch.Tensor.T.__get__", "T"), ("aten._softmax.default", "softmax"), ("torch.functional.einsum", "einsum"),
        ("torch.Tensor.__getitem__", "getitem"),
        ("aten.embedding.default", "torch.embedding"), ("torch.nn.functional.embedding", "embedding"), ("torch.special.expit", "sigmoid"),
    ],
)  # fmt: skip
def test_all_spellings_have_one_key(spelling: str, name: str) -> None:
    assert key(spelling) == name


def test_a_second_registration_raises() -> None:
    registry.load()
    with pytest.raises(ValueError, match=r"'linear' has an explainer already, neurontui\.explainers\.families\.linear\.linear"):
        registry.explains("torch.nn.functional.linear")(lambda call, /: None)
    with pytest.raises(ValueError, match="no operation"):
        registry.explains()


def install(folder: Path, name: str, code: str) -> None:
    """A package with an entry point, as pip would leave it."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[neurontui.explainers]\n{name} = {name}\n")


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    registry.load()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "_EXPLAINERS", dict(registry._EXPLAINERS))
    importlib.invalidate_caches()
    return tmp_path


def test_an_installed_package_adds_an_explainer(plugins: Path) -> None:
    install(plugins, "erf_explainer", PLUGIN)
    registry.load_plugins()
    why = neurontui.explain(record(torch.erf, torch.tensor([0.5])), 1)
    assert why.formula == "output = erf(input), by the plug-in"
    assert why.agrees
    sys.modules.pop("erf_explainer")


def test_the_explainer_in_the_readme_works(plugins: Path) -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    code = readme.split("## An explainer of your own")[1].split("```python\n")[1].split("```")[0]
    assert len(code.strip().splitlines()) <= 10
    assert registry.find("torch.hypot") is None
    install(plugins, "readme_explainer", code)
    registry.load_plugins()
    why = neurontui.explain(record(torch.hypot, torch.tensor([3.0]), torch.tensor([4.0])), 1)
    assert (why.method, why.formula, why.computed, why.agrees) == ("formula", "output = √(input² + other²)", 5.0, True)
    sys.modules.pop("readme_explainer")


def test_a_broken_plugin_is_a_warning(plugins: Path) -> None:
    install(plugins, "broken_explainer", "from neurontui.explainers import explains\n@explains('torch.acos')\ndef f(call, /): ...\n1 / 0\n")
    with pytest.warns(UserWarning, match="plug-in 'broken_explainer'.*left out: ZeroDivisionError"):
        registry.load_plugins()
    assert registry.find("torch.acos") is None


def test_an_explainer_that_raises_does_not_hide_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(call: object, /, input: object) -> None:
        raise RuntimeError("a bug.\nTorch goes on for pages.")

    registry.load()
    monkeypatch.setitem(registry._EXPLAINERS, "erf", raises)
    why = neurontui.explain(record(torch.erf, torch.tensor([0.5])), 1)
    assert (why.method, why.agrees) == ("element", True)
    assert why.notes[0].endswith("could not be used here (RuntimeError: a bug).")


def test_an_explainer_with_a_wrong_word_does_not_hide_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def adds(call: Call, /, input: object) -> Draft:
        return Draft("output = …", "add", [products(call.element("input"))])  # type: ignore[arg-type]

    registry.load()
    monkeypatch.setitem(registry._EXPLAINERS, "erf", adds)
    why = neurontui.explain(record(torch.erf, torch.tensor([0.5])), 1)
    assert (why.method, why.agrees) == ("element", True)
    assert "(ValueError: combine is one of sum, product, max, min, pick, apply, not 'add')" in why.notes[0]
