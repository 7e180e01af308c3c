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

torch.manual_seed(3)  # which neurons are dropped
