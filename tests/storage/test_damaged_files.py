"""Damaged, cut, foreign, future and hostile trace files: one sentence each, and never anything but data."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

import neurontui
from neurontui.errors import NeuronTUIError, TraceFileError
from neurontui.records import Value, leaves
from neurontui.storage.targets import find_target


def values_in(structure: Any) -> list[Value]:
    return [value for _, value in leaves(structure)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A saved trace of a small model with a dropout."""
    path = tmp_path_factory.mktemp("whole") / "run.safetensors"
    torch.manual_seed(0)
    neurontui.save(neurontui.trace(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)), torch.ones(2), copy_parameters=True), path)
    return path.read_bytes()


def read_everything(path: Path) -> None:
    trace = neurontui.load(path)
    for step in trace.steps:
        assert step.index < step.end
        for value in values_in((step.args, step.kwargs, step.params, step.output, step.writes)):
            value.tensor()


def test_ten_thousand_mutations(whole: bytes, tmp_path: Path) -> None:
    chance = random.Random(0)
    path = tmp_path / "run.safetensors"
    path.write_bytes(whole)
    read_everything(path)
    sentences = []
    for _ in range(10_000):
        path.write_bytes(mutate(whole, chance))
        try:
            read_everything(path)
        except NeuronTUIError as error:
            sentences.append(str(error))
    assert len(sentences) > 9_000
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


def mutate(whole: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(whole))
    kind = chance.randrange(5)
    if kind == 0:
        return whole[:at]
    if kind == 1:
        return whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :]
    if kind == 2:
        return whole[:at] + chance.randbytes(chance.randrange(1, 9)) + whole[at:]
    if kind == 3:
        return whole[:at] + whole[at + chance.randrange(1, 9) :]
    end = at + chance.randrange(1, 64)
    return whole[:at] + chance.randbytes(end - at) + whole[end:]


def tear_apart(whole: bytes, folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    (folder / "whole.safetensors").write_bytes(whole)
    with safe_open(folder / "whole.safetensors", framework="pt") as file:
        return {name: file.get_tensor(name).clone() for name in file.keys()}, file.metadata()  # noqa: SIM118


def rows_of(tensors: dict[str, torch.Tensor], table: str) -> list[Any]:
    return [json.loads(line) for line in bytes(tensors[table].tolist()).splitlines()]


def put_together(tensors: dict[str, torch.Tensor], metadata: dict[str, str], path: Path, **rows: list[Any]) -> None:
    """A file whose checksums are right, whatever it says: as somebody hostile would write it."""
    for table, lines in rows.items():
        texts = [(line if isinstance(line, str) else json.dumps(line)).encode() + b"\n" for line in lines]
        tensors[table] = torch.tensor(list(b"".join(texts)), dtype=torch.uint8)
        tensors[f"{table}.offsets"] = torch.tensor([0, *(len(text) for text in texts)]).cumsum(0)
    checksum = 0
    for table in ("steps", "values", "head"):
        checksum = zlib.crc32(bytes(tensors[table].tolist()), checksum)
    save_file(tensors, path, {**metadata, "checksum": str(checksum)})


def change(row: Any, **parts: Any) -> Any:
    return {**row, **parts}


HOSTILE: dict[str, Callable[[dict[str, list[Any]]], None]] = {
    "an absurd shape": lambda t: t["values"].__setitem__(0, change(t["values"][0], shape=[10**12], strides=[1])),
    "a view out of its memory": lambda t: t["values"].__setitem__(-1, change(t["values"][-1], view_of=[0, 10**9], laid=[1])),
    "a view of itself": lambda t: t["values"].__setitem__(0, change(t["values"][0], view_of=[0, 0], laid=[1])),
    "handed on by itself": lambda t: t["values"].__setitem__(0, change(t["values"][0], same_as=0)),
    "a negative size": lambda t: t["values"].__setitem__(0, change(t["values"][0], shape=[-2])),
    "a type that is none": lambda t: t["values"].__setitem__(0, change(t["values"][0], dtype="load")),
    "a device that is none": lambda t: t["values"].__setitem__(0, change(t["values"][0], device="rm -rf")),
    "a parent in a circle": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], parent=1)),
    "an end before its start": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], end=0)),
    "another index": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], index=7)),
    "a value that is not there": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], output={"$value": 10**6})),
    "a negative value": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], output={"$value": -1})),
    "a word of no format": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], output={"$eval": "1"})),
    "a dtype that is a function": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], output={"$dtype": "hub.load"})),
    "a name that is a number": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], name=7)),
    "a kind that is none": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], kind="shell")),
    "parameters that are text": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], params={"$dict": [["weight", "text"]]})),
    "arguments that are a number": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], args=5)),
    "a line that is short": lambda t: t["steps"].__setitem__(1, change(t["steps"][1], source=["0/a.py", 1])),
    "a role that is none": lambda t: t["values"].__setitem__(0, change(t["values"][0], role="root")),
    "a producer of text": lambda t: t["values"].__setitem__(0, change(t["values"][0], producer=["a", "b"])),
    "a step that is a list": lambda t: t["steps"].__setitem__(1, []),
    "a head that is a number": lambda t: t["head"].__setitem__(0, 5),
    "an error that is not there": lambda t: t["head"].__setitem__(0, change(t["head"][0], error=3)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_with_right_checksums(whole: bytes, tmp_path: Path, what: str) -> None:
    tensors, metadata = tear_apart(whole, tmp_path)
    tables = {table: rows_of(tensors, table) for table in ("steps", "values", "head")}
    HOSTILE[what](tables)
    put_together(tensors, metadata, tmp_path / "run.safetensors", **tables)
    with pytest.raises(TraceFileError, match="is damaged: "):
        read_everything(tmp_path / "run.safetensors")


def test_lists_nested_without_end(whole: bytes, tmp_path: Path) -> None:
    tensors, metadata = tear_apart(whole, tmp_path)
    steps = rows_of(tensors, "steps")
    steps[1] = json.dumps(change(steps[1], output="deep")).replace('"deep"', "[" * 50_000 + "]" * 50_000)
    put_together(tensors, metadata, tmp_path / "run.safetensors", steps=steps)
    with pytest.raises(TraceFileError, match="is damaged: step %1 cannot be read"):
        read_everything(tmp_path / "run.safetensors")


def test_absurd_strides_take_no_memory(whole: bytes, tmp_path: Path) -> None:
    tensors, metadata = tear_apart(whole, tmp_path)
    values = [change(row, laid=[10**15] * len(row["shape"])) if "laid" in row else row for row in rows_of(tensors, "values")]
    put_together(tensors, metadata, tmp_path / "run.safetensors", values=values)
    trace = neurontui.load(tmp_path / "run.safetensors")
    assert torch.equal(values_in(trace.steps[0].inputs)[0].tensor(), torch.ones(2))


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"version": "2"}, "was written by a newer NeuronTUI (format 2, this one reads 1): update it."),
        ({"version": "one"}, "is damaged: its metadata cannot be read; save the trace again."),
        ({"steps": "99999999999999"}, "is damaged: its index cannot be read; save the trace again."),
        ({"steps": "-1"}, "is damaged: its metadata cannot be read; save the trace again."),
        ({"format": "pt"}, "is a .safetensors file, but no trace (write one with `neurontui export MODEL -o`)."),
    ],
)
def test_metadata_that_does_not_fit(whole: bytes, tmp_path: Path, metadata: dict[str, str], sentence: str) -> None:
    tensors, before = tear_apart(whole, tmp_path)
    path = tmp_path / "run.safetensors"
    save_file(tensors, path, {**before, **metadata})
    with pytest.raises(TraceFileError) as caught:
        neurontui.load(path)
    assert str(caught.value) == f"{path} {sentence}"


