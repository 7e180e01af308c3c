"""The words of the command line. Imports nothing heavy, so that --help is there at once."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

import neurontui
from neurontui.errors import InputError, nearest

_DESCRIPTION = "pdb for tensors: run a PyTorch model once, walk through its forward pass, and ask of any number why it is this value."
_MODEL_HELP = "file.py, file.py:NAME, package.module:NAME, an exported model (.pt2), or a saved trace (.safetensors)"


class _Parser(argparse.ArgumentParser):
    """An argparse whose errors are one sentence with the nearest right word."""

    def error(self, message: str) -> NoReturn:
        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice:
            commands = re.findall("[a-z]+", choice[2])
            raise InputError(f"there is no command {choice[1]!r} (see `{self.prog} --help`){nearest(choice[1], commands)}")
        raise InputError(f"{message}; see `{self.prog} --help`")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read a command line; `options.module` is the module of `neurontui.cli` that runs it.

    Raises:
        InputError: it is not a command line of NeuronTUI's.
    """
    parser, commands = build_parser()
    options, unknown = parser.parse_known_args(_join_negatives(words))
    if unknown:
        command = commands[options.command]
        known = [option for action in command._actions for option in action.option_strings]
        raise InputError(f"`{command.prog}` does not take {unknown[0]!r} (see `{command.prog} --help`){nearest(unknown[0], known)}")
    return options


def _join_negatives(words: Sequence[str]) -> list[str]:
    """`--at -1,0` as `--at=-1,0`: argparse takes what begins with a minus and is no number for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--at", "--input") and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def build_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of the whole command line, and those of its commands by name."""
    common = _common_options()
    loading, opening, writing = _loading_options(), _opening_options(), _writing_options()
    parser = _Parser(prog="neurontui", description=_DESCRIPTION, parents=[common], allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"neurontui {neurontui.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True, parser_class=_Parser)

    def add(name: str, module: str, help: str, *parents: _Parser) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help, parents=[common, *parents], allow_abbrev=False)
        command.set_defaults(module=module)
        return command

    demo = add("demo", "demos", "list the demos, or open one", loading, opening)
    demo.add_argument("name", nargs="?", metavar="NAME[:VARIANT]")

    inspect = add("inspect", "inspecting", "open a model or a saved trace", loading, opening)
    inspect.add_argument("model", metavar="MODEL|TRACE", help=_MODEL_HELP)

    run = add("run", "running", "run a script as it is, record its model calls, open one", opening)
    which = run.add_mutually_exclusive_group()
    which.add_argument("--call", type=int, metavar="N", help="open the N-th call, from 1")
    which.add_argument("--last", action="store_true", help="open the last call")
    run.add_argument("--model", metavar="NAME", help="only calls of the model of this class or variable name")
    run.add_argument("script", metavar="SCRIPT.py")
    arguments = run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARG", help="the script's own arguments")
    arguments.required = False

    explain = add("explain", "explaining", "why has one number its value? (no screen)", loading, writing)
    explain.add_argument("model", metavar="MODEL|TRACE", help=_MODEL_HELP)
    explain.add_argument("--step", required=True, metavar="NAME", help="fc1, fc1/linear, layers.0#2, . (the model itself), %%2 (an index)")
    explain.add_argument("--at", metavar="INDEX", help="which element of the output: 0 or 0,2")
    explain.add_argument("--output", type=int, default=0, metavar="N", help="which output, where there are several")
    explain.add_argument("--deep", action="store_true", help="the whole expression, back to the model's inputs")
    explain.add_argument("--terms", type=int, default=64, metavar="N", help="how many terms are shown (64)")

    diff = add("diff", "diffing", "where do two models, checkpoints or traces first differ?", loading, writing)
    diff.add_argument("first", metavar="A", help=_MODEL_HELP)
    diff.add_argument("second", metavar="B")

    lesson = add("lesson", "lessons", "list the lessons, play one, or check a lesson file", opening)
    lesson.add_argument("words", nargs="*", metavar="NAME | FILE.md | check FILE.md")

    export = add("export", "exporting", "write a trace, a page or a picture", loading)
    export.add_argument("model", metavar="MODEL|TRACE|LESSON", help=_MODEL_HELP)
    export.add_argument("-o", "--out", required=True, metavar="FILE", help="x.safetensors, .html, .md, .svg or .json")
    export.add_argument("--worksheet", action="store_true", help="the answers blanked, with a key at the end")
    _add_picture_options(export)

    serve = add("serve", "serving", "any other command, in a browser")
    serve.add_argument("--host", default="localhost")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="demo simple_ann, inspect net.py, …")
    return parser, dict(commands.choices)


