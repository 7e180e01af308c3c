"""Two layers stacked in three ways: same numbers, other parameter names. Variants: composed, nested, sequential."""

import torch
import torch.nn as nn


class TwoAttributes(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 20)
        self.fc2 = nn.Linear(20, 5)

    def forward(self, x):
        x = self.fc1(x)
        x = self.fc2(x)
        return x


class Composed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 20)
        self.fc2 = nn.Linear(20, 5)

    def forward(self, x):
        return self.fc2(self.fc1(x))


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Sequential(
            nn.Linear(10, 20),
            nn.Linear(20, 5),
        )

    def forward(self, x):
        x = self.fc1(x)
        return x


torch.manual_seed(0)
model = TwoAttributes()

torch.manual_seed(0)
model_composed = Composed()

torch.manual_seed(0)
model_nested = Nested()

torch.manual_seed(0)
model_sequential = nn.Sequential(nn.Linear(10, 20), nn.Linear(20, 5))

x = torch.arange(10) / 10
