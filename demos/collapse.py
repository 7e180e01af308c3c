"""Two Linear layers without an activation between them are one Linear layer; with ReLU between them they are not."""

import torch
import torch.nn as nn


class Collapse(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.second = nn.Linear(3, 1)
        self.merged = nn.Linear(2, 1)

    def forward(self, x):
        hidden = self.first(x)
        stacked = self.second(hidden)
        single = self.merged(x)
        bent = self.second(torch.relu(hidden))
        return stacked, single, bent


model = Collapse()
with torch.no_grad():
    model.first.weight.copy_(torch.tensor([[1.0, -1.0], [2.0, 0.0], [0.0, 1.0]]))
    model.first.bias.copy_(torch.tensor([0.0, 1.0, -3.0]))
    model.second.weight.copy_(torch.tensor([[2.0, 1.0, 1.0]]))
    model.second.bias.copy_(torch.tensor([0.5]))
    model.merged.weight.copy_(model.second.weight @ model.first.weight)
    model.merged.bias.copy_(model.second.weight @ model.first.bias + model.second.bias)

x = torch.tensor([1.0, 2.0])
