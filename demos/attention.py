"""Attention: every word asks all words, and takes a mixture of their values. Variant: masks (no word sees a later one)."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(4, 4, bias=False)
        self.key = nn.Linear(4, 4, bias=False)
        self.value = nn.Linear(4, 4, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.transpose(0, 1) / 2  # 2 is the root of 4, the size of a query
        weights = torch.softmax(scores, dim=-1)
        return weights @ v


class Masks(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.MultiheadAttention(4, 1, bias=False)

    def forward(self, x):
        keep = torch.ones(3, 3, dtype=torch.bool).tril()
        function = F.scaled_dot_product_attention(x, x, x, attn_mask=keep)  # True is kept
        module, _ = self.layer(x, x, x, attn_mask=~keep)  # True is blocked
        return function, module


model = Attention()
model_masks = Masks()
with torch.no_grad():  # a trained layer has learned these; with ones on the diagonal the numbers can be followed
    for linear in (model.query, model.key, model.value, model_masks.layer.out_proj):
        linear.weight.copy_(torch.eye(4))
    model_masks.layer.in_proj_weight.copy_(torch.eye(4).repeat(3, 1))

x = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 2.0, 0.0, 2.0], [1.0, 1.0, 1.0, 1.0]])  # three words of four numbers
