"""Places and indices, against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from neurontui.indices import ravel, unravel


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (4, 1, 3), (2, 3, 4, 5)])
def test_every_place_is_numpys_and_leads_back(shape: tuple[int, ...]):
    for place, at in enumerate(np.ndindex(*shape)):
        assert unravel(place, shape) == at
        assert ravel(at, shape) == place


def test_an_index_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        ravel((0,), (1, 2))
