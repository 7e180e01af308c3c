"""Running a user's file as a module, as `import` would, and saying in one sentence where it failed."""

from __future__ import annotations

import ast
import importlib
import itertools
import linecache
import os
import sys
import sysconfig
import tokenize
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType

from neurontui.errors import LoadError, message_of

OWN_MODULE = "neurontui_model_"  # with a file's name behind it, what its module is called


def load_file(path: Path) -> ModuleType:
    """Run a Python file, its folder on `sys.path` and not as `__main__`, and return its module. In a package it can import its neighbours.

    Raises:
        LoadError: there is no such file, it is no Python, or it raised; the sentence names the line.
    """
    code = compile_file(path)
    module = ModuleType(_module_name(path))
    module.__file__ = code.co_filename
    sys.modules[module.__name__] = module  # dataclasses and type hints look for their module there
    folder = path.resolve().parent
    package, root = _find_package(folder)
    if package:
        module.__package__ = package
    with _folder_on_path(root), _folder_on_path(folder), _arguments_of(code.co_filename), blamed(str(path), code.co_filename):
        exec(code, vars(module))
    return module


def _find_package(folder: Path) -> tuple[str, Path]:
    """The dotted name of the package that a folder is ("" for none), and the folder that the package is in."""
    names: list[str] = []
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        names.insert(0, folder.name)
        folder = folder.parent
    return ".".join(names), folder


def compile_file(path: Path) -> CodeType:
    """A Python file's code. Its text is kept as it is now, so that the lines shown are those that ran, even when it is edited later.

    Raises:
        LoadError: there is no such file, or it is no Python.
    """
    source = _read_source(path)
    file = str(path.resolve())
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return compile(source, file, "exec", dont_inherit=True)


def import_module(name: str) -> ModuleType:
    """Import `package.module`, from the working folder too.

    Raises:
        LoadError: there is no such module, or it raised.
    """
    if not name.strip("."):
        raise LoadError(f"{name!r} is no model; give file.py, file.py:NAME or package.module:NAME")
    with _folder_on_path(Path.cwd()), _arguments_of(name), blamed(name, None):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and (name == error.name or name.startswith(f"{error.name}.")):
                raise LoadError(f"there is no file and no module {name!r}; give file.py, file.py:NAME or package.module:NAME") from error
            raise


@contextmanager
def blamed(what: str, file: str | None) -> Iterator[None]:
    """Turn whatever the user's code raises into one sentence with the line of `file`, or of the deepest frame where it is None.

    Raises:
        LoadError: anything was raised inside, `sys.exit` included.
        KeyboardInterrupt: it was interrupted, in one sentence.
    """
    try:
        yield
    except LoadError:
        raise
    except SyntaxError as error:
        where = what if error.filename in (file, None) else str(error.filename)
        raise LoadError(f"{where} has a syntax error in line {error.lineno}: {error.msg}") from error
    except SystemExit as error:
        raise LoadError(f"{what} ended itself with sys.exit({error.code!r}){_line(error, file)}; it has to leave a model behind") from error
    except KeyboardInterrupt as error:  # Ctrl-C, or the code's own: it ends us as it ends Python, but not without a word
        if type(error) is not KeyboardInterrupt:
            raise
        raise KeyboardInterrupt(f"{what} was interrupted{_line(error, file)}, before it left a model behind") from error
    except GeneratorExit:
        raise
    except BaseException as error:
        kind, _, message = describe(error).partition(": ")
        raise LoadError(f"{what} raised {kind}{_line(error, file)}{message and f': {message}'}{_hint(error)}") from error


def describe(error: BaseException) -> str:
    """`ValueError: bad number`, on one line."""
    message = " ".join(message_of(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _hint(error: BaseException) -> str:
    """For a file that was copied without its first lines, and a class that does not begin as a module does."""
    if isinstance(error, AttributeError) and "before Module.__init__() call" in str(error):
        return "; begin the __init__ of that class with super().__init__()"
    imports = {"torch": "import torch", "nn": "import torch.nn as nn", "F": "import torch.nn.functional as F"}
    missing = imports.get(error.name or "") if isinstance(error, NameError) else None
    return f"; is the line `{missing}` missing at its top?" if missing else ""


def _line(error: BaseException, file: str | None) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file or (file is None and is_users(frame))]
    if not frames:
        return ""
    return f" in line {frames[-1].lineno}" if file else f" in {frames[-1].filename}, line {frames[-1].lineno}"


def is_users(frame: traceback.FrameSummary) -> bool:
    """Whether a line is the user's own: neither NeuronTUI's nor of a library."""
    libraries = (str(Path(__file__).parents[1]), sysconfig.get_path("stdlib"), "<")
    return not frame.filename.startswith(libraries) and "site-packages" not in frame.filename


def _read_source(path: Path) -> str:
    if os.path.isdir(path):
        raise LoadError(f"{path} is a folder; give a Python file with a model in it")
    if not os.path.exists(path):
        raise LoadError(f"there is no file {path}")
    try:
        with tokenize.open(path) as file:
            source = file.read()
        ast.parse(source, str(path.resolve()))
    except SyntaxError as error:
        raise LoadError(f"{path} has a syntax error{f' in line {error.lineno}' if error.lineno else ''}: {error.msg}") from error
    except (UnicodeDecodeError, ValueError, RecursionError, MemoryError) as error:
        raise LoadError(f"{path} is no Python file: {describe(error)}") from error
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror}") from error
    return source


def _module_name(path: Path) -> str:
    """A name of its own for each load: a file called copy.py must not take the place of a module of that name."""
    base = "".join(letter if letter.isalnum() else "_" for letter in path.stem)
    names = (f"{OWN_MODULE}{base}{'_' * count}" for count in itertools.count())
    return next(name for name in names if name not in sys.modules)


@contextmanager
def _folder_on_path(folder: Path) -> Iterator[None]:
    """`folder` first on the path meanwhile, and last on it ever after: an import inside a forward still finds it, and hides nothing."""
    _forget_namesakes(folder)
    entry = str(folder)
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        sys.path.remove(entry)
        if entry not in sys.path:
            sys.path.append(entry)


def _forget_namesakes(folder: Path) -> None:
    """Forget modules that were imported beside another model file and have the name of one beside this file (`diff a/net.py b/net.py`)."""
    beside = {entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or (entry / "__init__.py").exists()}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        top = name.partition(".")[0]
        if top in beside and file and _loose(Path(file), name) and folder not in Path(file).parents:
            del sys.modules[name]


def _loose(file: Path, name: str) -> bool:
    """Whether a module was found in a plain folder, not in the standard library or an installed package."""
    depth = name.count(".") + (file.name == "__init__.py")
    root = file.parents[depth] if depth < len(file.parents) else file.parent
    libraries = (sys.prefix, sys.base_prefix)
    return "site-packages" not in file.parts and "dist-packages" not in file.parts and not str(root).startswith(libraries)


@contextmanager
def _arguments_of(name: str) -> Iterator[None]:
    """A file that reads `sys.argv` finds itself there without arguments, and not ours."""
    before = sys.argv
    sys.argv = [name]
    try:
        yield
    finally:
        sys.argv = before