def test_numbers_that_changed_are_found(whole: bytes, tmp_path: Path) -> None:
    tensors, metadata = tear_apart(whole, tmp_path)
    name = next(name for name in tensors if name.startswith("data."))
    tensors[name] = tensors[name] + 1
    save_file(tensors, tmp_path / "run.safetensors", metadata)
    with pytest.raises(TraceFileError, match=r"the numbers of tensor .* have changed"):
        read_everything(tmp_path / "run.safetensors")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no .safetensors file"),
        (b"import os\n", "is no .safetensors file"),
        (struct.pack("<Q", 2**60) + b"{}", "is no .safetensors file"),
        (struct.pack("<Q", 100_000) + b"[" * 100_000, "is no .safetensors file"),
        (b"\x80\x04cos\nsystem\n.", "is no .safetensors file"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "run.safetensors").write_bytes(content)
    with pytest.raises(TraceFileError, match=words):
        neurontui.load(tmp_path / "run.safetensors")


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match="there is no trace file"):
        neurontui.load(tmp_path / "none.safetensors")
    with pytest.raises(TraceFileError, match="is a folder"):
        neurontui.load(tmp_path)
    with pytest.raises(TraceFileError, match="cannot be written"):
        neurontui.save(neurontui.trace(nn.ReLU(), torch.ones(1)), tmp_path / "none" / "run.safetensors")


def test_a_file_names_only_torchs_own_functions() -> None:
    assert find_target("function", "torch.nn.functional.linear") is torch.nn.functional.linear
    for name in ("os.system", "torch.load", "torch.hub.load", "torch.save", "torch.from_file", "torch.nn.Linear", "builtins.eval", ""):
        assert find_target("function", name) is None


def test_no_kernel_that_a_file_names_reaches_a_file_or_the_terminal() -> None:
    assert find_target("kernel", "aten.add.Tensor") is torch.ops.aten.add.Tensor
    assert find_target("function", "aten.add") is torch.ops.aten.add
    for name in ("save.default", "save", "from_file.default", "from_file.out", "_print.default", "warn.default"):
        assert find_target("kernel", f"aten.{name}") is None
