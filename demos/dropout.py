"""Dropout in training: some inputs become zero, the others are doubled. Variant: eval."""

import torch
import torch.nn as nn

model = nn.Dropout(0.5)
model_eval = nn.Dropout(0.5).eval()
x = torch.tensor([10.0, 20.0, 30.0, 40.0])

for seed in range(4, 1000):  # which inputs are dropped: not every build of torch throws the same coins for a seed
    torch.manual_seed(seed)
    if nn.functional.dropout(torch.ones(4)).tolist() == [2, 0, 2, 0]:
        break
torch.manual_seed(seed)
