"""Help pages in the user's language, wrapped by width on screen: a Chinese character takes two columns."""

import shutil
import unicodedata
from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

from perflib.data.errors import ArgumentError
from perflib.data.text import LANGUAGES, has_text, say

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
WIDEST = 100
INDENT = "    "
EXAMPLE_HANG = 10
NO_LINE_START = "，。；：、）》”！？%"


class _Taught:
    """A command whose help comes from `text/topics/run_help.toml`."""

    def get_help(self, ctx) -> str:
        return help_page(self, ctx.command_path, ctx.find_root().obj or "en")


class TaughtCommand(_Taught, TyperCommand):
    """A command with its help in two languages."""


class TaughtGroup(_Taught, TyperGroup):
    """The group of all commands, with its help in two languages."""


def help_page(command, path: str, lang: str, *, columns: int | None = None) -> str:
    """The help of `command`: what it does, examples, its arguments and options, its commands."""
    width = min(columns or shutil.get_terminal_size().columns, WIDEST)
    name = "perflib" if hasattr(command, "commands") else command.name
    parts = [f"{say('run_help.usage', lang)} {_usage(command, path)}", ""]
    for line in say(f"run_help.{name}", lang).strip().splitlines():
        parts += wrap(line, width, hang=EXAMPLE_HANG if line.startswith("  ") else 0)
    if hasattr(command, "commands"):
        parts += _commands(command, lang, width)
    parts += _parameters(command, name, lang, width)
    return "\n".join(parts)


def _usage(command, path: str) -> str:
    if hasattr(command, "commands"):
        return f"{path} COMMAND …"
    places = [p.name.upper() for p in command.params if p.param_type_name == "argument"]
    return " ".join([path, *places, "[--…]"])


def _commands(group, lang: str, width: int) -> list[str]:
    lines = ["", say("run_help.commands", lang)]
    for name in group.commands:
        first = say(f"run_help.{name}", lang).strip().splitlines()[0]
        lines += wrap(f"  {name:<10}{first}", width, hang=12)
    return lines


def _parameters(command, name: str, lang: str, width: int) -> list[str]:
    lines = ["", say("run_help.options", lang)]
    for parameter in command.params:
        lines.append("  " + _heading(parameter, lang))
        lines += wrap(INDENT + parameter_help(name, parameter.name, lang), width, hang=len(INDENT))
    lines.append("  --help")
    return [*lines, INDENT + say("run_help.option_help", lang)]


def _heading(parameter, lang: str) -> str:
    if parameter.param_type_name == "argument":
        return parameter.name.upper()
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if getattr(parameter, "is_flag", False):
        return names
    default = parameter.default
    shown = f"  [{say('run_help.default', lang)} {default}]" if default not in (None, "", 0) else ""
    return f"{names} {parameter.name.upper()}{shown}"


def parameter_help(command: str, parameter: str, lang: str) -> str:
    """What is said of a parameter: a text of its command's, or the one that all commands share."""
    own = f"run_help.{command}_{parameter}"
    return say(own if has_text(own) else f"run_help.option_{parameter}", lang)


def wrap(line: str, width: int, *, hang: int = 0) -> list[str]:
    """`line` broken to `width` columns: at spaces, or between Chinese characters.

    >>> wrap("一二三四，五", 8)
    ['一二三', '四，五']
    """
    lines, current = [], ""
    for piece in _pieces(line):
        if current.strip() and cell_len(current + piece.rstrip()) > width:
            lines.append(current.rstrip())
            current = " " * hang + piece.lstrip()
        else:
            current += piece
    return [*lines, current.rstrip()]


def _pieces(line: str) -> list[str]:
    """What must stay together: a word, or a Chinese character with the mark that follows it."""
    pieces: list[str] = []
    for char in line:
        wide = unicodedata.east_asian_width(char) in "WF"
        joins = pieces and (
            char in NO_LINE_START
            or char == " "
            or (not wide and not pieces[-1].endswith(" ") and cell_len(pieces[-1][-1]) == 1)
        )
        if joins:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """ "zh" or "en": `--lang`, else PERFLIB_LANG, else the locale (Chinese, or English for all others).

    Only `--lang` can be wrong by mistake, and `checked_language` says so; here it is passed over.
    """
    for given in (_option(arguments), environment.get("PERFLIB_LANG", "")):
        if given in LANGUAGES:
            return given
    locale = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _option(arguments: Sequence[str]) -> str:
    for place, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
    return ""


def checked_choice(option: str, given: str, allowed: Sequence[str]) -> str:
    """`given`, when it is among `allowed`; otherwise an ArgumentError that lists them."""
    if given in allowed:
        return given
    raise ArgumentError("run.not_among", option=option, given=given, allowed=", ".join(allowed))
