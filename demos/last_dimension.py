"""Linear works on the last dimension. Variants: batch, cube, scalar (raises), whole (raises), mismatch (raises)."""

import torch
import torch.nn as nn

torch.manual_seed(0)
layer = nn.Linear(3, 2)

model = layer
x = torch.tensor([1.0, 2.0, 3.0])

model_batch = layer
x_batch = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

model_cube = nn.Linear(8, 5)
x_cube = torch.randn(4, 10, 8)

model_scalar = layer
x_scalar = torch.tensor(5.0)

model_whole = layer
x_whole = torch.tensor([1, 2, 3])

model_mismatch = nn.Linear(10, 20)
x_mismatch = x_cube
