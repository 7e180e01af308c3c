"""What recording has to know of a torch function before it calls it: its name, and whether it is a step, draws or writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import resolve_name

from neurontui.capture.patches import is_theirs
from neurontui.records import Value, short_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Attribute reads: they neither take nor give a tensor's data.
_QUIET = _words("""
    size dim ndim shape stride storage_offset numel nelement element_size dtype device layout is_floating_point is_complex is_signed
    is_contiguous is_cuda is_cpu is_meta is_quantized is_sparse is_nested is_mkldnn is_leaf is_inference is_pinned is_shared is_same_size
    is_set_to is_conj is_neg requires_grad grad_fn output_nr names _version _is_view _base itemsize nbytes get_device dense_dim sparse_dim
    retains_grad register_hook retain_grad has_names is_tensor is_storage is_coalesced is_xpu is_mps is_vulkan is_ipu is_xla is_hpu
    is_maia is_mtia is_sparse_csr __len__ __repr__ __format__ __str__ __hash__ __dir__ __dlpack_device__ __reduce_ex__ name can_cast
    result_type get_default_dtype is_grad_enabled set_grad_enabled _set_grad_enabled finfo iinfo is_inference_mode_enabled
    __has_torch_function__ get_rng_state initial_seed grad _grad _backward_hooks _post_accumulate_grad_hooks grad_dtype
""")
# Where control flow looks at data.
_READERS = _words("""
    item __bool__ __float__ __int__ __index__ __complex__ tolist numpy __array__ equal allclose is_nonzero __contains__ _assert_async
    _is_all_true _is_any_true any all
""")
# After these, somebody may write to the memory unseen.
_LEAKS = _words("numpy __array__ data_ptr untyped_storage _typed_storage storage __dlpack__ share_memory_ __cuda_array_interface__")
# What these make of an array is the array's own memory: its owner may write to it unseen.
_SHARES = _words("from_numpy as_tensor frombuffer asarray from_dlpack from_file")
_ALIASES = _SHARES | _words("tensor_split _make_subclass")
EXCHANGES = _words("set_ resize_ resize_as_ swap_tensors _swap set_data")
_RANDOM = re.compile(
    r"drop|rand|normal|bernoulli|multinomial|poisson|binomial|exponential_|geometric_|cauchy_|uniform|rrelu|gumbel|fractional"
    r"|attention|lstm|gru|rnn|^init\.|lowrank|lobpcg|trunc|xavier|kaiming|orthogonal|sparse_|dirichlet|gamma|sample|seed|shuffle"
)


def shares_array(label: str, args: tuple[Any, ...]) -> bool:
    """Whether a call gives an array's own memory as a tensor; of numbers, lists and tensors it makes something of its own."""
    return label in _SHARES and not (args and isinstance(args[0], Tensor | Value | list | tuple | int | float | complex))


class Operation:
    """A torch function, described once."""

    __slots__ = (
        "aliases",
        "draws",
        "exchanges",
        "getter",
        "label",
        "leaks",
        "mutates",
        "name",
        "quiet",
        "reads",
        "renormalises",
        "running_statistics",
        "schema_writes",
        "setter",
        "shares",
        "theirs",
        "torchs",
        "unversioned",
    )

    def __init__(self, func: Any) -> None:
        self.name = name_of(func)
        self.label = short_name(self.name)
        self.theirs = is_theirs(func)
        kernel = isinstance(func, torch._ops.OpOverload)
        tail = self.label if kernel else self.name.rpartition(".")[2]
        self.getter = tail == "__get__"
        self.setter = tail == "__set__"
        self.quiet = (self.label if self.getter else tail) in _QUIET or (self.setter and self.label in _QUIET)
        self.reads = tail in _READERS
        self.leaks = tail in _LEAKS or (self.getter and self.label in _LEAKS)
        self.shares = tail in _SHARES
        self.schema_writes = _schema_writes(func)
        self.running_statistics = "batch_norm" in self.name or tail in ("instance_norm", "fused_moving_avg_obs_fake_quant")
        self.unversioned = bool(self.schema_writes) or self.running_statistics
        torchs = self.torchs = self.name.startswith(("torch.", "aten."))
        self.aliases = self.getter or tail in _ALIASES or not torchs  # may return memory that was not made by this call
        self.exchanges = tail in EXCHANGES or self.setter
        self.draws = bool(_RANDOM.search(tail)) or not torchs or self.name.startswith("torch.nn.init")
        inplace = tail.endswith("_") and not tail.startswith("__")
        self.renormalises = not kernel and tail in ("embedding", "embedding_bag")
        self.mutates = inplace or tail.startswith("__i") or self.setter or tail == "__setitem__" or not torchs


