"""BatchNorm in training: every column gets mean 0 and variance 1. Variant: eval, after one step of training."""

import torch
import torch.nn as nn

x = torch.tensor(
    [
        [2.0, 200.0, 4000.0],
        [4.0, 100.0, 2000.0],
        [6.0, 300.0, 6000.0],
    ]
)

model = nn.BatchNorm1d(3)

model_eval = nn.BatchNorm1d(3)
model_eval(x)  # in training it learns the running mean and variance
model_eval.eval()
