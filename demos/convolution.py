"""A convolution slides one small window over an image and finds its edge. Variants: padded, strided, colours."""

import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Conv2d(1, 1, kernel_size=3)
model_padded = nn.Conv2d(1, 1, kernel_size=3, padding=1)
model_strided = nn.Conv2d(1, 1, kernel_size=3, stride=2)
model_colours = nn.Conv2d(3, 8, kernel_size=3)

edge = torch.tensor([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])
with torch.no_grad():
    for layer in (model, model_padded, model_strided):
        layer.weight.copy_(edge)
        layer.bias.fill_(0.5)

image = torch.tensor(
    [
        [0.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, 1.0],
    ]
)
x = image.reshape(1, 1, 5, 5)  # one image, one channel
x_colours = torch.rand(1, 3, 5, 5)  # red, green, blue
