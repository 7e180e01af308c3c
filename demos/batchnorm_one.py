"""BatchNorm needs a batch: a single sample raises. Variants: row (a batch of one), eval."""

import torch
import torch.nn as nn

model = nn.BatchNorm1d(3)
x = torch.tensor([2.0, 200.0, 4000.0])

model_row = nn.BatchNorm1d(3)
x_row = torch.tensor([[2.0, 200.0, 4000.0]])

model_eval = nn.BatchNorm1d(3).eval()
x_eval = x_row
