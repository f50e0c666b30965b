"""The data dictionary, generated from the contract."""

from perflib.data.contract import Column, Table, tables
from perflib.data.template import describe_limits
from perflib.data.text import LANGUAGES, say


def dictionary_markdown() -> str:
    """Markdown of all tables and columns in both languages, for `data/DICTIONARY.md`."""
    head = [f"# {_both('dictionary_title')}", "", *(say("contract.dictionary_intro", x) for x in LANGUAGES)]
    return (
        "\n".join([*head[:3], "", head[3], *(line for t in tables().values() for line in _table(t))]) + "\n"
    )


def _both(key: str) -> str:
    return " · ".join(say(f"contract.{key}", lang) for lang in LANGUAGES)


def _table(table: Table) -> list[str]:
    keys = ", ".join(f"`{k}`" for k in table.key)
    required = f" {_both('dictionary_required_table')}." if table.is_required else ""
    head = [_both(f"head_{k}") for k in ("column", "label", "kind", "note")]
    return [
        "",
        f"## `{table.name}` {table.zh} · {table.en}",
        "",
        table.zh_note,
        "",
        table.en_note,
        "",
        f"{_both('dictionary_key')}: {keys}.{required}",
        "",
        f"| {' | '.join(head)} |",
        "|---|---|---|---|",
        *(_row(c, c.name in table.key) for c in table.columns),
    ]


def _row(column: Column, is_key: bool) -> str:
    kinds = [_kind(column, is_key, lang) for lang in LANGUAGES]
    notes = [column.note(lang) + _choices(column, lang) for lang in LANGUAGES]
    cells = [f"`{column.name}`", f"{column.zh}<br>{column.en}", "<br>".join(kinds), "<br>".join(notes)]
    safe = [c.replace("|", r"\|") for c in cells]
    return f"| {' | '.join(safe)} |"


def _kind(column: Column, is_key: bool, lang: str) -> str:
    marks = [say(f"contract.{m}", lang) for m, holds in (("key", is_key), ("made", column.is_made)) if holds]
    return ", ".join([say(f"contract.kind_{column.kind}", lang), *marks, *describe_limits(column, lang)])


def _choices(column: Column, lang: str) -> str:
    if not column.choices:
        return ""
    return " " + "; ".join(f"`{c.value}` {c.label(lang)}" for c in column.choices)


if __name__ == "__main__":
    print(dictionary_markdown(), end="")