def _common_options() -> _Parser:
    parser = _Parser(add_help=False)
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error")
    return parser


def _loading_options() -> _Parser:
    """Options about the model; they mean the same everywhere. Nothing given means: exactly as the file leaves it."""
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("the model and its inputs")
    group.add_argument("--input", action="append", default=[], metavar="VALUE", dest="inputs", help=_INPUT_HELP)
    build = "an argument for building the model"
    group.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE", dest="arguments", help=build)
    group.add_argument("--weights", metavar="FILE", help=".pt, .pth, .ckpt, .bin or .safetensors; no code in it is run")
    mode = group.add_mutually_exclusive_group()
    mode.add_argument("--train", dest="training", action="store_true", default=None, help="run in train mode")
    mode.add_argument("--eval", dest="training", action="store_false", default=None, help="run in eval mode")
    group.add_argument("--no-grad", dest="grad", action="store_false", default=None, help="run under torch.no_grad()")
    group.add_argument("--seed", type=_seed, metavar="N", help="torch.manual_seed before the call")
    group.add_argument("--device", metavar="NAME", help="cpu, cuda, mps, …")
    group.add_argument("--dtype", metavar="NAME", help="float32, float64, bfloat16, …: of the parameters and floating-point inputs")
    return parser


_INPUT_HELP = (
    "a literal such as [1, 2], a file (.npy .npz .pt .safetensors .csv .json .png .jpg), or randn:1x3x32x32, zeros:, ones:, "
    "arange:, randint:0..100:1x16; NAME=… for a keyword argument; repeat it for several inputs"
)


def _add_picture_options(export: argparse.ArgumentParser) -> None:
    picture = export.add_argument_group("what a picture (.svg) shows of the app")
    picture.add_argument("--size", type=_size, metavar="COLUMNSxROWS", help="of the screen (120x40)")
    picture.add_argument("--step", metavar="NAME", help="of a model: the step, as in explain")
    picture.add_argument("--at", metavar="INDEX", help="of a model: the element of the output that is explained: 0 or 0,2")
    picture.add_argument("-x", dest="commands", metavar="FILE", help="of a model: debugger commands to run first")
    picture.add_argument("--page", type=int, metavar="N", help="of a lesson: the page, from 1")
    picture.add_argument("--ascii", action="store_true", help="no characters beyond ASCII in drawings")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,3})[x×](\d{2,3})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text} is no size of a screen: give columns and rows, as in 80x24")
    return int(found[1]), int(found[2])


def _seed(text: str) -> int:
    seed = int(text)
    if not -(2**63) <= seed < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is no seed: give a whole number below 2^63")
    return seed


_seed.__name__ = "whole number"  # as argparse calls it


def _writing_options() -> _Parser:
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("how it is written")
    group.add_argument("--json", action="store_true", help="as JSON")
    group.add_argument("--plain", action="store_true", help="one fact a line, without drawing characters")
    group.add_argument("--ascii", action="store_true", help="no characters beyond ASCII in drawings")
    return parser


def _opening_options() -> _Parser:
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("how it opens")
    group.add_argument("--plain", action="store_true", help="line by line, for screen readers, pipes and IDE consoles")
    group.add_argument("--ascii", action="store_true", help="no characters beyond ASCII in drawings")
    group.add_argument("-x", dest="commands", metavar="FILE", help="debugger commands to run first")
    return parser
