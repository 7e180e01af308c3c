"""LayerNorm averages a row (one sample), BatchNorm a column (one feature over the batch). Variant: one (one sample raises)."""

import torch
import torch.nn as nn


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_norm = nn.LayerNorm(3)
        self.batch_norm = nn.BatchNorm1d(3)

    def forward(self, x):
        rows = self.layer_norm(x)
        columns = self.batch_norm(x)
        return rows, columns


model = Norms()
x = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])

model_one = Norms()
x_one = torch.tensor([[1.0, 2.0, 3.0]])
