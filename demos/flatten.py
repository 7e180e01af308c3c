"""A square becomes a line: torch.flatten joins all dimensions. Variants: layer, batch (nn.Flatten keeps dimension 0)."""

import torch
import torch.nn as nn


class FlattenAll(nn.Module):
    def forward(self, x):
        return torch.flatten(x)


model = FlattenAll()
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

model_layer = nn.Flatten()
x_layer = x

model_batch = nn.Flatten()
x_batch = x.unsqueeze(0)  # one sample: (1, 2, 2)
