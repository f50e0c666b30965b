"""`perflib monitor`: the month on a few pages, and a workbook for each department."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from perflib.data.book import load_book
from perflib.data.errors import ArgumentError, DataError
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.data.whole import safe_name
from perflib.infer import monitoring
from perflib.infer.year_end import forecast
from perflib.measure.tally import tally
from perflib.show import plots
from perflib.show.page import Page
from perflib.show.report import write_report

NAME = "30_dual_monitoring"
FORMATS = ("html", "pdf", "docx")
TOP, FEW = 15, 12


def monitor_month(
    data: str, lang: str, output: Path, *, district: str = "", year: int = 0, month: int = 0
) -> tuple[str, list[Path]]:
    """Write the pages and lists of `month` (0: the last in the data); what was found in a sentence, and the files.

    Raises DataError without any progress, ArgumentError for a month that the data does not have.
    """
    import matplotlib

    matplotlib.use("Agg")
    book = load_book(data, district=district, year=year, lang=lang)
    progress, projects = book.rows("progress"), book.rows("projects")
    if progress.empty:
        raise DataError("reading.missing_table", table="progress", found=", ".join(book.tables))
    when = year or int(progress["year"].max())
    book = replace(book, year=when)
    months = sorted(int(m) for m in progress.loc[progress["year"] == when, "month"].unique())
    if month and month not in months:
        raise ArgumentError("progress.no_cutoff_month", month=month, found=", ".join(map(str, months)) or "—")
    asked = {"rules": load_rules(book.rule_set), "year": when, "lang": lang}
    now = monitoring.standing(progress, projects, month=month or max(months, default=0), **asked)
    cutoff = int(now["month"].iloc[0])
    folder = output / safe_name(f"{book.name}-{when}-{cutoff:02d}")
    page = Page(NAME, book, output=folder.absolute(), needs=("projects", "progress"))
    source = say("run.monitor_source", lang, file=Path(data).name)
    # chapter 30's own names a chapter that these pages lack
    page.text = {**page.text, "source": {lang: source}}
    acts = now[now["is_listed"]]
    _tell(page, progress, projects, now, acts)
    page.list("monitoring", now.sort_values(["department", "project"]), month=cutoff)
    page.list("action", acts, month=cutoff)
    page.write()
    made = [folder.absolute() / "chapters" / NAME]
    write_report(folder.absolute(), lang=lang, district_name=book.name, year=when, chapters=made, is_sample=book.is_sample,
                 formats=FORMATS, only="month")  # fmt: skip
    about = {"year": when, "month": cutoff, "count": len(acts), "path": folder / "lists"}
    told = say("run.monitored", lang, **about, lists=len(list((folder / "lists").iterdir())))
    return told, [folder / f"report.{name}" for name in ("docx", "pdf", "html")]


def _tell(
    page: Page, progress: pd.DataFrame, projects: pd.DataFrame, now: pd.DataFrame, acts: pd.DataFrame
) -> None:
    """What notebook 30 says of where money stands, where the year will end and whom to act on, and no more."""
    when, cutoff, lang = page.book.year, int(now["month"].iloc[0]), page.lang
    months = progress[(progress["year"] == when) & (progress["month"] <= cutoff)]
    seen = forecast(progress, projects, year=when, month=cutoff)
    spent = seen.assign(spent=seen["executed"])[["spent", "value", "low", "high", "outturn"]]
    budget = seen["budget"].where(seen["budget"] > 0)
    shares = spent.div(budget, axis=0).assign(month=seen["month"], rows=len(months))
    counts = tally(now, to_act=len(acts), by_rules=int((acts["listed_by"] == "rules").sum()),
                   chances=int(now["p_failing"].notna().sum()), at_risk=acts["money_at_risk"].sum(),
                   failing_below=monitoring.FAILING_BELOW)  # fmt: skip
    page.say("headline", seen=seen, shares=shares, counts=counts)
    curve = months.groupby("month", as_index=False)["executed"].sum()
    curve["rate"] = curve["executed"] / budget.iloc[0]
    page.figure("year", plots.fan(curve, forecast=shares.dropna(subset=["low", "high"]), lang=lang))
    is_over = seen.loc[0, "method"] == "ended"
    ends = forecast(progress, projects, year=when, month=cutoff, by="department")
    ends = ends.rename(columns={"value": "forecast", "executed": "executed_to_date", "rate": "forecast_rate"})
    ends = ends.assign(unspent=ends["budget"] - ends["forecast"])
    ends = ends.sort_values(["unspent", "department"], ascending=[False, True])
    shown = "department projects budget executed_to_date" + " forecast forecast_rate" * (not is_over)
    page.table("departments_end", ends.head(FEW), shown, in_page=True)
    lines = tally(now, line=now["line"].max(), below_line=int(now["is_below_line"].sum()),
                  overspent=int(now["is_overspent"].sum()))  # fmt: skip
    page.say("lines", lines=lines)
    actions = ["cut", "reallocate", "stop", "explain"]
    proposed = acts["action"].value_counts().reindex(actions, fill_value=0).to_frame().T.assign(rows=len(now))
    page.say("act", proposed=proposed)
    why = ["p_failing", "action"] if acts["p_failing"].notna().any() else ["action_reason"]
    end = [] if is_over else ["forecast"]
    top = ["department", "name", "adjusted_budget", "executed_to_date", *end, "money_at_risk", *why]
    page.table("act_top", acts.head(TOP), top)
