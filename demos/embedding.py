"""An embedding is a table: a word's number picks a row. Variant: unknown (a number that has no row raises)."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3, padding_idx=0)

    def forward(self, words):
        vectors = self.embedding(words)
        one_hot = F.one_hot(words, 5).float()
        product = one_hot @ self.embedding.weight
        return vectors, product


model = Words()
with torch.no_grad():
    model.embedding.weight.copy_(
        torch.tensor(
            [
                [0.0, 0.0, 0.0],  # 0 (padding)
                [0.1, 0.2, 0.3],  # 1 the
                [1.0, -0.5, 0.4],  # 2 cat
                [0.9, -0.4, 0.5],  # 3 dog
                [-0.7, 0.8, 0.6],  # 4 sleeps
            ]
        )
    )

x = torch.tensor([1, 2, 4, 0])  # the cat sleeps (padding)

model_unknown = model
x_unknown = torch.tensor([1, 5])
