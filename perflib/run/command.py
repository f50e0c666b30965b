"""The command line. Nothing heavy is imported here: `perflib --help` is to be there at once."""

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from perflib.data.errors import ArgumentError, PerflibError, Wording
from perflib.data.text import LANGUAGES, say
from perflib.run.help import TaughtCommand, TaughtGroup, checked_choice, chosen_language

EDITIONS, ENGINES = ("internal", "public"), ("pandas", "duckdb")
BASES = ("initial", "adjusted", "received")
PAIR_OPTIONS = ("-p", "--parameter")

app = typer.Typer(
    cls=TaughtGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _spoken(ctx: typer.Context, lang: str) -> str:
    """The language of `--lang`, else the one that the user's own settings name."""
    return checked_choice("--lang", lang or ctx.find_root().obj, LANGUAGES)


Data = Annotated[str, typer.Option("--data")]
Lang = Annotated[str, typer.Option("--lang", callback=_spoken)]
Output = Annotated[Path, typer.Option("--output")]
Jobs = Annotated[int, typer.Option("--jobs", min=0)]
Each = Annotated[list[str] | None, typer.Option("--each")]
Seconds = Annotated[float, typer.Option("--time-limit", min=0)]
Memory = Annotated[float, typer.Option("--memory", min=0)]
Retries = Annotated[int, typer.Option("--retries", min=0)]
Warm = Annotated[bool, typer.Option("--warm/--no-warm")]
Again = Annotated[bool, typer.Option("--again")]
Shard = Annotated[str, typer.Option("--shard")]
On = Annotated[str, typer.Option("--on")]
District = Annotated[str, typer.Option("--district")]
Year = Annotated[int, typer.Option("--year")]
Month = Annotated[int, typer.Option("--month", min=0, max=12)]
Overwrite = Annotated[bool, typer.Option("--overwrite")]
Edition = Annotated[str, typer.Option("--edition")]
Engine = Annotated[str, typer.Option("--engine")]
Base = Annotated[str, typer.Option("--base")]
Rules = Annotated[str, typer.Option("--rules")]
Classification = Annotated[str, typer.Option("--classification")]
PreparedBy = Annotated[str, typer.Option("--prepared-by")]
CheckedBy = Annotated[str, typer.Option("--checked-by")]
SignedBy = Annotated[str, typer.Option("--signed-by")]
Final = Annotated[bool, typer.Option("--final")]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        print(version("perflib"))
        raise typer.Exit


@app.callback()
def perflib(
    lang: Lang = "",
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_show_version)] = False,
): ...


@app.command(cls=TaughtCommand)
def report(
    ctx: typer.Context,
    data: Data = "sample",
    district: District = "",
    year: Year = 0,
    lang: Lang = "",
    edition: Edition = "internal",
    engine: Engine = "pandas",
    base: Base = "",
    rules: Rules = "",
    output: Output = Path("reports"),
    each: Each = None,
    notebook: Annotated[list[str] | None, typer.Option("--with")] = None,
    only: Annotated[str, typer.Option("--only")] = "all",
    month: Month = 0,
    jobs: Jobs = 0,
    classification: Classification = "",
    prepared_by: PreparedBy = "",
    checked_by: CheckedBy = "",
    signed_by: SignedBy = "",
    final: Final = False,
    time_limit: Seconds = 1800,
    memory: Memory = 0,
    retries: Retries = 1,
    warm: Warm = True,
    again: Again = False,
    shard: Shard = "",
    on: On = "",
) -> int:
    from perflib.run.rows import absolute_data
    from perflib.run.session import Session, make_reports

    wanted = _wanted(ctx.params, absolute_data(data), lang)
    session = Session(output.absolute(), lang, jobs, time_limit, memory, retries, warm, again, shard, on)
    return make_reports(session, wanted, district, year, each or [])


@app.command(cls=TaughtCommand)
def compare(
    ctx: typer.Context,
    data: Annotated[list[str] | None, typer.Option("--data")] = None,
    districts: Annotated[str, typer.Option("--districts")] = "all",
    years: Annotated[str, typer.Option("--years")] = "",
    lang: Lang = "",
    edition: Edition = "internal",
    engine: Engine = "pandas",
    base: Base = "",
    rules: Rules = "",
    output: Output = Path("reports"),
    jobs: Jobs = 0,
    classification: Classification = "",
    prepared_by: PreparedBy = "",
    checked_by: CheckedBy = "",
    signed_by: SignedBy = "",
    final: Final = False,
    time_limit: Seconds = 1800,
    memory: Memory = 0,
    retries: Retries = 1,
    warm: Warm = True,
    again: Again = False,
    on: On = "",
) -> int:
    from perflib.run.session import Session, make_study

    wanted = _wanted(ctx.params, "", lang)
    session = Session(
        output.absolute(), lang, jobs, time_limit, memory, retries, warm=warm, again=again, shard="", on=on
    )
    return make_study(session, wanted, data or ["sample"], districts, years)


