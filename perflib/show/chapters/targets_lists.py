"""The rectification lists: one workbook for the finance bureau, one for each department to work on."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter

COLUMNS = ["department", "section", "subject", "subject_name", "indicator", "indicator_name", "rule_label", "found",
           "detail_label", "remedy", "finding"]  # fmt: skip
FILL = ("mend_state", "mend_target", "mend_note", "mended_by", "mended_on")


def add_lists(chapter: Chapter, listed: pd.DataFrame, named: pd.DataFrame, policies: pd.Series) -> None:
    """Add the list of all faults as a table and as workbooks; nothing where there is no fault.

    `named` has `rule` and `finding`: rows of such a rule say which finding they are like. `policies`: their names.
    """
    rows = listed.merge(named, on="rule", how="left")
    rows = rows.rename(columns={"project_name": "subject_name", "name": "indicator_name"})
    called = rows["subject_name"].fillna(rows["subject"].map(policies).astype("str")).fillna(rows["subject"])
    rows = rows.assign(subject_name=called)[COLUMNS]
    chapter.add_table("list", rows, is_in_page=False)
    if rows.empty:
        return
    lang = chapter.lang
    nobody = say("targets.no_department", lang)
    groups = {
        n: g.reset_index(drop=True) for n, g in rows.groupby(rows["department"].fillna(nobody), sort=True)
    }
    options = {"fill": FILL, "choices": {"mend_state": [say(f"targets.state_{s}", lang) for s in
                                                        ("mended", "under_way", "kept")]}}  # fmt: skip
    title = chapter.phrase("title_list")
    everything = say("targets.list_all", lang)
    chapter.add_workbook(everything, {everything: rows}, title=title, **options)
    for department, group in groups.items():
        chapter.add_workbook(department, {department: group}, title=title, **options)
