"""All tables of the sample: twelve made-up districts, five years, one seed. Sample, not real (示例数据)."""

import pandas as pd

from perflib.data.contract import table as declared
from tools.sample.adjustments import make_adjustments
from tools.sample.appraisals import make_appraisals
from tools.sample.assessment import make_assessment
from tools.sample.catalogue import make_catalogue
from tools.sample.districts import make_districts
from tools.sample.evaluations import grades, make_evaluations
from tools.sample.findings import make_findings
from tools.sample.funds import make_funds
from tools.sample.indicators import make_indicators
from tools.sample.lineage import make_lineage
from tools.sample.names import make_names
from tools.sample.programmes import make_joint_scores, make_outputs
from tools.sample.progress import make_progress
from tools.sample.projects import as_projects, make_district
from tools.sample.ratings import make_ratings
from tools.sample.vocabulary import HOME
from tools.sample.work_items import make_work_items


def make_sample() -> dict[str, pd.DataFrame]:
    """Every table of the contract by name; the same frames on every call.

    `projects`, `districts`, reform dates and the policies that city and districts evaluate together cover all
    twelve districts, the other tables the sample district.
    """
    districts = make_districts()
    home = make_district(HOME)
    others = [make_district(code) for code in districts["district"] if code != HOME]
    appraisals = make_appraisals(home)
    indicators = make_indicators(home)
    adjustments = make_adjustments(home, appraisals)
    projects = as_projects(pd.concat([home, *others], ignore_index=True))
    evaluations = make_evaluations(home, indicators)
    joint = make_joint_scores(evaluations, districts["district"].tolist())
    tables = {
        "projects": projects,
        "funds": make_funds(home),
        "progress": make_progress(home, adjustments),
        "indicators": _with(indicators, make_outputs(projects), "indicators"),
        "evaluations": _with(evaluations, joint.assign(grade=grades(joint["score"])), "evaluations"),
        "appraisals": appraisals,
        "ratings": make_ratings(appraisals),
        "adjustments": adjustments,
        "findings": make_findings(home, indicators),
        "catalogue": make_catalogue(home),
        "districts": districts,
        "lineage": make_lineage(home),
        "work_items": make_work_items(),
    }
    tables |= {"assessment": make_assessment(tables)}
    return {**tables, "names": make_names(tables)}


def _with(table: pd.DataFrame, more: pd.DataFrame, name: str) -> pd.DataFrame:
    """`table` and the rows `more` in the order of its key, with the types that `table` had."""
    wide = more.reindex(columns=table.columns).astype(table.dtypes)
    return pd.concat([table, wide]).sort_values(list(declared(name).key), ignore_index=True)
