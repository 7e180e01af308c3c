"""Every explainer of the core against torch: random shapes, memory layouts, dtypes, options, elements."""

from __future__ import annotations

import warnings

import pytest
import torch
from explained_cases import CASES
from explaining_helpers import check, record, some_elements

SEEDS = 10


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.filterwarnings("ignore")
def test_every_call_is_explained_as_torch_calculates_it(name: str) -> None:
    for seed in range(SEEDS):
        generator = torch.Generator().manual_seed(7919 * seed)
        function, args = CASES[name](generator)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, on deprecated spellings
            trace = record(function, *args, seed=seed)
        for step in trace.steps[1:]:
            for why in some_elements(generator, trace, step.index):
                check(why, trace)
