"""From a reference to a model: which one is chosen, and the one sentence where none can be."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import read_refusal
from torch import nn

from neurontui.errors import InputError, LoadError, NeuronTUIError
from neurontui.loading import Request, load_run
from neurontui.loading.references import find_model, split_reference

HEAD = "import torch\nimport torch.nn as nn\n"
NET = """
class Net(nn.Module):
    def __init__(self, hidden=3, out=2):
        super().__init__()
        self.fc = nn.Linear(hidden, out)

    def forward(self, x):
        return self.fc(x)
"""


def write(folder: Path, text: str, name: str = "net.py") -> str:
    file = folder / name
    file.write_text(HEAD + text)
    return str(file)


def refuse(reference: str, arguments: tuple[str, ...] = ()) -> str:
    return read_refusal(LoadError, lambda: find_model(reference, arguments))


@pytest.mark.parametrize(
    ("reference", "parts"),
    [("net.py", ("net.py", "")), ("net.py:Net", ("net.py", "Net")), ("a.b:C", ("a.b", "C")), (r"C:\net.py", (r"C:\net.py", ""))],
)
def test_a_reference_is_split_at_its_last_colon(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts


def test_the_name_model_comes_first(tmp_path: Path) -> None:
    found = find_model(write(tmp_path, "other = nn.Linear(1, 1)\nmodel = nn.Linear(2, 3)\n"))
    assert (found.name, found.model.out_features) == ("model", 3)


def test_the_only_instance_is_neither_a_part_nor_a_loss(tmp_path: Path) -> None:
    text = "layer = nn.Linear(2, 2)\nnet = nn.Sequential(layer, nn.ReLU())\nalias = net\nloss = nn.MSELoss()\n"
    assert find_model(write(tmp_path, text)).name == "net"


def test_several_instances_are_listed(tmp_path: Path) -> None:
    sentence = refuse(write(tmp_path, "encoder = nn.Linear(2, 2)\ndecoder = nn.Linear(2, 2)\n"))
    assert "encoder (Linear), decoder (Linear)" in sentence
    assert "net.py:encoder" in sentence


def test_the_only_class_is_built(tmp_path: Path) -> None:
    assert type(find_model(write(tmp_path, NET)).model).__name__ == "Net"


def test_of_two_classes_the_one_without_arguments_is_built(tmp_path: Path) -> None:
    block = "class Block(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n"
    assert type(find_model(write(tmp_path, block + NET)).model).__name__ == "Net"


def test_two_classes_that_can_be_built_are_listed(tmp_path: Path) -> None:
    sentence = refuse(write(tmp_path, NET + NET.replace("Net", "Other")))
    assert "several model classes: Net, Other" in sentence


def test_an_imported_class_is_not_the_files_own(tmp_path: Path) -> None:
    assert "has no model" in refuse(write(tmp_path, "from torch.nn import Linear, ReLU\n"))


@pytest.mark.parametrize("name", ["Net", "make", "net", "model_net", "tiny"])
def test_a_name_leads_to_a_class_a_function_or_an_instance(tmp_path: Path, name: str) -> None:
    text = NET + "def make():\n    return Net()\nmodel_net = Net()\nmodel_tiny = Net()\n"
    assert type(find_model(f"{write(tmp_path, text)}:{name}").model).__name__ == "Net"


def test_a_dotted_name_leads_into_a_model(tmp_path: Path) -> None:
    assert isinstance(find_model(f"{write(tmp_path, NET + 'model = Net()')}:model.fc").model, nn.Linear)


def test_a_wrong_name_gives_the_nearest(tmp_path: Path) -> None:
    assert "did you mean 'Net'?" in refuse(f"{write(tmp_path, NET)}:Nte")


def test_a_name_that_is_no_model(tmp_path: Path) -> None:
    assert "is a Tensor, not a model" in refuse(f"{write(tmp_path, 'x = torch.ones(2)')}:x")
    assert "is the class Plain, not a model" in refuse(f"{write(tmp_path, 'class Plain: pass', 'plain.py')}:Plain")
    assert "returns None, not a model" in refuse(f"{write(tmp_path, 'def make(): pass', 'make.py')}:make")


def test_missing_arguments_are_named(tmp_path: Path) -> None:
    reference = write(tmp_path, NET.replace("hidden=3, out=2", "hidden, out"))
    assert "needs 2 arguments: hidden, out" in refuse(reference)
    model = find_model(reference, ("hidden=5", "out=7")).model
    assert (model.fc.in_features, model.fc.out_features) == (5, 7)


def test_an_argument_that_the_model_does_not_take(tmp_path: Path) -> None:
    reference = write(tmp_path, NET)
    with pytest.raises(InputError, match="no argument 'hiden', but hidden, out; did you mean 'hidden'"):
        find_model(reference, ("hiden=5",))
    with pytest.raises(InputError, match="NAME=VALUE"):
        find_model(reference, ("hidden",))


def test_an_argument_for_a_model_that_is_built_already(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is built already"):
        find_model(write(tmp_path, "model = nn.Linear(1, 1)"), ("hidden=5",))


def test_dotted_arguments_build_the_configuration(tmp_path: Path) -> None:
    text = """
