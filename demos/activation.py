"""Three rules that decide what is passed on: ReLU, sigmoid and tanh on the same five numbers."""

import torch
import torch.nn as nn


class Activations(nn.Module):
    def forward(self, x):
        cut = torch.relu(x)
        squeezed = torch.sigmoid(x)
        centred = torch.tanh(x)
        return cut, squeezed, centred


model = Activations()
x = torch.tensor([-2.0, -0.5, 0.0, 1.0, 3.0])
