"""Torch's words on numbers and options, in the model's terms."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from failing import Case, two, whole, zeros
from torch import nn

CASES: dict[str, Case] = {
    "if": (
        lambda: two(lambda x, y: 1 if x > 0 else 2),
        "./bool asks whether the output of ./gt is true: several numbers, so several answers.",
        "",
        "Ask for one: (x > 0).any() or (x > 0).all().",
    ),
    "if empty": (
        lambda: two(lambda x, y: 1 if x[:0] > 0 else 2),
        "./bool asks whether an empty tensor is true.",
        "",
        "Ask for its size: if x.numel() > 0.",
    ),
    "item": (
        lambda: two(lambda x, y: x.item()),
        "./item makes one Python number of x, which has several.",
        "",
        "Reduce it first, x.mean().item(), or pick one, x[0].item() of a row; x.tolist() gives them all.",
    ),
    "float()": (
        lambda: two(lambda x, y: float(x)),
        "./float makes one Python number of x, which has several.",
        "",
        "Reduce it first, x.mean().item(), or pick one, x[0].item() of a row; x.tolist() gives them all.",
    ),
    "int range": (
        lambda: two(lambda x, y: range(x)),
        "./index uses x, [2, 3] of float32, as a whole number: as a size, in range(), or as a list's index.",
        "",
        "Make it one: int(x) of a tensor with one element, x.shape[0] for how many there are.",
    ),
    "int idx": (
        lambda: two(lambda x, y: [1, 2, 3][y], None, whole(1, 2)),
        "./index uses y, [2] of int64, as a whole number: as a size, in range(), or as a list's index.",
        "",
        "Make it one: int(x) of a tensor with one element, x.shape[0] for how many there are.",
    ),
    "int idx float": (
        lambda: two(lambda x, y: [1, 2, 3][y], None, zeros(1)),
        "./index uses y, [1] of float32, as a whole number: as a size, in range(), or as a list's index.",
        "",
        "Make it one: int(x) of a tensor with one element, x.shape[0] for how many there are.",
    ),
    "interp none": (
        lambda: two(lambda x, y: F.interpolate(x), zeros(1, 1, 4, 4)),
        "./interpolate was given neither size nor scale_factor.",
        "",
        "Say F.interpolate(x, scale_factor=2), or size=(32, 32).",
    ),
    "interp both": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, scale_factor=2), zeros(1, 1, 4, 4)),
        "./interpolate was given both size and scale_factor.",
        "",
        "Leave one out: F.interpolate(x, scale_factor=2), or size=(32, 32).",
    ),
    "interp ac": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, align_corners=True), zeros(1, 1, 4, 4)),
        "./interpolate was given align_corners with a mode that copies pixels.",
        "",
        "Leave align_corners out, or say mode='bilinear' (of images).",
    ),
    "overflow": (
        lambda: two(lambda x, y: x.half().masked_fill(y > 0, -1e9)),
        "./masked_fill puts a number into the output of ./half that its type, float16, cannot hold.",
        "",
        "Use torch.finfo(x.dtype).min for a mask of scores; of whole numbers, convert first: x.float().",
    ),
    "overflow int": (
        lambda: two(lambda x, y: y.masked_fill(y > 0, float("-inf")), None, whole(1, 2)),
        "./masked_fill puts a number into y that its type, int64, cannot hold.",
        "",
        "Use torch.finfo(x.dtype).min for a mask of scores; of whole numbers, convert first: x.float().",
    ),
    "fill": (
        lambda: two(lambda x, y: x.masked_fill(x > 0, y)),
        "./masked_fill fills with several numbers.",
        "",
        "Use torch.where(mask, value, x), which takes a tensor of values.",
    ),
    "topk": (
        lambda: two(lambda x, y: x.topk(5)),
        "./topk asks for more of the largest numbers than [2, 3] has in that dimension.",
        "",
        "Use min(k, x.shape[-1]), or another dim.",
    ),
    "kth": (
        lambda: two(lambda x, y: x.kthvalue(5)),
        "./kthvalue asks for more of the largest numbers than [2, 3] has in that dimension.",
        "",
        "Use min(k, x.shape[-1]), or another dim.",
    ),
    "dropout p": (
        lambda: two(lambda x, y: F.dropout(x, 50)),
        "./dropout drops with probability 50.",
        "",
        "Use 0.5 for half of the numbers, not 50.",
    ),
    "minus bool": (
        lambda: two(lambda x, y: 1 - (x > 0)),
        "./rsub subtracts truth values.",
        "",
        "Turn a mask over with ~mask; to count, convert first: mask.float().",
    ),
    "minus two bool": (
        lambda: two(lambda x, y: (y > 0) - (x > 0)),
        "./sub subtracts truth values.",
        "",
        "Turn a mask over with ~mask; to count, convert first: mask.float().",
    ),
    "cholesky": (
        lambda: two(lambda x, y: torch.linalg.cholesky(x), -torch.eye(3)),
        "./cholesky takes a positive-definite matrix, which x is not.",
        "",
        "Add a little to the diagonal: x + 1e-4 * torch.eye(x.shape[-1]); or use torch.linalg.eigh.",
    ),
    "singular": (
        lambda: two(lambda x, y: torch.linalg.inv(x), zeros(3, 3)),
        "./inv inverts a matrix that has no inverse: its rows depend on one another.",
        "",
        "Use torch.linalg.pinv(x), or add a little to the diagonal.",
    ),
    "solve": (
        lambda: two(lambda x, y: torch.linalg.solve(x, y), zeros(3, 3), zeros(3, 3)),
        "./solve inverts a matrix that has no inverse: its rows depend on one another.",
        "",
        "Use torch.linalg.pinv(x), or add a little to the diagonal.",
    ),
    "multinomial": (
        lambda: two(lambda x, y: torch.multinomial(x, 5), torch.ones(2, 3)),
        "./multinomial draws more different ones than [2, 3] has.",
        "",
        "Draw fewer, or say replacement=True.",
    ),
    "multinomial nan": (
        lambda: two(lambda x, y: torch.multinomial(x, 1), -torch.ones(2, 3)),
        "./multinomial draws by probabilities of which some are below 0, infinite or NaN.",
        "",
        "Use scores.softmax(-1), and look where a NaN comes from: break nan.",
    ),
    "normal std": (
        lambda: two(lambda x, y: torch.normal(x, y - 1)),
        "./normal draws with a standard deviation below 0.",
        "",
        "Let the layer give its logarithm: std = torch.exp(0.5 * log_variance).",
    ),
    "normal_ std": (
        lambda: two(lambda x, y: (x * 1).normal_(0, -1)),
        "./normal_ draws with a standard deviation below 0.",
        "",
        "Let the layer give its logarithm: std = torch.exp(0.5 * log_variance).",
    ),
    "distribution": (
        lambda: two(lambda x, y: torch.distributions.Normal(x, y)),
        "Does makes a Normal distribution whose scale has numbers that it cannot have.",
        "",
        "A scale becomes positive with F.softplus(x) + 1e-5, probabilities with x.softmax(-1).",
    ),
    "gaussian nll": (
        lambda: (nn.GaussianNLLLoss(), zeros(2, 3), zeros(2, 3), zeros(2, 3) - 1),
        "GaussianNLLLoss was given a variance below 0.",
        "",
        "Let the layer give its logarithm, var = torch.exp(x), or use F.softplus(x).",
    ),
    "argmax empty": (
        lambda: two(lambda x, y: x[:0].argmax()),
        "./argmax looks for the largest of no numbers: the output of ./getitem is [0, 3].",
        "",
        "Look why it is empty: a mask that picks nothing, a slice past the end.",
    ),
    "max empty": (
        lambda: two(lambda x, y: x[:0].max()),
        "./max looks for the largest of no numbers: the output of ./getitem is [0, 3].",
        "",
        "Look why it is empty: a mask that picks nothing, a slice past the end.",
    ),
    "stft": (
        lambda: two(lambda x, y: torch.stft(x, 4), zeros(16)),
        "./stft was not told whether to give complex numbers.",
        "",
        "Say torch.stft(…, return_complex=True), and .abs() for the magnitudes.",
    ),
    "fft": (
        lambda: two(lambda x, y: torch.fft.fft(x), zeros(0)),
        "./fft transforms 0 numbers.",
        "",
        "Leave n out, or give the length: n=x.shape[-1].",
    ),
    "fft n0": (
        lambda: two(lambda x, y: torch.fft.rfft(x, n=0), zeros(4)),
        "./rfft transforms 0 numbers.",
        "",
        "Leave n out, or give the length: n=x.shape[-1].",
    ),
    "alloc": (
        lambda: two(lambda x, y: x.expand(1 << 20, 2, 3).repeat(1 << 20, 1, 1) * 1),
        "./repeat asks for more memory than there is.",
        "",
        "Look at the sizes in the call, or use a smaller batch.",
    ),
    "alloc zeros": (
        lambda: two(lambda x, y: torch.zeros(1 << 45)),
        "./zeros asks for more memory than there is.",
        "",
        "Look at the sizes in the call, or use a smaller batch.",
    ),
    "complex relu": (
        lambda: two(lambda x, y: torch.relu(torch.fft.fft(x))),
        "./relu has no meaning for complex numbers: the output of ./fft is complex64.",
        "",
        "Use x.abs(), x.real and x.imag, or torch.view_as_real(x).",
    ),
    "complex max": (
        lambda: two(lambda x, y: torch.fft.fft(x).max()),
        "./max has no meaning for complex numbers: the output of ./fft is complex64.",
        "",
        "Use x.abs(), x.real and x.imag, or torch.view_as_real(x).",
    ),
    "complex sort": (
        lambda: two(lambda x, y: torch.fft.fft(x).clamp(min=0)),
        "./clamp has no meaning for complex numbers: the output of ./fft is complex64.",
        "",
        "Use x.abs(), x.real and x.imag, or torch.view_as_real(x).",
    ),
    "cuda": (
        lambda: two(lambda x, y: x.cuda()),
        "./cuda moves to a GPU, but there is none here.",
        "",
        "Ask for what is there: device = 'cuda' if torch.cuda.is_available() else 'cpu', and x.to(device).",
    ),
    "to cuda": (
        lambda: two(lambda x, y: x.to("cuda")),
        "./to moves to a GPU, but there is none here.",
        "",
        "Ask for what is there: device = 'cuda' if torch.cuda.is_available() else 'cpu', and x.to(device).",
    ),
    "mps": (
        lambda: two(lambda x, y: x.to("mps")),
        "./to moves to a GPU, but there is none here.",
        "",
        "Ask for what is there: device = 'cuda' if torch.cuda.is_available() else 'cpu', and x.to(device).",
    ),
    "mha int mask": (
        lambda: two(lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, attn_mask=y), zeros(3, 2, 8), torch.ones(3, 3, dtype=torch.long)),
        "Does takes a mask of truth values, but attn_mask is its type.",
        "",
        "Convert it: mask.bool() where 1 is True, mask == 0 where 0 is.",
    ),
    "mha int pad mask": (
        lambda: two(
            lambda x, y: nn.MultiheadAttention(8, 2)(x, x, x, key_padding_mask=y), zeros(3, 2, 8), torch.ones(2, 3, dtype=torch.long)
        ),
        "Does takes a mask of truth values, but key_padding_mask is its type.",
        "",
        "Convert it: mask.bool() where 1 is True, mask == 0 where 0 is.",
    ),
    "interp 0": (
        lambda: two(lambda x, y: F.interpolate(x, scale_factor=0.1), zeros(1, 3, 4, 4)),
        "./interpolate resizes x to nothing: H: 0, W: 0 of H: 4, W: 4.",
        "",
        "Give a larger size or scale_factor.",
    ),
    "one_hot of fractions": (
        lambda: two(lambda x, y: F.one_hot(x, 4)),
        "./one_hot takes class numbers, but x is float32.",
        "",
        "Convert first: x.long().",
    ),
    "a mask of numbers": (
        lambda: two(lambda x, y: x.masked_fill(y, 0)),
        "./masked_fill takes a mask of True and False, but y is float32.",
        "",
        "Convert it: mask.bool(), or mask == 0 to fill where it is 0.",
    ),
    "a mask turned over": (
        lambda: two(lambda x, y: x.masked_fill(~y, 0)),
        "./invert turns y over with ~, but it is float32.",
        "",
        "Convert it first, ~mask.bool(), or write mask == 0.",
    ),
    "numbers on meta": (
        lambda: two(lambda x, y: x.sum().item(), torch.zeros(2, 3, device="meta"), torch.zeros(2, 3, device="meta")),
        "./item asks for the numbers of the output of ./sum, which is on the meta device.",
        "",
        "Make the tensor, or the model, on the cpu.",
    ),
    "mha numbers as a mask": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 2, 8), zeros(3, 2, 8), zeros(3, 2, 8), torch.ones(2, 3, dtype=torch.long)),
        "MultiheadAttention takes a mask of truth values, but key_padding_mask is int64.",
        "",
        "Convert it: mask.bool() where 1 is True, mask == 0 where 0 is.",
    ),
    "a device that is none": (
        lambda: two(lambda x, y: x.to("gpu")),
        "./to names the device gpu, which torch does not know.",
        "",
        "Say 'cuda' for a GPU, 'mps' for that of a Mac, 'cpu' for none.",
    ),
    "a condition of numbers": (
        lambda: two(lambda x, y: torch.where(x, x, 0.0)),
        "./where takes a condition of True and False, but x is float32.",
        "",
        "Ask a question, x > 0, or convert: x.bool().",
    ),
    "several tensors in torch.tensor": (
        lambda: two(lambda x, y: torch.tensor([x[0], x[1]])),
        "./tensor makes one Python number of the output of ./getitem, which has several.",
        "",
        "Of several tensors torch.stack([x, y]) makes one, not torch.tensor.",
    ),
}