@app.command(cls=TaughtCommand)
def run(
    notebook: Annotated[str, typer.Argument()],
    parameter: Annotated[list[str] | None, typer.Option(*PAIR_OPTIONS)] = None,
    each: Each = None,
    lang: Lang = "",
    output: Output = Path("runs"),
    jobs: Jobs = 0,
    time_limit: Seconds = 1800,
    memory: Memory = 0,
    retries: Retries = 1,
    warm: Warm = True,
    again: Again = False,
    shard: Shard = "",
    on: On = "",
) -> int:
    from perflib.run.session import Session, run_many

    session = Session(output.absolute(), lang, jobs, time_limit, memory, retries, warm, again, shard, on)
    return run_many(session, notebook, split_pairs(parameter or []), each or [])


@app.command(cls=TaughtCommand)
def check(
    data: Annotated[str, typer.Argument()],
    district: District = "",
    year: Year = 0,
    lang: Lang = "",
    output: Output | None = None,
) -> int:
    from perflib.run.check import check_data

    text, code = check_data(data, lang, output, district=district, year=year)
    print(text, file=sys.stderr if code else sys.stdout)
    return code


@app.command(cls=TaughtCommand)
def pack(
    sources: Annotated[list[str] | None, typer.Argument()] = None,
    output: Output = Path("packed"),
    lang: Lang = "",
) -> int:
    from perflib.run.pack import pack_report, pack_sources

    if not sources:
        raise ArgumentError("pack.no_source")
    print(pack_report(pack_sources(sources, output), output, lang))
    return 0


@app.command(cls=TaughtCommand)
def template(out: Annotated[Path, typer.Argument()], overwrite: Overwrite = False, lang: Lang = "") -> int:
    from perflib.data.template import template_xlsx
    from perflib.data.whole import write_whole
    from perflib.run.session import tell

    if out.exists() and not overwrite:
        raise ArgumentError("run.template_there", path=out)
    write_whole(out.absolute(), template_xlsx())
    tell("run.wrote_template", lang, path=out)
    return 0


@app.command(cls=TaughtCommand)
def mapping(
    file: Annotated[Path, typer.Argument()], output: Output = Path("mapping.toml"), lang: Lang = ""
) -> int:
    from perflib.data.first_mapping import first_mapping
    from perflib.data.whole import write_whole
    from perflib.run.session import tell

    if output.exists():
        raise ArgumentError("run.not_overwritten", path=output)
    write_whole(output.absolute(), first_mapping(file, lang))
    tell("run.wrote_mapping", lang, path=output, place=file if file.is_dir() else file.parent)
    return 0


@app.command(cls=TaughtCommand)
def monitor(
    data: Annotated[str, typer.Argument()] = "sample", district: District = "", year: Year = 0,
    month: Month = 0, lang: Lang = "", output: Output = Path("monitor"),
) -> int:  # fmt: skip
    from perflib.run.monitor import monitor_month

    told, files = monitor_month(data, lang, output, district=district, year=year, month=month)
    return _conclude(told, files, lang)


@app.command(cls=TaughtCommand)
def notices(
    data: Annotated[str, typer.Argument()] = "sample", district: District = "", year: Year = 0,
    lang: Lang = "", output: Output = Path("notices"),
) -> int:  # fmt: skip
    from perflib.run.notices import write_notices

    told, files = write_notices(data, lang, output, district=district, year=year)
    return _conclude(told, files, lang)


@app.command(cls=TaughtCommand)
def collect(
    folder: Annotated[Path, typer.Argument()], data: Annotated[str, typer.Argument()],
    district: District = "", year: Year = 0, lang: Lang = "",
) -> int:  # fmt: skip
    from perflib.run.collect import collect_folder

    told, files, code = collect_folder(folder, data, lang, district=district, year=year)
    return _conclude(told, files, lang, code=code)