from dataclasses import dataclass

@dataclass
class Config:
    size: int = 4
    activation: str = "relu"

class Net(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config, self.fc = config, nn.Linear(config.size, 1)
"""
    model = find_model(f"{write(tmp_path, text)}:Net", ("config.size=6", "config.activation=gelu")).model
    assert (model.fc.in_features, model.config.activation) == (6, "gelu")


def test_an_importable_model() -> None:
    model = find_model("torch.nn:Linear", ("in_features=3", "out_features=2")).model
    assert isinstance(model, nn.Linear)


def test_a_module_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "local_package_7").mkdir()
    (tmp_path / "local_package_7" / "__init__.py").write_text("")
    write(tmp_path / "local_package_7", NET, "models.py")
    monkeypatch.chdir(tmp_path)
    assert type(find_model("local_package_7.models:Net").model).__name__ == "Net"


def test_no_such_module_or_file(tmp_path: Path) -> None:
    assert "no file and no module 'nosuchmodule'" in refuse("nosuchmodule")
    assert "no file" in refuse(str(tmp_path / "nosuch.py"))


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refuse(str(tmp_path))


def test_a_weights_file_is_no_model(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "weights.pt")
    assert "--weights" in refuse(str(tmp_path / "weights.pt"))


@pytest.mark.parametrize(("name", "instead"), [("a.csv", "--input"), ("a.NPY", "--input"), ("a.ipynb", "notebook"), ("a.md", "own file")])
def test_a_file_of_another_kind_is_not_run(tmp_path: Path, name: str, instead: str) -> None:
    (tmp_path / name).write_text("1, 2\n")
    sentence = refuse(str(tmp_path / name))
    assert f"{name} is no Python file: " in sentence
    assert instead in sentence


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    assert "syntax error in line 4" in refuse(write(tmp_path, "x = 1\ny = (2,\n"))


def test_a_syntax_error_in_an_imported_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "broken_helper.py").write_text("def f(:\n")
    sentence = refuse(write(tmp_path, "import broken_helper\n"))
    assert "broken_helper.py has a syntax error in line 1" in sentence


def test_a_file_that_raises_names_its_deepest_own_line(tmp_path: Path) -> None:
    sentence = refuse(write(tmp_path, "def f():\n    raise ValueError('no\\nway')\nf()\n"))
    assert "raised ValueError in line 4: no way" in sentence


def test_a_snippet_without_its_imports(tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text("model = nn.Linear(1, 1)\n")
    assert "is the line `import torch.nn as nn` missing" in refuse(str(tmp_path / "snippet.py"))


def test_a_class_that_raises_when_it_is_built(tmp_path: Path) -> None:
    text = "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(1, 1)\n"
    sentence = refuse(write(tmp_path, text))
    assert "building Net" in sentence
    assert "line 5" in sentence


def test_a_file_that_ends_itself(tmp_path: Path) -> None:
    assert "sys.exit(3) in line 4" in refuse(write(tmp_path, "import sys\nsys.exit(3)\n"))


def test_an_exception_that_is_no_usual_one(tmp_path: Path) -> None:
    base = "class Stop(BaseException): pass\nraise Stop('here')\n"
    assert "raised Stop in line 4: here" in refuse(write(tmp_path, base))
    mute = "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute\n"
    assert refuse(write(tmp_path, mute)).endswith("raised Mute in line 5")


@pytest.mark.parametrize("reference", ["", ":"])
def test_no_name_at_all(reference: str) -> None:
    assert "give file.py, file.py:NAME or package.module:NAME" in refuse(reference)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = 1\x00", b"\x89PNG\r\n", b"# coding: nonsense\n"])
def test_a_file_that_is_no_python(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.py").write_bytes(content)
    assert "net.py" in refuse(str(tmp_path / "net.py"))


def test_no_model_at_all_and_the_hint_about_main(tmp_path: Path) -> None:
    assert "has no model" in refuse(write(tmp_path, "a = 1\n"))
    hidden = write(tmp_path, "if __name__ == '__main__':\n    model = nn.Linear(1, 1)\n", "hidden.py")
    assert "neurontui run" in refuse(hidden)


def test_main_does_not_run_and_argv_is_its_own(tmp_path: Path) -> None:
    text = "import sys\nargv = list(sys.argv)\nmodel = nn.Linear(1, 1)\nif __name__ == '__main__':\n    model = nn.Linear(9, 9)\n"
    before = list(sys.argv)
    found = find_model(write(tmp_path, text))
    assert found.model.in_features == 1
    assert found.namespace["argv"] == [str(tmp_path / "net.py")]
    assert sys.argv == before


def test_neighbours_are_imported_and_namesakes_of_another_folder_forgotten(tmp_path: Path) -> None:
    sizes = []
    for folder, size in (("a", 4), ("b", 6)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "sizes_of_mine.py").write_text(f"SIZE = {size}\n")
        reference = write(tmp_path / folder, "from sizes_of_mine import SIZE\nmodel = nn.Linear(SIZE, 1)\n")
        sizes.append(find_model(reference).model.in_features)
    assert sizes == [4, 6]
    assert str(tmp_path / "a") not in sys.path[:1]


def test_a_file_named_like_a_library_does_not_take_its_place(tmp_path: Path) -> None:
    import json

    find_model(write(tmp_path, "model = nn.Linear(1, 1)\n", "json.py"))
    assert sys.modules["json"] is json


def test_a_dataclass_with_text_annotations_loads(tmp_path: Path) -> None:
    text = "@dataclass\nclass Config:\n    size: int = 3\nmodel = nn.Linear(Config().size, 1)\n"
    (tmp_path / "net.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\nimport torch.nn as nn\n" + text
    )
    assert find_model(str(tmp_path / "net.py")).model.in_features == 3


def test_the_source_is_kept_as_it_ran(tmp_path: Path) -> None:
    reference = write(tmp_path, "model = nn.Linear(1, 1)  # first\n")
    find_model(reference)
    Path(reference).write_text("changed\n")
    linecache.checkcache(reference)
    assert linecache.getline(reference, 3) == "model = nn.Linear(1, 1)  # first\n"


def test_the_random_state_is_as_the_file_leaves_it(tmp_path: Path) -> None:
    reference = write(tmp_path, "torch.manual_seed(5)\nmodel = nn.Linear(2, 2)\n")
    load_run(Request(reference))
    after = torch.rand(3)
    torch.manual_seed(5)
    nn.Linear(2, 2)
    assert torch.equal(after, torch.rand(3))


def test_options_reach_the_run(tmp_path: Path) -> None:
    reference = write(tmp_path, "model = nn.Linear(2, 2)\nx = torch.ones(1, 2)\n")
    run = load_run(Request(reference, seed=3, training=False, grad=False, dtype="float64"))
    assert (run.seed, run.training, run.grad, run.restore, run.title) == (3, False, False, True, "Linear")
    assert run.args[0].dtype == run.model.weight.dtype == torch.float64
    assert run.input_names == ("input",)


@pytest.mark.parametrize(
    ("field", "value"), [("device", "nosuch"), ("device", "cuda:77"), ("device", "meta"), ("dtype", "float3"), ("dtype", "int64")]
)
def test_a_device_or_dtype_that_is_not_there(tmp_path: Path, field: str, value: str) -> None:
    reference = write(tmp_path, "model = nn.Linear(2, 2)\n")
    with pytest.raises(InputError, match=value):
        load_run(Request(reference, **{field: value}))


def test_a_weights_file_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(NeuronTUIError, match="there is no weights file"):
        load_run(Request(write(tmp_path, "model = nn.Linear(2, 2)\n"), weights=""))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from([*"abx.:/\\ \x00-é", "\ud800"]), max_size=12))
def test_any_reference_is_refused_in_one_sentence(reference: str) -> None:
    with pytest.raises(LoadError) as caught:
        find_model(reference)
    assert "\n" not in str(caught.value)


def test_a_file_in_a_package_imports_its_neighbours(tmp_path: Path) -> None:
    folder = tmp_path / "outer_package" / "inner"
    folder.mkdir(parents=True)
    (tmp_path / "outer_package" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    (folder / "beside.py").write_text("SIZE = 3\n")
    (tmp_path / "outer_package" / "above.py").write_text("OUT = 2\n")
    (folder / "net.py").write_text("from .beside import SIZE\nfrom ..above import OUT\nimport torch\nmodel = torch.nn.Linear(SIZE, OUT)\n")
    model = find_model(str(folder / "net.py")).model
    assert (model.in_features, model.out_features) == (3, 2)


def test_a_complex_model_gets_complex_numbers(tmp_path: Path) -> None:
    (tmp_path / "waves.py").write_text("import torch\nmodel = torch.nn.Linear(3, 2, dtype=torch.complex64)\n")
    run = load_run(Request(str(tmp_path / "waves.py")))
    assert run.args[0].dtype == torch.complex64


IN_A_FUNCTION = """
import torch

def __getattr__(name):
    if name == "Net":
        return type("Net", (torch.nn.ReLU,), {})
    raise AttributeError(name)
"""
IN_A_CLASS = """
import sys
import types
import torch

class Lazy(types.ModuleType):
    def __getattr__(self, name):
        if name == "Net":
            return type("Net", (torch.nn.ReLU,), {})
        raise AttributeError(name)

sys.modules[__name__] = Lazy(__name__)
"""


@pytest.mark.parametrize("source", [IN_A_FUNCTION, IN_A_CLASS])
def test_a_name_that_is_made_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """As all names of transformers are."""
    name = f"lazily_{len(source)}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    assert type(find_model(f"{name}:Net").model).__name__ == "Net"
    with pytest.raises(LoadError, match="has no 'Other'"):
        find_model(f"{name}:Other")


CONFIGURED = """
import torch

class Config:
    def __init__(self, hidden_size=4, **more):
        self.hidden_size = hidden_size
        self.__dict__.update(more)

class Net(torch.nn.Module):
    config_class = Config
    def __init__(self, config):
        super().__init__()
        self.fc = torch.nn.Linear(3, config.hidden_size)
"""


def test_the_fields_of_a_configuration(tmp_path: Path) -> None:
    """As of the models of transformers."""
    (tmp_path / "configured.py").write_text(CONFIGURED)
    assert find_model(str(tmp_path / "configured.py"), ("config.hidden_size=7",)).model.fc.out_features == 7
    with pytest.raises(InputError, match="Config has no 'hiden_size'; did you mean 'hidden_size'"):
        find_model(str(tmp_path / "configured.py"), ("config.hiden_size=7",))
    with pytest.raises(LoadError, match=r"give --arg config\.NAME=…"):
        find_model(str(tmp_path / "configured.py"))


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("self.fc = nn.Linear(3, 2)", "cannot assign module before Module.__init__() call; begin the __init__ of that class with super"),
        ("self.scale = 2", "Bare does not call super().__init__(); begin its __init__ with it"),
    ],
)
def test_a_module_that_does_not_begin_as_one(init: str, sentence: str, tmp_path: Path) -> None:
    bare = f"class Bare(nn.Module):\n    def __init__(self):\n        {init}\n    def forward(self, x):\n        return x\n"
    (tmp_path / "net.py").write_text(f"{HEAD}{bare}model = nn.Sequential(Bare())\nx = torch.zeros(3)\n")
    assert sentence in read_refusal(LoadError, lambda: load_run(Request(str(tmp_path / "net.py"))))
