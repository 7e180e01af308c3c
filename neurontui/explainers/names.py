"""One key for all spellings of one operation: methods, in-place and `out=` forms, operators, aliases, ATen kernels."""

from __future__ import annotations

from functools import lru_cache

# Same short name, other argument order: these keep their full name.
_DISTINCT = frozenset(
    {"torch.batch_norm", "torch.embedding", "torch.instance_norm", "torch.embedding_bag", "torch.Tensor.where", "torch.Tensor.unfold"}
)

_PREFIXES = (
    "torch.nn.functional.", "torch._C._nn.", "torch._C._special.", "torch._C._linalg.", "torch._C._fft.", "torch._C._VariableFunctions.",
    "torch._VariableFunctionsClass.",
    "torch.ops.aten.", "torch.Tensor.", "torch.functional.", "torch.special.", "torch.nn.init.", "torch.",
    "aten::", "aten.", "prims.",
)  # fmt: skip

_OPERATORS = {
    "add": "add", "radd": "add", "iadd": "add", "sub": "sub", "isub": "sub", "rsub": "rsub", "mul": "mul", "rmul": "mul", "imul": "mul",
    "truediv": "div", "itruediv": "div", "div": "div", "idiv": "div", "rtruediv": "rdiv", "rdiv": "rdiv",
    "matmul": "matmul", "imatmul": "matmul", "rmatmul": "rmatmul", "neg": "neg", "abs": "abs", "invert": "bitwise_not",
    "pow": "pow", "ipow": "pow", "rpow": "rpow", "mod": "remainder", "imod": "remainder", "rmod": "rremainder",
    "floordiv": "floor_divide", "ifloordiv": "floor_divide", "rfloordiv": "rfloor_divide",
    "and": "bitwise_and", "iand": "bitwise_and", "rand": "bitwise_and", "or": "bitwise_or", "ior": "bitwise_or", "ror": "bitwise_or",
    "xor": "bitwise_xor", "ixor": "bitwise_xor", "rxor": "bitwise_xor", "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    "eq": "eq", "ne": "ne", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "pos": "positive",
    "getitem": "getitem", "setitem": "setitem",
}  # fmt: skip

_ALIASES = {
    "multiply": "mul", "subtract": "sub", "divide": "div", "true_divide": "div", "negative": "neg", "absolute": "abs", "concat": "cat",
    "concatenate": "cat", "arccos": "acos", "arcsin": "asin", "arctan": "atan", "arctan2": "atan2", "arccosh": "acosh", "arcsinh": "asinh",
    "arctanh": "atanh", "clip": "clamp", "fix": "trunc", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge", "swapaxes": "transpose", "swapdims": "transpose", "moveaxis": "movedim", "row_stack": "vstack",
    "expit": "sigmoid", "linalg_vector_norm": "vector_norm", "linalg.vector_norm": "vector_norm", "linalg.norm": "linalg_norm",
    "_softmax": "softmax", "_threshold": "threshold",
    "_log_softmax": "log_softmax", "_to_copy": "to", "_unsafe_view": "view", "_reshape_alias": "view",
    "cross_entropy_loss": "cross_entropy", "native_batch_norm": "torch.batch_norm",
    "_native_batch_norm_legit": "torch.batch_norm", "alias": "detach", "lift_fresh": "detach", "linalg.matmul": "matmul", "ger": "outer",
}  # fmt: skip


@lru_cache(maxsize=4096)
def key(op: str) -> str:
    """The registry's name for an operation: `torch.Tensor.__iadd__`, `torch.add_` and `aten.add.Tensor` are all "add"."""
    if op in _DISTINCT:
        return op
    short = bare_name(op)
    if is_kernel(op) and f"torch.{short}" in _DISTINCT:
        return f"torch.{short}"
    if short.startswith("__") and short.endswith("__"):
        return _OPERATORS.get(short.strip("_"), short)
    if short.endswith("_"):
        short = short.rstrip("_")
    if short == "unfold_copy" or (short == "unfold" and is_kernel(op)):
        return "torch.Tensor.unfold"  # F.unfold is another function
    if short.endswith("_copy") and short not in ("index_copy", "_to_copy"):  # a view's kernel that copies
        short = short.removesuffix("_copy")
    return _ALIASES.get(short, short)


@lru_cache(maxsize=4096)
def bare_name(op: str) -> str:
    """The name without where it lives: "torch.Tensor.add_" and "aten.add_.Tensor" are "add_"."""
    prefix = next((prefix for prefix in _PREFIXES if op.startswith(prefix)), "")
    short = op[len(prefix) :].removesuffix(".__get__")
    return short.split(".")[0] if is_kernel(op) else short


def is_kernel(op: str) -> bool:
    """Whether `op` names an ATen kernel, whose arguments follow the schema and not the documentation."""
    return op.startswith(("aten::", "aten.", "torch.ops.aten."))