@app.command(cls=TaughtCommand)
def forms(
    data: Annotated[str, typer.Argument()] = "sample", district: District = "", year: Year = 0,
    month: Month = 0, layout: Annotated[list[str] | None, typer.Option("--layout")] = None, lang: Lang = "",
    output: Output = Path("forms"),
) -> int:  # fmt: skip
    from perflib.run.forms import write_forms

    told, files = write_forms(data, layout or [], lang, output, district=district, year=year, month=month)
    return _conclude(told, files, lang)


@app.command(cls=TaughtCommand)
def diff(
    old: Annotated[Path, typer.Argument()], new: Annotated[Path, typer.Argument()],
    lang: Lang = "", output: Output = Path("diff.xlsx"),
) -> int:  # fmt: skip
    from perflib.run.kept import diff_reports

    told, files = diff_reports(old, new, lang, output)
    return _conclude(told, files, lang)


@app.command(cls=TaughtCommand)
def proof(
    draft: Annotated[Path, typer.Argument()],
    report: Annotated[Path, typer.Argument()] = Path("reports"), lang: Lang = "", output: Output = Path("proof.xlsx"),
) -> int:  # fmt: skip
    from perflib.run.kept import proof_draft

    told, files, wrong = proof_draft(draft, report, lang, output)
    return _conclude(told, files, lang, code=3 if wrong else 0)


@app.command(cls=TaughtCommand)
def backtest(
    data: Data = "sample",
    district: District = "",
    first: Annotated[int, typer.Option("--from")] = 2021,
    last: Annotated[int, typer.Option("--to")] = 2023,
    month: Annotated[str, typer.Option("--month")] = "6",
    units: Annotated[str, typer.Option("--units")] = "lines",
    lang: Lang = "",
    output: Output = Path("backtest"),
) -> int:
    from perflib.run.backtest import KEYS, backtest_data
    from perflib.run.session import tell

    checked_choice("--units", units, tuple(KEYS))
    options = {"first": first, "last": last, "months": month, "units": units, "district": district}
    print(backtest_data(data, lang, output, **options))
    tell("backtest.wrote", lang, path=output / "backtest.html")
    return 0


@app.command(cls=TaughtCommand)
def doctor(lang: Lang = "") -> int:
    from perflib.run.doctor import examine

    bad = 0
    for finding in examine(lang):
        print(finding.line(lang), flush=True)
        bad += finding.is_needed and not finding.is_well
    return 5 if bad else 0


@app.command(cls=TaughtCommand)
def lab(
    notebook: Annotated[str, typer.Argument()] = "", data: Data = "", district: District = "",
    year: Annotated[int, typer.Option("--year")] = 0, base: Base = "", rules: Rules = "", lang: Lang = "",
    output: Output = Path("perflib-notebooks"),
) -> int:  # fmt: skip
    from perflib.run.lab import copy_to_open, open_lab

    asked = {"data": data, "district": district, "year": year, "rules": rules}
    asked["base"] = base and checked_choice("--base", base, BASES)
    if not notebook and any(asked.values()):
        raise ArgumentError("run.lab_which")
    return open_lab(output, lang, copy_to_open(notebook, output, lang, asked) if notebook else None)


@app.command(cls=TaughtCommand)
def refresh(
    notebooks: Annotated[list[str] | None, typer.Argument()] = None, jobs: Jobs = 0,
    time_limit: Seconds = 1800, warm: Warm = True, lang: Lang = "",
) -> int:  # fmt: skip
    from perflib.run.session import Session, refresh_suite

    return refresh_suite(Session(Path(), lang, jobs, time_limit, 0, 0, warm, True), notebooks or ())


def _conclude(told: str, files: list[Path], lang: str, *, code: int = 0) -> int:
    """Say what was found, then what was written, the file to open first before the others."""
    from perflib.run.session import tell

    print(told, file=sys.stderr if code else sys.stdout, flush=True)
    if files:
        others = say("show_report.comma", lang).join(map(str, files[1:]))
        tell("run.wrote_first" if others else "run.wrote", lang, path=files[0], others=others)
    return code


