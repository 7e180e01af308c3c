"""One neuron: two inputs, two weights, one bias. 3 × 0.2 + 5 × 0.4 + 0.1 = 2.7"""

import torch
import torch.nn as nn

model = nn.Linear(2, 1)
with torch.no_grad():
    model.weight.copy_(torch.tensor([[0.2, 0.4]]))
    model.bias.copy_(torch.tensor([0.1]))

x = torch.tensor([3.0, 5.0])
