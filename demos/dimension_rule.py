"""Two layers that do not fit: out_features of one layer must be in_features of the next."""

import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(10, 20),
    nn.Linear(5, 5),
)
x = torch.ones(1, 10)
