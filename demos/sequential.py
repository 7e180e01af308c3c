"""A Sequential with Dropout, as in training: two kinds of zero, ReLU's and a dropped one. Variant: eval."""

import torch
import torch.nn as nn


def build():
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Linear(4, 3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(3, 1),
    )


model = build()
model_eval = build().eval()
x = torch.tensor([1.0, 2.0, 3.0, 4.0])

for seed in range(3, 1000):  # which neurons are dropped: not every build of torch throws the same coins for a seed
    torch.manual_seed(seed)
    if nn.functional.dropout(torch.ones(3)).tolist() == [2, 2, 0]:
        break
torch.manual_seed(seed)
