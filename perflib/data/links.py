"""Whether the rows of a table agree with themselves, and tables with one another: balances, codes, sums, months."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.outline import middle
from perflib.data.stack import Money, Stack

UNIT_STEP = (5_000, 20_000)  # a ratio near 10,000: one amount in yuan beside one in ten thousand yuan
# times below the lower (above the upper) quarter of all budgets: no project is that small (large)
FAR = 1_000
FEWEST = 8  # budgets from which one can say what is usual
ID = ["district", "year", "project"]
FAR_OFF = 5  # degrees from the middle of the others: no district of one place lies so far off
BUDGETS = ("initial_budget", "adjusted_budget", "received", "executed")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣", "-"))


def check_links(stacks: dict[str, Stack]) -> pd.DataFrame:
    """Problems across the tables (and across the rows of one), one row each."""
    projects, found = stacks["projects"], []
    for check in (_blanks, _spending, _balance, _names, _units, _sizes, _carried):
        found += check(projects)
    found += _funds(projects, stacks["funds"]) if "funds" in stacks else []
    found += _adjustments(projects, stacks["adjustments"]) if "adjustments" in stacks else []
    found += _progress(stacks["progress"]) if "progress" in stacks else []
    for stack in (s for name, s in stacks.items() if name != "projects"):
        found += [*_unknown(projects, stack), *_policies(projects, stack)]
    if "districts" in stacks:
        found += [*_districts(projects, stacks["districts"]), *_outlines(stacks["districts"])]
    return problems.join(found)


def check_codes(stack: Stack) -> Iterator[pd.DataFrame]:
    """Codes of one column that differ by leading zeros alone, or by case and kind of dash; the rarer are told."""
    for name in (n for n in stack.table.of_kind("code") if n in stack.frame):
        values = stack.frame[name].dropna()
        known = np.array(sorted(values.unique().tolist(), key=len), dtype=object)
        is_number = pd.Series(known, dtype="str").str.isdigit().to_numpy(bool)
        digits, others = known[is_number].tolist(), known[~is_number].tolist()
        plain = "\0".join(others).translate(DASHES).casefold().split("\0")  # at once: codes are many
        for rule, mine, forms in (
            ("code_zeros", digits, [c.lstrip("0") for c in digits]), ("code_alike", others, plain)
        ):  # fmt: skip
            if len(set(forms)) == len(forms) or "" in forms:
                continue  # each has one form
            form = dict(zip(mine, forms, strict=True))
            times = values.value_counts() if rule == "code_alike" else {}
            usual = {form[c]: c for c in sorted(mine, key=lambda c: (times.get(c, 0), len(c)))}
            codes = stack.frame[name].astype(object).to_numpy()
            at = np.flatnonzero([c in form and usual[form[c]] != c for c in codes])
            told = {"found": list(codes[at]), "expected": [usual[form[c]] for c in codes[at]]}
            yield stack.report(rule, "warning", name, at, **told)


def cents_of(frame: pd.DataFrame, column: str) -> np.ndarray:
    return to_cents(frame[column].to_numpy())


def money(cents: np.ndarray) -> Money:
    return Money(np.asarray(cents))


def _blanks(projects: Stack) -> Iterator[pd.DataFrame]:
    """Blank amounts, which count as not reported; a district and year without any is told of once."""
    frame = projects.frame
    place = frame.groupby(["district", "year"], dropna=False).ngroup().to_numpy()
    for name in (n for n in ("initial_budget", "adjusted_budget", "executed") if n in frame):
        blank = frame[name].isna().to_numpy()
        none = np.bincount(place, ~blank)[place] == 0
        first = np.flatnonzero(none & ~pd.Series(place).duplicated().to_numpy())
        count = [str(n) for n in np.bincount(place)[place[first]]]
        yield projects.report("not_reported", "warning", name, np.flatnonzero(blank & ~none))
        yield projects.report("none_reported", "warning", name, first, found=count)


def _spending(projects: Stack) -> Iterator[pd.DataFrame]:
    frame = projects.frame
    if "executed" not in frame:
        return
    spent = cents_of(frame, "executed")
    at = np.flatnonzero(spent < 0)
    yield projects.report("negative_executed", "warning", "executed", at, found=money(spent[at]))
    if "adjusted_budget" not in frame:
        return
    budget = cents_of(frame, "adjusted_budget")
    known = frame["adjusted_budget"].notna().to_numpy()
    over = np.flatnonzero(known & (budget > 0) & (spent > budget))
    none = np.flatnonzero(known & (budget == 0) & (spent > 0))
    told = {"found": money(spent[over]), "expected": money(budget[over])}
    yield projects.report("above_budget", "warning", "executed", over, **told)
    yield projects.report("spent_without_budget", "warning", "executed", none, found=money(spent[none]))


def _balance(projects: Stack) -> Iterator[pd.DataFrame]:
    """Spent, carried over and lapsed make up the adjusted budget."""
    frame = projects.frame
    need = ["adjusted_budget", "executed", "carried_over", "lapsed"]
    if not set(need) <= set(frame):
        return
    full = frame[need].notna().all(axis=1).to_numpy()
    used = sum(cents_of(frame, c) for c in need[1:])
    budget = cents_of(frame, "adjusted_budget")
    at = np.flatnonzero(full & (used != budget) & (cents_of(frame, "executed") <= budget))
    told = {"found": money(used[at]), "expected": money(budget[at])}
    yield projects.report("balance_differs", "warning", "carried_over", at, **told)


def _names(projects: Stack) -> Iterator[pd.DataFrame]:
    """One unit lists one name twice under two codes; equal names in different units are no duplicate."""
    keys = [k for k in ("district", "year", "unit", "name") if k in projects.frame]
    if "unit" not in keys or projects.frame["unit"].isna().all():
        return
    at = np.flatnonzero((projects.frame.duplicated(keys) & projects.frame["unit"].notna()).to_numpy())
    yield projects.report("same_name", "warning", "name", at, found=projects.frame["name"].iloc[at].tolist())


def ratio(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.divide(upper, lower, out=np.zeros(len(upper)), where=lower > 0)


def is_step(ratio: np.ndarray) -> np.ndarray:
    return (ratio >= UNIT_STEP[0]) & (ratio <= UNIT_STEP[1])


def _units(projects: Stack) -> Iterator[pd.DataFrame]:
    """Amounts of one row that are ten thousand times apart: spending is never that much above a budget."""
    frame = projects.frame
    pairs = [
        ("executed", "adjusted_budget", "error"), ("received", "adjusted_budget", "error"),
        ("adjusted_budget", "executed", "warning"), ("adjusted_budget", "initial_budget", "warning"),
        ("initial_budget", "adjusted_budget", "warning"),
    ]  # fmt: skip
    for big, small, severity in pairs:
        if big in frame and small in frame:
            high, low = frame[big].fillna(0).to_numpy(), frame[small].fillna(0).to_numpy()
            at = np.flatnonzero(is_step(ratio(high, low)) & (low >= 1))
            told = {"found": money(high[at] * 100), "expected": money(low[at] * 100)}
            yield projects.report("unit_mix", severity, big, at, **told)


def _sizes(projects: Stack) -> Iterator[pd.DataFrame]:
    """Whole rows in another unit: budgets a thousand times below or above what is usual in the table."""
    name = next((c for c in ("adjusted_budget", "initial_budget") if c in projects.frame), None)
    values = projects.frame[name].fillna(0).to_numpy() if name else np.array([])
    known = values[values > 0]
    if len(known) < FEWEST:
        return
    low, high = np.quantile(known, (0.25, 0.75))
    at = np.flatnonzero((values > 0) & ((values < low / FAR) | (values > high * FAR)))
    usual = f"{low:,.2f}–{high:,.2f}"
    yield projects.report("unit_doubt", "warning", name, at, found=money(values[at] * 100), expected=usual)


def _carried(projects: Stack) -> Iterator[pd.DataFrame]:
    """What a project carried over last year is what it carried in this year."""
    frame = projects.frame
    if not {"carried_in", "carried_over"} <= set(frame) or frame["year"].nunique() < 2:
        return
    last = frame[[*ID, "carried_over"]].dropna().assign(year=lambda d: d["year"] + 1)
    both = frame[[*ID, "carried_in"]].assign(at=range(len(frame))).merge(last, on=ID, how="inner").dropna()
    apart = both[cents_of(both, "carried_in") != cents_of(both, "carried_over")]
    told = {"found": money(cents_of(apart, "carried_in")), "expected": money(cents_of(apart, "carried_over"))}
    yield projects.report("carried_differs", "warning", "carried_in", apart["at"].to_numpy(), **told)


def _funds(projects: Stack, funds: Stack) -> Iterator[pd.DataFrame]:
    """The sources of money sum to the project."""
    for column in BUDGETS:
        if column not in projects.frame or column not in funds.frame:
            continue
        parts = funds.frame[[*ID]].assign(part=cents_of(funds.frame, column))
        parts = parts.groupby(ID, as_index=False)["part"].sum()
        own = projects.frame[ID].assign(at=range(len(projects.frame)), own=cents_of(projects.frame, column))
        both = own[projects.frame[column].notna().to_numpy()].merge(parts, on=ID)
        apart = both[both["own"] != both["part"]]
        cents = apart[["own", "part"]].to_numpy(float)
        is_mixed = is_step(ratio(cents.max(axis=1), cents.min(axis=1)))
        for rule, severity, here in (
            ("funds_unit_mix", "error", is_mixed),
            ("funds_differ", "warning", ~is_mixed),
        ):
            rows = apart[here]
            told = {"found": money(rows["part"]), "expected": money(rows["own"])}
            yield projects.report(rule, severity, column, rows["at"].to_numpy(), **told)


def _adjustments(projects: Stack, moves: Stack) -> Iterator[pd.DataFrame]:
    """Initial budget plus the movements of the budget is the adjusted budget, where movements are kept."""
    frame = projects.frame
    if not {"initial_budget", "adjusted_budget"} <= set(frame):
        return
    budget = moves.frame[moves.frame["basis"] == "budget"]
    sums = budget[ID].assign(moved=cents_of(budget, "amount")).groupby(ID, as_index=False)["moved"].sum()
    kept = moves.frame[["district", "year"]].drop_duplicates()
    start, end = cents_of(frame, "initial_budget"), cents_of(frame, "adjusted_budget")
    rows = frame[ID].assign(at=range(len(frame)), start=start, end=end)
    rows = rows[frame[["initial_budget", "adjusted_budget"]].notna().all(axis=1).to_numpy()]
    rows = rows.merge(kept, on=["district", "year"]).merge(sums, on=ID, how="left")
    rows = rows.fillna({"moved": 0}).astype({"moved": "int64"})
    apart = rows[rows["start"] + rows["moved"] != rows["end"]]
    told = {"found": money(apart["start"] + apart["moved"]), "expected": money(apart["end"])}
    yield projects.report("adjustments_differ", "warning", "adjusted_budget", apart["at"].to_numpy(), **told)


def _progress(progress: Stack) -> Iterator[pd.DataFrame]:
    frame = progress.frame
    if "goal_progress" in frame:
        at = np.flatnonzero(frame["goal_progress"].fillna(0).to_numpy() > 1)
        told = [f"{v:.4g}" for v in frame["goal_progress"].iloc[at]]
        yield progress.report("goal_above_one", "warning", "goal_progress", at, found=told)
    if "executed" in frame:
        order = frame.assign(at=range(len(frame)), spent=cents_of(frame, "executed"))
        order = order.dropna(subset=["executed"]).sort_values([*ID, "month"])
        before = order.groupby(ID)["spent"].shift()
        falls = order[before.notna() & (order["spent"] < before)]
        told = {"found": money(falls["spent"]), "expected": money(before[falls.index])}
        yield progress.report("progress_falls", "warning", "executed", falls["at"].to_numpy(), **told)


def _code_column(stack: Stack) -> tuple[str, np.ndarray]:
    """The column that names a project in this table, and the rows in which it does."""
    frame, every = stack.frame, np.ones(len(stack.frame), bool)
    for code, kind in (("project", ""), ("subject", "subject_kind"), ("item", "scope")):
        if code in frame and (not kind or kind in frame):
            return code, (frame[kind] == "project").to_numpy() if kind else every
    return "", ~every


def _unknown(projects: Stack, stack: Stack) -> Iterator[pd.DataFrame]:
    """Rows about a project that the table of projects does not have, in a district and year that it has."""
    code, applies = _code_column(stack)
    if not code or "year" not in stack.frame or stack.table.name == "appraisals":
        return
    known = projects.frame[ID].drop_duplicates().rename(columns={"project": code})
    yield from _tell_unknown("unknown_project", stack, code, applies, known)


def _policies(projects: Stack, stack: Stack) -> Iterator[pd.DataFrame]:
    """Rows about a policy that no project of that district and year carries out."""
    need = {"district", "year", "subject", "subject_kind"}
    if not need <= set(stack.frame) or "policy" not in projects.frame:
        return
    known = projects.frame[["district", "year", "policy"]].dropna().drop_duplicates()
    applies = (stack.frame["subject_kind"] == "policy").to_numpy()
    yield from _tell_unknown(
        "unknown_policy", stack, "subject", applies, known.rename(columns={"policy": "subject"})
    )


def _tell_unknown(
    rule: str, stack: Stack, code: str, applies: np.ndarray, known: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """Rows that apply, of a district and year in `known`, whose code is not `known` there."""
    rows = stack.frame[["district", "year", code]].assign(at=range(len(stack.frame)))[applies]
    rows = rows.merge(known[["district", "year"]].drop_duplicates(), on=["district", "year"])
    rows = rows.merge(known, on=["district", "year", code], how="left", indicator=True)
    at = np.sort(rows.loc[rows["_merge"] == "left_only", "at"].to_numpy())
    yield stack.report(rule, "warning", code, at, found=stack.frame[code].iloc[at].tolist())


def _districts(projects: Stack, districts: Stack) -> Iterator[pd.DataFrame]:
    missing = ~projects.frame["district"].isin(districts.frame["district"])
    first = np.flatnonzero((missing & ~projects.frame.duplicated("district")).to_numpy())
    found = projects.frame["district"].iloc[first].tolist()
    yield projects.report("unknown_district", "warning", "district", first, found=found)


def _outlines(districts: Stack) -> Iterator[pd.DataFrame]:
    """Outlines far from all others that would lie among them with longitude and latitude exchanged."""
    if "outline" not in districts.frame:
        return
    at = np.flatnonzero(districts.frame["outline"].notna().to_numpy())
    if len(at) < 3:
        return
    own = np.array([middle(text) for text in districts.frame["outline"].iloc[at]])
    centre = np.median(own, axis=0)
    off, exchanged = (np.hypot(*(places - centre).T) for places in (own, own[:, ::-1]))
    odd = (off > FAR_OFF) & (exchanged < off / 4)
    found = [f"{x:.2f}, {y:.2f}" for x, y in own[odd]]
    expected = [f"{y:.2f}, {x:.2f}" for x, y in own[odd]]
    yield districts.report("outline_swapped", "error", "outline", at[odd], found=found, expected=expected)
