"""The same network with both of its neurons dead: only the last bias is left. Variant: leaky (leaky ReLU lets a little through)."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class SimpleANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 2)
        self.fc2 = nn.Linear(2, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = self.fc2(x)
        return x


class LeakyANN(SimpleANN):
    def forward(self, x):
        x = F.leaky_relu(self.fc1(x))
        x = self.fc2(x)
        return x


torch.manual_seed(3)
model = SimpleANN()

torch.manual_seed(3)
model_leaky = LeakyANN()

x = torch.tensor([1.0, 2.0])
