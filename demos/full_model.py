"""Flatten, Linear, BatchNorm, Dropout, Linear: a bare image fails. Variants: one (one sample), eval, batch (two samples)."""

import torch
import torch.nn as nn


def build():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Flatten(),  # reshape
        nn.Linear(4, 3),  # learn
        nn.BatchNorm1d(3),  # stabilize
        nn.Dropout(0.5),  # regularize
        nn.Linear(3, 1),  # final output
    )


model = build()
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # no batch axis

model_one = build()
x_one = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])

model_eval = build().eval()
x_eval = x_one

model_batch = build()
x_batch = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])

for seed in range(0, 1000):  # which neurons are dropped: not every build of torch throws the same coins for a seed
    torch.manual_seed(seed)
    if nn.functional.dropout(torch.ones(2, 3)).tolist() == [[0, 0, 2], [0, 0, 0]]:
        break
torch.manual_seed(seed)
