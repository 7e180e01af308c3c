"""Every form of `--input`, and every way to get it wrong."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import Bomb, read_refusal
from safetensors.torch import save_file

from neurontui.errors import InputError
from neurontui.loading.inputs import read_inputs


def read(text: str) -> Any:
    (item,) = read_inputs((text,))
    return item.value


def refuse(text: str) -> str:
    return read_refusal(InputError, lambda: read_inputs((text,)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]", [1, 2]),
        ("(1.5, 2)", [1.5, 2.0]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("5", 5),
        ("-2.5", -2.5),
        ("[True, False]", [True, False]),
        ("[-inf, inf]", [-float("inf"), float("inf")]),
        ("[]", []),
        ("[1+2j]", [1 + 2j]),
    ],
)
def test_literals(text: str, value: Any) -> None:
    assert torch.equal(read(text), torch.tensor(value))


def test_nan_is_a_number() -> None:
    assert read("[nan, 1]").isnan().tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("randn:1x3x4", (1, 3, 4)),
        ("zeros:2", (2,)),
        ("arange:2x3", (2, 3)),
        ("randint:0..5:1x16", (1, 16)),
        ("zeros:0x4", (0, 4)),
    ],
)
def test_made_up_tensors(text: str, shape: tuple[int, ...]) -> None:
    assert tuple(read(text).shape) == shape


def test_made_up_numbers_are_the_same_each_time_and_leave_the_random_state() -> None:
    state = torch.get_rng_state()
    assert torch.equal(read("randn:4"), read("randn:4"))
    assert torch.equal(torch.get_rng_state(), state)
    first, second = read_inputs(("randn:4", "randn:4"))
    assert not torch.equal(first.value, second.value)


def test_randint_keeps_to_its_bounds() -> None:
    values = read("randint:-2..3:1000")
    assert values.dtype == torch.int64
    assert (int(values.min()), int(values.max())) == (-2, 2)


def test_names_give_keyword_arguments() -> None:
    mask, scale, none = read_inputs(("mask=ones:2x2", "scale=3", "cache=None"))
    assert (mask.name, tuple(mask.value.shape)) == ("mask", (2, 2))
    assert (scale.name, scale.value) == ("scale", 3)
    assert (none.name, none.value) == ("cache", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "not understood"),
        ("'hello'", "is a str"),
        ("[1, 'a']", "'a', which is no number"),
        ("[[1, 2], [3]]", "ragged: it has rows of 2 and rows of 1"),
        ("[1, [2]]", "ragged: it has single numbers and rows of 1"),
        ("[1, None]", "None, which is no number"),
        ("None", "None, which is no number"),
        ("{'a': 1}", "is a dict"),
        ("{1, 2}", "is a set"),
        ("__import__('os').system('true')", "not understood"),
        ("[1, 2", "not understood"),
        ("[" * 5000, "not understood"),
        ("", "not understood"),
        ("[99999999999999999999]", "cannot be a tensor"),
        ("rnadn:1x3", "did you mean 'randn'"),
        ("randn:1xx3", "no shape as 1x3x32x32"),
        ("randn:-1", "no shape"),
        ("randn:", "no shape"),
        ("randn:1,3", "no shape"),
        ("randn:" + "9" * 5000, "no shape"),
        ("randint:5:3", "LOW..HIGH"),
        ("randint:5..1:3", "LOW below HIGH"),
        ("randn:99999x99999x99999", "and only"),
        ("zeros:999999999999999999x999999999999999999", "and only"),
        ("nosuch.npy", "no input file nosuch.npy"),
        ("picture.jpg", "no input file"),
        ("/", "is a folder"),
        ("x=", "not understood"),
    ],
)
def test_what_is_no_input(text: str, said: str) -> None:
    assert said in refuse(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        read_inputs((text,))
    except InputError as error:
        sentence = str(error)
    else:
        return
    assert sentence


def test_numpy_files(tmp_path: Path) -> None:
    array = numpy.arange(6, dtype=">f4").reshape(2, 3)
    numpy.save(tmp_path / "a.npy", array)
    assert torch.equal(read(f"{tmp_path}/a.npy"), torch.arange(6.0).reshape(2, 3))
    numpy.savez(tmp_path / "one.npz", x=array)
    assert tuple(read(f"{tmp_path}/one.npz").shape) == (2, 3)
    numpy.savez(tmp_path / "two.npz", image=array, mask=array > 2)
    items = read_inputs((f"{tmp_path}/two.npz",))
    assert [(item.name, item.value.dtype) for item in items] == [("image", torch.float32), ("mask", torch.bool)]
    assert read(f"x={tmp_path}/two.npz::mask").dtype == torch.bool
    assert "has no 'msk', but image, mask; did you mean 'mask'" in refuse(f"{tmp_path}/two.npz::msk")


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    numpy.save(tmp_path / "a.npy", numpy.array([Bomb()], dtype=object), allow_pickle=True)
    assert "Python objects (a pickle), which are never loaded" in refuse(f"{tmp_path}/a.npy")
    numpy.savez(tmp_path / "a.npz", x=numpy.array([Bomb()], dtype=object))
    assert "Python objects (a pickle), which are never loaded" in refuse(f"{tmp_path}/a.npz")
    numpy.save(tmp_path / "text.npy", numpy.array(["a", "b"]))
    assert "no numbers" in refuse(f"{tmp_path}/text.npy")


def test_torch_files_run_no_code(tmp_path: Path) -> None:
    torch.save(torch.ones(2, 3), tmp_path / "x.pt")
    assert torch.equal(read(f"{tmp_path}/x.pt"), torch.ones(2, 3))
    torch.save({"x": torch.ones(2), "mask": torch.zeros(2)}, tmp_path / "two.pt")
    assert [item.name for item in read_inputs((f"{tmp_path}/two.pt",))] == ["x", "mask"]
    torch.save(Bomb(), tmp_path / "bomb.pt")
    assert "code in it is never run" in refuse(f"{tmp_path}/bomb.pt")
    (tmp_path / "old.pt").write_bytes(pickle.dumps(Bomb()))
    assert "old.pt" in refuse(f"{tmp_path}/old.pt")
    torch.save(3, tmp_path / "number.pt")
    assert "holds no tensor, but an int" in refuse(f"{tmp_path}/number.pt")


def test_a_small_file_that_asks_for_much_memory(tmp_path: Path) -> None:
    torch.save(torch.ones(1).expand(10**13), tmp_path / "big.pt")
    assert "and only" in refuse(f"{tmp_path}/big.pt")
    with zipfile.ZipFile(tmp_path / "big.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"")
    raw = bytearray((tmp_path / "big.npz").read_bytes())
    place = raw.index(b"PK\x01\x02")
    raw[place + 24 : place + 28] = b"\xfe\xff\xff\xff"  # the directory says 4 GB
    (tmp_path / "big.npz").write_bytes(bytes(raw))
    assert "big.npz" in refuse(f"{tmp_path}/big.npz")
    header = b"\x93NUMPY\x01\x00"
    words = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999), }".ljust(117) + b"\n"
    (tmp_path / "big.npy").write_bytes(header + len(words).to_bytes(2, "little") + words)
    assert "big.npy" in refuse(f"{tmp_path}/big.npy")


def test_safetensors_files(tmp_path: Path) -> None:
    save_file({"x": torch.ones(2)}, tmp_path / "x.safetensors")
    assert torch.equal(read(f"{tmp_path}/x.safetensors"), torch.ones(2))
    (tmp_path / "bad.safetensors").write_bytes(b"\xff" * 30)
    assert "cannot be read as .safetensors" in refuse(f"{tmp_path}/bad.safetensors")


def test_csv_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("width,height\n1,2\n3,4.5\n")
    assert read(f"{tmp_path}/a.csv").tolist() == [[1.0, 2.0], [3.0, 4.5]]
    (tmp_path / "bad.csv").write_text("1,2\n3,x\n")
    assert "line 2: 'x' is no number" in refuse(f"{tmp_path}/bad.csv")
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    assert "ragged" in refuse(f"{tmp_path}/ragged.csv")
    (tmp_path / "empty.csv").write_text("\n")
    assert "no numbers" in refuse(f"{tmp_path}/empty.csv")


def test_json_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[[1, 2], [3, 4]]")
    assert read(f"{tmp_path}/a.json").tolist() == [[1, 2], [3, 4]]
    (tmp_path / "named.json").write_text(json.dumps({"a": [1], "b": [2.5]}))
    assert [(item.name, item.value.tolist()) for item in read_inputs((f"{tmp_path}/named.json",))] == [("a", [1]), ("b", [2.5])]
    for text, said in (("[1, [2]]", "ragged"), ("[1", "cannot be read"), ('"hi"', "which is no number"), ("[" * 20000, "cannot be read")):
        (tmp_path / "bad.json").write_text(text)
        assert said in refuse(f"{tmp_path}/bad.json")


def test_pictures(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (4, 2), (255, 0, 51)).save(tmp_path / "a.png")
    picture = read(f"{tmp_path}/a.png")
    assert tuple(picture.shape) == (1, 3, 2, 4)
    assert picture[0, :, 0, 0].tolist() == pytest.approx([1.0, 0.0, 0.2])
    Image.new("L", (3, 3), 128).save(tmp_path / "grey.jpg")
    assert tuple(read(f"{tmp_path}/grey.jpg").shape) == (1, 1, 3, 3)
    (tmp_path / "bad.png").write_bytes(b"\x89PNG nonsense")
    assert "cannot be read as .png" in refuse(f"{tmp_path}/bad.png")


def test_every_file_form_survives_damage(tmp_path: Path) -> None:
    numpy.save(tmp_path / "a.npy", numpy.ones(8))
    numpy.savez(tmp_path / "a.npz", x=numpy.ones(8))
    torch.save(torch.ones(8), tmp_path / "a.pt")
    save_file({"x": torch.ones(8)}, tmp_path / "a.safetensors")
    generator = numpy.random.default_rng(0)
    for name in ("a.npy", "a.npz", "a.pt", "a.safetensors"):
        whole = (tmp_path / name).read_bytes()
        refusals: list[str] = []
        for _ in range(60):
            raw = bytearray(whole[: int(generator.integers(len(whole) // 2, len(whole) + 1))])
            for place in generator.integers(0, len(raw), 3):
                raw[place] = int(generator.integers(256))
            (tmp_path / f"damaged-{name}").write_bytes(bytes(raw))
            try:
                read_inputs((f"{tmp_path}/damaged-{name}",))
            except InputError as error:
                refusals.append(str(error))
        assert all(name in sentence for sentence in refusals)


def test_files_that_are_not_what_their_ending_says(tmp_path: Path) -> None:
    for name, said in (("a.npy", "is no .npy file"), ("a.pt", "is no file that torch.save wrote")):
        for content in (b"junk", b""):
            (tmp_path / name).write_bytes(content)
            assert said in refuse(f"{tmp_path}/{name}")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"no array")
    assert "holds 'x', which is no array" in refuse(f"{tmp_path}/a.npz")


def test_reading_a_file_warns_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "a.pt").write_bytes(pickle.dumps(Bomb(), protocol=4))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        read(f"{tmp_path}/a.png")
        refuse(f"{tmp_path}/a.pt")
    assert not warned
