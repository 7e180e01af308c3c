"""Torch's words on layers, losses and packs, in the model's terms."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from failing import Case, two, whole, zeros
from torch import nn

CASES: dict[str, Case] = {
    "lstm 4d": (
        lambda: (nn.LSTM(3, 4), zeros(2, 3, 4, 3)),
        "LSTM takes (length, batch, features) or, of one sample, (length, features), but the model's input gives [2, 3, 4, 3].",
        "4 is neither 2 nor 3",
        "Keep three dimensions, as x.flatten(2) of (batch, length, …) does; of one vector x.unsqueeze(0) makes a sequence of one.",
    ),
    "gru 1d": (
        lambda: (nn.GRU(3, 4), zeros(3)),
        "GRU takes (length, batch, features) or, of one sample, (length, features), but the model's input gives [3].",
        "1 is neither 2 nor 3",
        "Keep three dimensions, as x.flatten(2) of (batch, length, …) does; of one vector x.unsqueeze(0) makes a sequence of one.",
    ),
    "rnn 1d": (
        lambda: (nn.RNN(3, 4), zeros(3)),
        "RNN takes (length, batch, features) or, of one sample, (length, features), but the model's input gives [3].",
        "1 is neither 2 nor 3",
        "Keep three dimensions, as x.flatten(2) of (batch, length, …) does; of one vector x.unsqueeze(0) makes a sequence of one.",
    ),
    "lstm hx": (
        lambda: (nn.LSTM(3, 4), zeros(5, 2, 3), (zeros(1, 4), zeros(1, 4))),
        "LSTM was given a state of 2 dimensions, but an input of 3.",
        "",
        "Give the state as many dimensions as the input, or leave it out: it is zeros then.",
    ),
    "gru hx": (
        lambda: (nn.GRU(3, 4), zeros(5, 3), zeros(1, 2, 4)),
        "GRU was given a state of 3 dimensions, but an input of 2.",
        "",
        "Give the state as many dimensions as the input, or leave it out: it is zeros then.",
    ),
    "gru hx3": (
        lambda: (nn.GRU(3, 4), zeros(5, 2, 3), zeros(2, 4)),
        "GRU was given a state of 2 dimensions, but an input of 3.",
        "",
        "Give the state as many dimensions as the input, or leave it out: it is zeros then.",
    ),
    "cell hidden": (
        lambda: (nn.GRUCell(3, 4), zeros(2, 3), zeros(2, 5)),
        "GRUCell has a state of 4 numbers, but was given one of 5.",
        "5 ≠ 4",
        "Make the state torch.zeros(batch, 4), or give the cell hidden_size=5.",
    ),
    "lstmcell hidden": (
        lambda: (nn.LSTMCell(3, 4), zeros(2, 3), (zeros(2, 5), zeros(2, 5))),
        "LSTMCell has a state of 4 numbers, but was given one of 5.",
        "5 ≠ 4",
        "Make the state torch.zeros(batch, 4), or give the cell hidden_size=5.",
    ),
    "cell batch": (
        lambda: (nn.RNNCell(3, 4), zeros(2, 3), zeros(3, 4)),
        "RNNCell has 2 samples, but a state for 3.",
        "3 ≠ 2",
        "Make the state torch.zeros(2, hidden_size); the last batch of a DataLoader may be smaller (drop_last=True).",
    ),
    "pack sorted": (
        lambda: two(lambda x, y: nn.utils.rnn.pack_padded_sequence(x, y, batch_first=True), zeros(2, 5, 3), whole(2, 3)),
        "./_pack_padded_sequence takes lengths from long to short, but they are in another order.",
        "",
        "Say pack_padded_sequence(x, lengths, enforce_sorted=False): then it sorts, and puts the outputs back in order.",
    ),
    "pack 0": (
        lambda: two(lambda x, y: nn.utils.rnn.pack_padded_sequence(x, y, batch_first=True), zeros(2, 5, 3), whole(2, 0)),
        "./_pack_padded_sequence has a sequence of length 0.",
        "",
        "Leave empty sequences out, or give them one step: lengths.clamp(min=1).",
    ),
    "pack count": (
        lambda: two(lambda x, y: nn.utils.rnn.pack_padded_sequence(x, y), zeros(2, 5, 3), whole(2, 1)),
        "./_pack_padded_sequence has 2 lengths for 5 sequences.",
        "2 ≠ 5",
        "Give 5 lengths; where the batch comes first, say batch_first=True.",
    ),
    "tf batch": (
        lambda: (nn.Transformer(8, 2, 1, 1, 16), zeros(5, 2, 8), zeros(5, 3, 8)),
        "Transformer has src and tgt of different batch sizes.",
        "",
        "Give both the same batch size; if the batch comes first here, say batch_first=True.",
    ),
    "tf features": (
        lambda: (nn.Transformer(8, 2, 1, 1, 16), zeros(5, 2, 8), zeros(5, 2, 6)),
        "Transformer takes src and tgt of d_model features, but one has others.",
        "",
        "Project both to d_model first, with a Linear or an Embedding of that width.",
    ),
    "inorm": (
        lambda: (nn.InstanceNorm2d(3), zeros(3, 3)),
        "InstanceNorm2d takes 3 dimensions (one sample) or 4 (a batch), but the model's input gives 2: [3, 3].",
        "2 ≠ 4",
        "Use it where channels and places are still there, before flattening; after a Linear use the 1-d kind, or none.",
    ),
    "chanlast": (
        lambda: (nn.LocalResponseNorm(2), zeros(3, 3)),
        "LocalResponseNorm takes (batch, channels, …), but the model's input gives [3, 3].",
        "",
        "Use it after a convolution, before flattening.",
    ),
    "outpad": (
        lambda: (nn.ConvTranspose2d(3, 3, 3, stride=1, output_padding=1), zeros(1, 3, 4, 4)),
        "ConvTranspose2d(3 → 3, kernel 3×3) has an output_padding that is not below its stride.",
        "",
        "Say stride=2 with output_padding=1, or leave output_padding out.",
    ),
    "outsize": (
        lambda: (nn.ConvTranspose2d(3, 3, 3, stride=2), zeros(1, 3, 4, 4), [20, 20]),
        "ConvTranspose2d(3 → 3, kernel 3×3) was asked for an output of [20, 20], but can make [9, 9] to [10, 10] of [1, 3, 4, 4].",
        "[20, 20]",
        "Ask for a size from [9, 9] to [10, 10], or resize afterwards: F.interpolate(x, size=…).",
    ),
    "groups": (
        lambda: two(lambda x, y: F.conv2d(x, y, groups=2), zeros(1, 4, 5, 5), zeros(3, 2, 3, 3)),
        "./conv2d makes 3 channels in 2 groups: 3 / 2 is no whole number.",
        "",
        "Choose groups that divides 3, or out_channels that 2 divides.",
    ),
    "bias": (
        lambda: two(lambda x, y: F.conv2d(x, y, zeros(5)), zeros(1, 4, 5, 5), zeros(3, 4, 3, 3)),
        "./conv2d makes 3 channels, but its bias is [5].",
        "[5]",
        "Make the bias [3].",
    ),
    "pool pad": (
        lambda: (nn.MaxPool2d(2, padding=2), zeros(1, 3, 5, 5)),
        "MaxPool2d pads by 2 with a window of 2: some windows would see padding only.",
        "",
        "Use padding of half the kernel or less, or pad before it with F.pad.",
    ),
    "avgpool pad": (
        lambda: (nn.AvgPool2d(2, padding=2), zeros(1, 3, 5, 5)),
        "AvgPool2d pads by 2 with a window of 2: some windows would see padding only.",
        "",
        "Use padding of half the kernel or less, or pad before it with F.pad.",
    ),
    "unpool": (
        lambda: two(lambda x, y: F.max_unpool2d(x, y, 2), zeros(1, 1, 2, 2), torch.zeros(1, 1, 3, 3, dtype=torch.long)),
        "./max_unpool2d puts [1, 1, 2, 2] back at the places of [1, 1, 3, 3].",
        "[1, 1, 3, 3]",
        "Use the indices of the pooling that made this input: MaxPool2d(…, return_indices=True).",
    ),
    "fold": (
        lambda: (nn.Fold((4, 4), 2), zeros(1, 4, 5)),
        "Fold puts 9 blocks together (3 * 3), but was given 5.",
        "5 ≠ 9",
        "Give 9 blocks, or another output_size or stride.",
    ),
    "unfold": (
        lambda: (nn.Unfold(5), zeros(1, 3, 4, 4)),
        "Unfold slides a window over [1, 3, 4, 4] that is larger than the image.",
        "",
        "Use a smaller kernel_size, or padding.",
    ),
    "glu": (
        lambda: (nn.GLU(), zeros(2, 3)),
        "GLU halves dimension 1, which has 3: an odd number.",
        "3 is odd",
        "Make the layer before it twice as wide as the output is to be, an even number.",
    ),
    "prelu": (
        lambda: (nn.PReLU(3), zeros(2, 4)),
        "PReLU(3) has 3 slopes, but the model's input gives 4 channels.",
        "4 ≠ 3",
        "Make it PReLU(4), or PReLU() with one slope for all.",
    ),
    "cshuffle": (
        lambda: (nn.ChannelShuffle(3), zeros(1, 4, 2, 2)),
        "ChannelShuffle deals 4 channels into 3 groups: 4 / 3 is no whole number.",
        "",
        "Choose groups that divides 4, or channels that 3 divides.",
    ),
    "ce weight": (
        lambda: (nn.CrossEntropyLoss(weight=torch.ones(4)), zeros(2, 3), whole(0, 1)),
        "CrossEntropyLoss(4) has scores of 3 classes, but weights of [4].",
        "[4] ≠ 3",
        "Make the weight [3].",
    ),
    "mrl": (
        lambda: (nn.MarginRankingLoss(), zeros(2, 3), zeros(2, 3), zeros(2)),
        "MarginRankingLoss compares tensors of different dimensions.",
        "",
        "Give the target the shape of the inputs, with values 1 and -1.",
    ),
    "grid batch": (
        lambda: two(lambda x, y: F.grid_sample(x, y, align_corners=False), zeros(2, 3, 4, 4), zeros(1, 4, 4, 2)),
        "./grid_sample has a grid of another batch size than its images.",
        "",
        "Give both one batch size: grid.expand(N, -1, -1, -1) repeats one.",
    ),
    "grid last": (
        lambda: two(lambda x, y: F.grid_sample(x, y, align_corners=False), zeros(2, 3, 4, 4), zeros(2, 4, 4, 3)),
        "./grid_sample takes a grid of 2 coordinates a pixel, but it is [2, 4, 4, 3].",
        "[2, 4, 4, 3]",
        "Bring the coordinates last, and keep 2: grid[..., :2].",
    ),
    "affine": (
        lambda: two(lambda x, y: F.affine_grid(x, [2, 3, 4, 4], align_corners=False), zeros(2, 3, 3)),
        "./affine_grid takes one 2×3 matrix an image, but theta is [2, 3, 3].",
        "[2, 3, 3]",
        "of square matrices theta[:, :2].",
    ),
    "bag 0": (
        lambda: (nn.EmbeddingBag(5, 2), whole(0, 1, 2), whole(1, 2)),
        "EmbeddingBag(5, 2) has bags of which the first does not begin at 0.",
        "",
        "Put a 0 in front: torch.cat([torch.zeros(1, dtype=torch.long), offsets]).",
    ),
    "bag none": (
        lambda: (nn.EmbeddingBag(5, 2), whole(0, 1, 2)),
        "EmbeddingBag(5, 2) has one long list of indices, but no offsets that say where a bag begins.",
        "",
        "Give offsets, or one row a bag: x.unsqueeze(0).",
    ),
    "bag 2d": (
        lambda: (nn.EmbeddingBag(5, 2), torch.tensor([[0, 1]]), whole(0, 1)),
        "EmbeddingBag(5, 2) has rows of indices, which are bags already, and offsets too.",
        "",
        "Leave the offsets out, or flatten the indices.",
    ),
    "bag last": (
        lambda: (nn.EmbeddingBag(5, 2), whole(0, 1, 2), whole(0, 5)),
        "EmbeddingBag(5, 2) has a bag that begins at 5, but there are 3 indices.",
        "5 > 3",
        "Keep every offset at 3 or below; offsets are places, not lengths: lengths.cumsum(0) − lengths.",
    ),
    "CircularPad": (
        lambda: (nn.CircularPad2d(1), zeros(4, 4)),
        "CircularPad2d takes 3 dimensions (one sample) or 4 (a batch), but the model's input gives 2: [4, 4].",
        "2 ≠ 4",
        "Use it where channels and places are still there, before flattening; after a Linear use the 1-d kind, or none.",
    ),
    "ctc lengths": (
        lambda: two(lambda x, y: F.ctc_loss(x, y, whole(7, 7), whole(3, 3)), zeros(5, 2, 4), torch.ones(2, 3)),
        "./ctc_loss has an input length of 7, but there are 5 time steps.",
        "5 < 7",
        "Bring the time to the front, x.transpose(0, 1), or keep lengths at 5: lengths.clamp(max=5).",
    ),
    "ctc target lengths": (
        lambda: two(lambda x, y: F.ctc_loss(x, y, whole(5, 5), whole(3, 6)), zeros(5, 2, 4), torch.ones(2, 3)),
        "./ctc_loss has a target length of 6, but targets of 3.",
        "3 < 6",
        "Keep target_lengths at 3, or pad the targets to 6.",
    ),
    "ctc batch": (
        lambda: two(lambda x, y: F.ctc_loss(x, y, whole(5), whole(3, 3)), zeros(5, 2, 4), torch.ones(2, 3)),
        "./ctc_loss has another number of input_lengths than samples.",
        "",
        "Give one length a sample: torch.full((x.shape[1],), x.shape[0]) where all are full.",
    ),
    "ctc blank": (
        lambda: two(lambda x, y: F.ctc_loss(x, y, whole(5, 5), whole(3, 3), blank=9), zeros(5, 2, 4), torch.ones(2, 3)),
        "./ctc_loss has a blank that is no class.",
        "",
        "Use blank=0, and let the scores have one class more than there are letters.",
    ),
    "variance shape": (
        lambda: two(lambda x, y: F.gaussian_nll_loss(x, x, y), None, torch.ones(4, 5)),
        "./gaussian_nll_loss has a variance of another shape than its input.",
        "",
        "Give var the shape of the input, or one number a row.",
    ),
}