def _schema_writes(func: Any) -> frozenset[int | str]:
    """Which arguments a kernel's schema says that it writes: below autograd torch counts them too late."""
    if not isinstance(func, torch._ops.OpOverload):
        return frozenset()
    written = [(place, entry.name) for place, entry in enumerate(func._schema.arguments) if entry.alias_info and entry.alias_info.is_write]
    return frozenset(part for pair in written for part in pair)


def find_targets(op: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[int | str], bool] | None:
    """Which arguments a call is about to write, as far as its name tells; None for none."""
    if op.schema_writes:
        return op.schema_writes.__contains__
    if op.renormalises:
        written = kwargs.get("max_norm") is not None or (len(args) > 3 and args[3] is not None)
        return (lambda place: True) if written else None
    if op.mutates:
        return (lambda place: place == 0 or place == "tensor") if op.torchs else lambda place: True
    if kwargs.get("inplace") is True:
        return lambda place: place == 0 or place == "input"
    return (lambda place: place == "out") if "out" in kwargs else None


_operations: dict[Any, Operation] = {}


def describe(func: Any) -> Operation:
    """The Operation of a torch function."""
    try:
        known = _operations.get(func)
        if known is None:
            known = _operations[func] = Operation(func)
    except TypeError:  # not hashable
        known = Operation(func)
    return known


def name_of(func: Any) -> str:
    """`torch.overrides.resolve_name`, and for what it does not know (operators, other libraries' functions) module and name."""
    if isinstance(func, torch._ops.OpOverload | torch._ops.OpOverloadPacket):
        return str(func)
    try:
        name = resolve_name(func)
    except Exception:
        name = None
    if name:
        return _prefer_own_name(str(name), func)
    module = getattr(func, "__module__", None) or ""
    own = getattr(func, "__qualname__", None) or getattr(func, "__name__", None) or str(func)
    if own.startswith("_VariableFunctionsClass."):
        return f"torch.{own.partition('.')[2]}"
    if module.startswith("torch._C._nn"):
        return f"torch.nn.functional.{own}"
    owner = getattr(func, "__objclass__", None)
    if owner is torch._C.TensorBase or owner is Tensor:
        return f"torch.Tensor.{own.rpartition('.')[2]}"
    return f"{module}.{own}" if module else own


def _prefer_own_name(name: str, func: Any) -> str:
    """`torch.mm` and not its alias `torch.spmm`."""
    space, _, word = name.rpartition(".")
    own = getattr(func, "__name__", word)
    owner = {"torch": torch, "torch.Tensor": Tensor, "torch.nn.functional": torch.nn.functional}.get(space)
    return f"{space}.{own}" if own != word and getattr(owner, own, None) == func else name


def name_of_called(called: Any) -> str:
    """What a module step's `op` is: its class, or for a model that is a plain function that function's name."""
    if isinstance(called, type):
        return name_of_class(called)
    return f"{getattr(called, '__module__', '')}.{getattr(called, '__qualname__', type(called).__qualname__)}"


def name_of_class(cls: type) -> str:
    """ "torch.nn.Linear" for torch's layers, else the module and name of the class."""
    if cls.__module__.startswith("torch.nn.modules.") and getattr(torch.nn, cls.__name__, None) is cls:
        return f"torch.nn.{cls.__name__}"
    return f"{cls.__module__}.{cls.__qualname__}"
