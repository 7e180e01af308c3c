"""Which functions only move data, and which work on one element at a time: the table behind the generic ways."""

from __future__ import annotations

from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Row-major order is kept: the n-th element stays the n-th.
IN_ORDER = _words("""
    view reshape flatten unflatten ravel squeeze unsqueeze contiguous clone detach positive view_as reshape_as alias requires_grad
    to type type_as float double half bfloat16 int long short char byte bool cpu cuda cfloat cdouble chalf int_repr data cast
    __deepcopy__ deepcopy resolve_conj resolve_neg detach_copy view_copy atleast_1d lift pin_memory rename refine_names align_as align_to
    as_tensor asarray squeeze_copy unsqueeze_copy share_memory item _local_scalar_dense
""")

BROADCASTS = frozenset({"expand", "expand_as", "broadcast_to"})

# The answer is a view of the first argument's memory; where it is not, the numbering run tells.
VIEWS = _words("""
    getitem transpose t T mT permute movedim select narrow split chunk unbind split_with_sizes tensor_split hsplit vsplit dsplit diagonal
    torch.Tensor.unfold as_strided unsafe_split unsafe_chunk slice H mH adjoint linalg.diagonal linalg_diagonal
""")

# The data arguments by place and name: only these are numbered, index arguments never.
MOVES: dict[str, tuple[tuple[int, str], ...]] = {
    **dict.fromkeys(IN_ORDER | BROADCASTS | VIEWS, ((0, "input"),)),
    **dict.fromkeys(
        _words("""
        gather take take_along_dim index_select masked_select pad flip fliplr flipud roll rot90 repeat tile repeat_interleave tril triu
        diag diag_embed diagflat pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle im2col unfold index constant_pad_nd
        atleast_2d atleast_3d combinations hstack vstack dstack column_stack cat stack narrow_copy pad_sequence _pack_padded_sequence
        _pad_packed_sequence reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d
        fft.fftshift fft.ifftshift
        """),
        ((0, "input"), (0, "tensors")),
    ),
    "masked_fill": ((0, "input"), (2, "value")),
    "index_fill": ((0, "input"), (3, "value")),
    "fill": ((0, "input"), (1, "value")),
    "copy": ((0, "input"), (1, "src")),
    "set_data": ((0, "input"), (1, "value")),
    "setitem": ((0, "input"), (2, "value")),
    "where": ((1, "input"), (2, "other")),
    "scatter": ((0, "input"), (3, "src"), (3, "value")),
    "index_copy": ((0, "input"), (3, "source")),
    "index_put": ((0, "input"), (2, "values")),
    "masked_scatter": ((0, "input"), (2, "source")),
    "select_scatter": ((0, "input"), (1, "src")),
    "slice_scatter": ((0, "input"), (1, "src")),
    "diagonal_scatter": ((0, "input"), (1, "src")),
    "as_strided_scatter": ((0, "input"), (1, "src")),
    "put": ((0, "input"), (2, "source")),
    "cartesian_prod": tuple((i, f"tensors[{i}]") for i in range(8)),
    "block_diag": tuple((i, f"tensors[{i}]") for i in range(8)),
    "meshgrid": tuple((i, f"tensors[{i}]") for i in range(8)),
    "broadcast_tensors": tuple((i, f"tensors[{i}]") for i in range(8)),
}

_MORE_POINTWISE = _words("""
    relu relu6 elu selu celu gelu silu mish hardtanh hardswish hardsigmoid softplus softsign leaky_relu logsigmoid tanhshrink softshrink
    hardshrink threshold rrelu sigmoid tanh rsub rdiv rpow rremainder rfloor_divide pow square maximum minimum clamp clamp_min clamp_max
    isfinite isinf isnan isclose nan_to_num floor_divide fmod remainder logical_and logical_or logical_not logical_xor where lerp
    addcmul addcdiv xlogy xlog1py polar complex float_power frac trunc sign sgn heaviside hypot copysign gcd lcm ldexp nextafter
    isreal bitwise_not bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift zeta erf erfc erfinv expm1 log1p logaddexp
    logaddexp2 i0 i0e i1 i1e ndtr ndtri log_ndtr entr psi digamma lgamma gammaln polygamma sinc conj conj_physical angle real imag abs
    neg exp exp2 log log2 log10 sin cos tan asin acos atan sinh cosh asinh acosh atanh atan2 ceil floor round rsqrt sqrt reciprocal
    signbit eq ne lt le gt ge add sub mul div deg2rad rad2deg logit mvlgamma __lshift__ __rshift__ fake_quantize_per_tensor_affine
    quantize_per_tensor dequantize isposinf isneginf bessel_j0 bessel_j1 bessel_y0 bessel_y1 erfcx spherical_bessel_j0 gammainc
    gammaincc
""")


class _Pointwise:
    """Functions of one element at a time: torch's own tag, and the names of its Python functions and methods."""

    def __contains__(self, name: str) -> bool:
        return name in _MORE_POINTWISE or is_tagged(name)


POINTWISE = _Pointwise()


@lru_cache(maxsize=4096)
def is_tagged(name: str) -> bool:
    """Whether torch tags the kernel of this name, or its in-place form, as pointwise."""
    import torch

    packets = [getattr(torch.ops.aten, form) for form in (name, f"{name}_") if form.isidentifier() and hasattr(torch.ops.aten, form)]
    return any(torch.Tag.pointwise in getattr(packet, o).tags for packet in packets for o in packet.overloads())
