"""Which districts and years a comparison covers, and their projects with rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from perflib.data.book import Book, resolve_district
from perflib.data.choice import COMMAS, parse_years
from perflib.data.errors import ArgumentError, DataError, Wording
from perflib.infer.comparability import check_comparable, check_one_currency
from perflib.measure.decisions import KINDS
from perflib.measure.rates import project_rates
from perflib.measure.tally import collect

CLUSTER = "_cluster"
TOGETHER = ("policy", "project")


@dataclass(frozen=True)
class Scope:
    """What is compared.

    - `rates`: one row per project, year and district, as `project_rates` gives it, with `district_name` and
      `_cluster`: the policy or programme that a project was decided with, or the project itself;
    - `decisions`: one row per year, district and `_cluster`, its amounts added: spending on a line without a
      credit was paid from the programme's, so that it counts there;
    - `year`: the latest year, that the chapter judges; `years`: all with rates of two districts, ascending;
      `bare_years`: those that were asked for and have none on this base;
    - `names`: code to name of every district; `own`: the code of the reader's district, "" if it isn't among them;
    - `head`: the column whose values are drawn anew in resampling (departments, or `_cluster` where a district
      has one department only).
    """

    rates: pd.DataFrame
    decisions: pd.DataFrame
    base: str
    year: int
    years: tuple[int, ...]
    names: Mapping[str, str]
    own: str
    head: str
    bare_years: tuple[int, ...] = ()

    @property
    def now(self) -> pd.DataFrame:
        """The projects of the year that is judged."""
        return self.rates[self.rates["year"] == self.year].reset_index(drop=True)

    @property
    def codes(self) -> list[str]:
        return list(self.names)


def comparison_scope(
    book: Book,
    *,
    base: str,
    lang: str,
    last: int,
    districts: str | Sequence[str] = (),
    years: str | Sequence[int] = (),
    together: str = "policy",
) -> Scope:
    """The scope of `book`: see `choose_districts` and `choose_years`.

    `together`: "policy" where projects of a policy or programme rise and fall as one, "project" where each
    is decided by itself. Raises DataError where the comparison would be wrong: fewer than two districts, two
    of one name, money of two currencies, no rates at all on this base.
    """
    if together not in TOGETHER:
        raise ArgumentError("compare.unknown_together", value=together, known=", ".join(TOGETHER))
    codes = choose_districts(book, districts)
    chosen = choose_years(book, codes, years, last)
    rows = nw.from_native(book.frame("projects")).filter(
        nw.col("district").is_in(codes) & nw.col("year").is_in(list(chosen))
    )
    rates = project_rates(collect(rows.to_native()), base=base)
    table = book.table("districts") if book.has("districts") else None
    check_one_currency(rates)
    if not rates["budget"].gt(0).any():
        raise DataError("compare.no_rates", base=Wording(f"show_bases.{base}"))
    check_comparable(rates, districts=table)
    there = set(rates["district"])
    names = {code: book.district_name(code, lang) for code in codes if code in there}
    rates = rates.assign(
        **{
            CLUSTER: decided_with(rates, together),
            "district_name": rates["district"].map(names),
        }
    )
    own = book.district if book.district in names else ""
    rates = rates.sort_values(["year", "district", "project"], ignore_index=True)
    decisions = added(rates, ["year", "district", CLUSTER], kinds=KINDS)
    counts = decisions[decisions["budget"] > 0].groupby("year")["district"].nunique()
    known = tuple(y for y in chosen if counts.get(y, 0) >= 2)
    if not known:
        raise DataError("compare.no_year_of_two", years=", ".join(map(str, chosen)))
    bare = tuple(y for y in chosen if y not in known)
    rates, decisions = (f[f["year"].isin(known)].reset_index(drop=True) for f in (rates, decisions))
    return Scope(rates, decisions, base, max(known), known, names, own, _head(rates), bare)


def added(rates: pd.DataFrame, keys: Sequence[str], kinds: Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `keys`: `projects`, `budget`, `executed` (rows with both reported) and `rate`.

    With `kinds` the columns of them, as its largest project has them.
    """
    rows = rates[rates["reason"].fillna("").ne("not_reported")].assign(projects=1)
    table = rows.groupby(list(keys), as_index=False, dropna=False)[["projects", "executed", "budget"]].sum()
    carried = [c for c in kinds if c in rows and c not in keys]
    if carried:
        largest = rows.sort_values(["budget", "executed"]).drop_duplicates(keys, keep="last")
        table = table.merge(largest[[*keys, *carried]], on=list(keys), how="left")
    return table.assign(rate=table["executed"] / table["budget"].where(table["budget"] > 0))


def choose_districts(book: Book, wanted: str | Sequence[str] = ()) -> list[str]:
    """Codes of the `wanted` districts (codes or names; text is cut at commas), in the order of the tables.

    None wanted: those of the book's district's parent that have a kind (a city's own offices have none);
    all where nothing is said of kinds. Raises ArgumentError for an unknown one, DataError for one alone.
    """
    asked = COMMAS.split(wanted) if isinstance(wanted, str) else [str(w) for w in wanted]
    asked = [name.strip() for name in asked if name.strip()]
    if asked:
        codes = list(dict.fromkeys(resolve_district(book, name) for name in asked))
        if len(codes) < 2:
            raise DataError("compare.one_district", found=", ".join(codes))
        return codes
    return _siblings(book)


def _siblings(book: Book) -> list[str]:
    codes = book.districts
    if not book.has("districts"):
        return codes
    table = book.table("districts").drop_duplicates("district").set_index("district")
    kept = pd.Series(True, index=table.index)
    if "kind" in table and table["kind"].notna().any():
        kept &= table["kind"].notna()
    parent = table["parent"].get(book.district) if "parent" in table else None
    if isinstance(parent, str):
        kept &= table["parent"] == parent
    chosen = [code for code in codes if kept.get(code, False)]
    return chosen if len(chosen) > 1 else codes


def choose_years(
    book: Book, codes: Sequence[str], wanted: str | Sequence[int] = (), last: int = 0
) -> tuple[int, ...]:
    """The `wanted` years (numbers, or text: see `parse_years`), ascending; none: all up to `last`.

    Raises ArgumentError for what is no year, or a year that none of the districts has.
    """
    rows = collect(nw.from_native(book.frame("projects")).select("district", "year").unique().to_native())
    known = sorted({int(y) for y in rows.loc[rows["district"].isin(list(codes)), "year"]})
    asked = parse_years(wanted) if isinstance(wanted, str) else [int(y) for y in wanted]
    if not asked:
        return tuple(y for y in known if y <= last) or tuple(known[-1:])
    if unknown := [y for y in asked if y not in known]:
        raise ArgumentError(
            "compare.unknown_years", found=", ".join(map(str, unknown)), known=", ".join(map(str, known))
        )
    return tuple(sorted(set(asked)))


def decided_with(rates: pd.DataFrame, together: str = "policy") -> pd.Series:
    """Projects of one policy or programme rise and fall together; one without a policy stands by itself."""
    alone = rates["project"].astype("string")
    if together == "project" or "policy" not in rates:
        return alone.astype(object)
    return rates["policy"].astype("string").fillna(alone).astype(object)


def _head(rates: pd.DataFrame) -> str:
    if "department" not in rates:
        return CLUSTER
    usual = rates.groupby(["district", "year"])["department"].nunique().median()
    return "department" if usual >= 2 else CLUSTER
