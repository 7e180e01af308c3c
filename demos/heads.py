"""One body, two heads: regression gives one raw value. Variants: classification, softmax_twice and shapes (common mistakes)."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(torch.relu(self.body(x)))


class Classification(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.head = nn.Linear(2, 3)

    def forward(self, x, target):
        logits = self.head(torch.relu(self.body(x)))
        probabilities = torch.softmax(logits, dim=-1)
        prediction = probabilities.argmax(dim=-1)
        loss = F.cross_entropy(logits, target)
        return probabilities, prediction, loss


class SoftmaxTwice(Classification):
    def forward(self, x, target):
        logits = self.head(torch.relu(self.body(x)))
        probabilities = torch.softmax(logits, dim=-1)
        return F.cross_entropy(probabilities, target)  # cross_entropy takes logits: it has a softmax inside


class MeanSquaredError(nn.Module):
    def forward(self, prediction, target):
        return F.mse_loss(prediction, target)


def set_weights(layer, weight, bias):
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.copy_(torch.tensor(bias))


model = Regression()
model_classification = Classification()
model_softmax_twice = SoftmaxTwice()
for network in (model, model_classification, model_softmax_twice):
    set_weights(network.body, [[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])
set_weights(model.head, [[0.5, 1.0]], [0.25])
for network in (model_classification, model_softmax_twice):
    set_weights(network.head, [[0.0, 1.0], [1.0, 0.0], [0.1, 0.0]], [0.0, 0.0, 0.0])

x = torch.tensor([1.0, 2.0])
target = torch.tensor(0)
x_classification = (x, target)
x_softmax_twice = (x, target)

model_shapes = MeanSquaredError()  # every prediction is right, and yet the loss is not 0: (3, 1) and (3) make (3, 3)
x_shapes = (torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([1.0, 2.0, 3.0]))