def _wanted(asked: dict, data: str, lang: str):
    """What `report` and `compare` are asked for in the same options; `asked` holds them by name."""
    from perflib.run.report import ONLY, Wanted
    from perflib.run.rows import absolute_rules

    pen = {name: asked[name] for name in ("classification", "prepared_by", "checked_by", "signed_by")}
    return Wanted(
        data=data,
        lang=lang,
        edition=checked_choice("--edition", asked["edition"], EDITIONS),
        engine=checked_choice("--engine", asked["engine"], ENGINES),
        base=asked["base"] and checked_choice("--base", asked["base"], BASES),
        rules=absolute_rules(asked["rules"]),
        own=tuple(str(Path(name).absolute()) for name in asked.get("notebook") or ()),
        only=checked_choice("--only", asked.get("only", "all"), ONLY),
        month=asked.get("month", 0),
        cover={**pen, "status": "final" if asked["final"] else "draft"},
    )


def split_pairs(given: list[str]) -> dict[str, str]:
    """{name: text} of "name=text" entries."""
    for entry in given:
        if "=" not in entry:
            raise ArgumentError("run.not_a_pair", given=entry)
    return {name.strip(): text for name, _, text in (entry.partition("=") for entry in given)}


def joined_pairs(arguments: list[str]) -> list[str]:
    """`-p name value` as `-p name=value`, which typer can read."""
    out, rest = [], list(arguments)
    while rest:
        word = rest.pop(0)
        out.append(word)
        if word in PAIR_OPTIONS and rest:
            first = rest.pop(0)
            out.append(first if "=" in first or not rest else f"{first}={rest.pop(0)}")
    return out


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 good, 2 arguments, 3 data, 4 jobs, 5 tools."""
    try:
        code = _code(joined_pairs(sys.argv[1:] if arguments is None else list(arguments)))
        sys.stdout.flush()
    except BrokenPipeError:  # perflib … | head: its reader has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _code(given: list[str]) -> int:
    lang = chosen_language(given, os.environ)
    command = typer.main.get_command(app)
    try:
        return command(args=given, prog_name="perflib", standalone_mode=False, obj=lang) or 0
    except PerflibError as error:
        print(error.sentence(lang), file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        raise
    except Exception as error:
        return _usage_fault(error, command, lang, given)


def _usage_fault(error: Exception, command, lang: str, given: list[str]) -> int:
    """Say in the user's language what typer could not read; anything else is a fault of ours."""
    kind = type(error).__name__
    if not hasattr(error, "ctx") or not hasattr(error, "format_message"):
        raise error
    if kind == "NoArgsIsHelpError" or error.format_message().startswith("Missing command"):
        print(error.ctx.get_help())
        return 0
    print(usage_error(error, command, given).sentence(lang), file=sys.stderr)
    return ArgumentError.exit_code


def usage_error(error, command, arguments: list[str]) -> ArgumentError:
    """What typer could not read, as a sentence of ours."""
    kind, message = type(error).__name__, error.format_message()
    if kind == "NoSuchOption":
        known = [name for p in error.ctx.command.params for name in p.opts]
        given = error.option_name
        hint = _hint(given, known)
        if not hint and "--parameter" in known:
            hint = Wording("run.maybe_parameter", name=given.lstrip("-"))
        return ArgumentError("run.no_option", given=given, hint=hint)
    if message.startswith("No such command"):
        given = message.split("'")[1]
        known = list(command.commands)
        return ArgumentError("run.no_command", given=given, known=", ".join(known), hint=_hint(given, known))
    param = getattr(error, "param", None)
    name = (param.opts[0] if param.param_type_name == "option" else param.name.upper()) if param else ""
    if kind == "MissingParameter" and name:
        return ArgumentError("run.missing_value", option=name)
    if kind == "BadParameter" and name:
        expected = Wording("run.expects_whole" if "integer" in error.message else "run.expects_number")
        if "less than or equal to" in error.message:
            expected = Wording("run.expects_most", most=error.message.split()[-1])
        return ArgumentError(
            "run.bad_value", option=name, expected=expected, found=_value_of(name, arguments)
        )
    return ArgumentError("run.usage", reason=message)


def _value_of(option: str, arguments: list[str]) -> str:
    """What was given for `option`: `--year abc` or `--year=abc`."""
    after = [b for a, b in pairwise(arguments) if a == option]
    joined = [a.partition("=")[2] for a in arguments if a.startswith(f"{option}=")]
    return (after + joined or [""])[-1]


def _hint(given: str, known: list[str]) -> Wording | str:
    import difflib

    # without the dashes, which all options share
    bare = {name.lstrip("-"): name for name in known}
    close = difflib.get_close_matches(given.lstrip("-"), bare, n=1, cutoff=0.6)
    return Wording("run.did_you_mean", name=bare[close[0]]) if close else ""


if __name__ == "__main__":
    main()
