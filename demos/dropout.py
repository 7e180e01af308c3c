"""Dropout in training: some inputs become zero, the others are doubled. Variant: eval."""

import torch
import torch.nn as nn

model = nn.Dropout(0.5)
model_eval = nn.Dropout(0.5).eval()
x = torch.tensor([10.0, 20.0, 30.0, 40.0])

torch.manual_seed(4)  # which inputs are dropped
