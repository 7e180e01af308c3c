"""What the next call does with a number, in a few words for whoever sees it for the first time."""

from __future__ import annotations

from neurontui.records import Step

_THERE = {  # what becomes of it stands at the same place
    "takes it": "add sub mul div true_divide pow exp log sqrt rsqrt square neg abs clamp masked_fill where clone contiguous",
    "keeps it only if it is positive": "relu",
    "keeps it, or a little of it if it is negative": "leaky_relu rrelu prelu",
    "squeezes it between 0 and 1": "sigmoid hardsigmoid",
    "squeezes it between -1 and 1": "tanh hardtanh softsign",
    "bends it by its curve": "elu selu celu gelu silu mish softplus hardswish logsigmoid relu6",
    "drops it, or scales it up": "dropout alpha_dropout feature_alpha_dropout",
    "makes it a share of 1": "softmax softmin",
    "makes it the logarithm of a share of 1": "log_softmax",
    "normalizes it": "batch_norm layer_norm group_norm instance_norm rms_norm normalize",
}
_ELSEWHERE = {
    "multiplies it by weights and adds up": "linear bilinear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "multiplies it and adds up": "matmul mm bmm addmm baddbmm mv dot",
    "moves it as it is": "flatten view reshape unflatten permute transpose squeeze unsqueeze movedim cat stack",
    "keeps it if it is the largest of its window": "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d",
    "averages it with its window": "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d",
    "averages it with others": "mean",
    "adds it to others": "sum",
}
_SAID = {name: words for words, names in (_THERE | _ELSEWHERE).items() for name in names.split()}


def say_use(step: Step) -> tuple[str, bool]:
    """What a call does with an element of its input, and whether what becomes of it stands at the same place of its output."""
    name = step.op.rpartition(".")[2].strip("_")
    words = _SAID.get(name, "takes it")
    if "dropout" in name and step.inputs.get("training") is False:
        words = "lets it pass"
    return words, name in _SAID and words not in _ELSEWHERE
