"""What a project, a policy or a department is called, and who is responsible for it."""

import pandas as pd

from perflib.measure.scoring import SUBJECT
from perflib.measure.tally import check_columns, like


def owned(rows: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """`rows` with `subject_name`, `department`, `section` of the subject, and `is_linked`: whether `projects` has it.

    `rows` have district, year, subject_kind and subject. A project has its own, a policy those of its projects if
    they are in one department, a department is its own; else NA. A subject that nobody knows is called by its key.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> rows = pf.targets.owned(book.rows("indicators", year=2023), book.rows("projects", year=2023))
    >>> bool(rows["is_linked"].all())
    True
    """
    table = named(rows, projects).drop(columns=["department", "section"], errors="ignore")
    table = table.merge(_owners(projects), on=SUBJECT, how="left")
    is_department = table["subject_kind"] == "department"
    known = {*projects["project"], *projects["policy"].dropna(), *projects["department"].dropna()}
    table["department"] = table["department"].where(~is_department, table["subject"])
    table["is_linked"] = table["subject"].isin(known)
    return like(table, rows)


def named(rows: pd.DataFrame, projects: pd.DataFrame, *, key: str = "subject") -> pd.DataFrame:
    """`rows` with `subject_name` and `department` of the project; a policy's name, or the key itself, where it is none.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> work = pd.DataFrame({"subject": rows["project"].head(1)})
    >>> bool(pf.named(work, rows)["subject_name"].item() == rows["name"].iloc[0])
    True
    """
    check_columns(projects, ["project", "name", "department"])
    check_columns(rows, [key])
    about = projects[["project", "name", "department"]].drop_duplicates("project")
    about = about.rename(columns={"project": key, "name": "subject_name"})
    table = rows.drop(columns=["department", "subject_name"], errors="ignore").merge(
        about, on=key, how="left"
    )
    called = table["subject_name"].fillna(table[key].map(policy_names(projects)).astype("str"))
    return table.assign(subject_name=called.fillna(table[key]))


def policy_names(projects: pd.DataFrame) -> pd.Series:
    """What to call each policy: itself, if it is words; of a bare code, the unit that all its projects share.

    A code such as 001201-17102 says nothing to a reader, the name of the programme that it stands for does.
    """
    rows = projects[["policy", "unit"]].dropna(subset=["policy"]).drop_duplicates()
    alone = rows[~rows.duplicated("policy", keep=False)]
    is_code = ~alone["policy"].astype("str").str.contains(r"[^\W\d_]", regex=True)
    units = alone[is_code].dropna().set_index("policy")["unit"].astype("str")
    policies = rows["policy"].drop_duplicates().astype("str")
    called = policies.map(units).astype("str").fillna(policies)
    return pd.Series(called.to_numpy(), index=policies.to_numpy(), dtype="str")


def _owners(projects: pd.DataFrame) -> pd.DataFrame:
    """SUBJECT with department and section: of projects, and of policies of one department."""
    rows = projects.reindex(columns=["district", "year", "project", "department", "section", "policy"])
    own = rows.rename(columns={"project": "subject"}).assign(subject_kind="project")
    keys = ["district", "year", "policy"]
    shared = rows[rows["policy"].notna()].drop_duplicates([*keys, "department"])
    shared = shared[~shared.duplicated(keys, keep=False)].drop(columns="project")
    shared = shared.rename(columns={"policy": "subject"}).assign(subject_kind="policy")
    return pd.concat([own.drop(columns="policy"), shared], ignore_index=True)
