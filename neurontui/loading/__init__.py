"""From a model reference, weights and inputs to a `Run`. Pure preparation: nothing is recorded here.

neurontui inspect net.py --input randn:1x4    →    load_run(Request("net.py", inputs=("randn:1x4",)))    →    Run
"""

from __future__ import annotations

from neurontui.loading.request import Request
from neurontui.loading.runs import load_run

__all__ = ["Request", "load_run"]
