"""Statistics of tensors of every kind, held against torch and numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurontui.debugger.reading import read_element, read_slice
from neurontui.debugger.statistics import find_bad, measure
from neurontui.records import Value


def value_of(tensor: torch.Tensor) -> Value:
    return Value(tuple(tensor.shape), tensor.dtype, tensor.device, "outside", data=tensor)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50))
def test_the_moments_are_numpy_s(numbers: list[float]) -> None:
    found = measure(value_of(torch.tensor(numbers)), bins=8)
    wide = np.array(numbers, np.float32).astype(np.float64)
    assert found.count == len(numbers)
    assert found.zeros == int((wide == 0).sum())
    assert (found.minimum, found.maximum, found.absmax) == (wide.min(), wide.max(), np.abs(wide).max())
    assert found.mean == pytest.approx(wide.mean(), rel=1e-9, abs=1e-9)
    assert found.std == pytest.approx(wide.std(), rel=1e-6, abs=1e-6)
    assert sum(found.histogram) == len(numbers)


def test_the_histogram_is_numpy_s() -> None:
    numbers = torch.randn(1001, generator=torch.Generator().manual_seed(0), dtype=torch.float64)  # none lies on an edge of a bin
    assert measure(value_of(numbers), bins=10).histogram == tuple(np.histogram(numbers.numpy(), bins=10)[0])
    assert sum(measure(value_of(torch.full((7,), 2.5))).histogram) == 7


def test_nan_and_infinities_are_counted_and_left_out() -> None:
    found = measure(value_of(torch.tensor([float("nan"), float("inf"), -float("inf"), 1.0, 3.0])))
    assert (found.nans, found.infs, found.minimum, found.maximum, found.mean) == (1, 2, 1.0, 3.0, 2.0)
    assert find_bad(value_of(torch.tensor([float("nan"), 1.0]))) == {"nan"}
    assert find_bad(value_of(torch.tensor([float("inf"), float("nan")]))) == {"nan", "inf"}
    assert find_bad(value_of(torch.tensor([1.0]))) == frozenset()
    assert find_bad(value_of(torch.tensor([1]))) == frozenset()


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.int64, torch.float16, torch.bfloat16, torch.float64, torch.float8_e5m2])
def test_every_dtype_is_measured(dtype: torch.dtype) -> None:
    found = measure(value_of(torch.tensor([0, 1, 1, 0]).to(dtype)))
    assert (found.count, found.zeros, found.minimum, found.maximum, found.mean) == (4, 2, 0.0, 1.0, 0.5)


def test_what_has_no_order_or_no_elements_has_no_moments() -> None:
    complex_one = measure(value_of(torch.tensor([3 + 4j, 0j])))
    assert (complex_one.absmax, complex_one.minimum, complex_one.zeros) == (5.0, None, 1)
    assert measure(value_of(torch.empty(0))).mean is None
    assert measure(value_of(torch.tensor([float("nan")]))).mean is None


def test_a_slice_is_read_in_rows() -> None:
    value = value_of(torch.arange(8).reshape(2, 2, 2))
    assert read_slice(value, (1, None, None)) == [[4, 5], [6, 7]]
    assert read_slice(value, (None, 0, None)) == [[0, 1], [4, 5]]
    assert read_slice(value, (0, 1, None)) == [[2], [3]]
    assert read_slice(value_of(torch.tensor(3)), ()) == [[3]]
    assert read_slice(value_of(torch.empty(0, 3)), (None, None)) == []
    assert read_slice(value_of(torch.eye(2).to_sparse()), (None, None)) == [[1.0, 0.0], [0.0, 1.0]]


def test_every_float_is_looked_through_for_nan() -> None:
    for dtype in (torch.float8_e5m2, torch.float16, torch.bfloat16, torch.float64, torch.complex64):
        assert find_bad(value_of(torch.tensor([1.0, float("nan")]).to(dtype))) == {"nan"}


def test_a_tensor_without_data_is_counted_only() -> None:
    meta = value_of(torch.empty(3, 4, device="meta"))
    assert (measure(meta).count, measure(meta).mean, find_bad(meta)) == (12, None, frozenset())


def test_nested_tensors_are_measured() -> None:
    nested = torch.nested.nested_tensor([torch.ones(2), torch.zeros(3)], layout=torch.jagged)
    value = Value((2,), nested.dtype, nested.device, "outside", data=nested)
    assert (measure(value).count, measure(value).zeros) == (5, 3)
    assert find_bad(value) == frozenset()


def test_sparse_and_quantized_tensors_are_read() -> None:
    sparse = torch.eye(3).to_sparse()
    assert measure(value_of(sparse)).count == 3
    assert read_element(value_of(sparse), (1, 1)) == 1.0
    assert find_bad(value_of(sparse)) == frozenset()


def test_an_expanded_tensor_is_measured_by_its_own_numbers():
    row = torch.tensor([1.0, 0.0, float("nan"), 5.0])
    assert measure(value_of(row.expand(4, 4))) == measure(value_of(row.expand(4, 4).contiguous()))
    huge = value_of(row.expand(10**10, 4))
    assert measure(huge).nans == 10**10
    assert find_bad(huge) == {"nan"}
