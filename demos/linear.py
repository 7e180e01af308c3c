"""A Linear layer of two neurons: each row of its weight, which is (out_features, in_features), is one neuron."""

import torch
import torch.nn as nn

model = nn.Linear(3, 2)
with torch.no_grad():
    model.weight.copy_(torch.tensor([[1.0, 0.5, -1.0], [0.0, 2.0, 0.5]]))
    model.bias.copy_(torch.tensor([0.5, -1.0]))

x = torch.tensor([2.0, 4.0, 1.0])
