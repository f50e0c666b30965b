"""All tables of the sample: twelve made-up districts, five years, one seed. Sample, not real (示例数据)."""

import pandas as pd

from perflib.data.sample.adjustments import make_adjustments
from perflib.data.sample.appraisals import make_appraisals
from perflib.data.sample.assessment import make_assessment
from perflib.data.sample.catalogue import make_catalogue
from perflib.data.sample.districts import make_districts
from perflib.data.sample.evaluations import make_evaluations
from perflib.data.sample.findings import make_findings
from perflib.data.sample.funds import make_funds
from perflib.data.sample.indicators import make_indicators
from perflib.data.sample.lineage import make_lineage
from perflib.data.sample.progress import make_progress
from perflib.data.sample.projects import as_projects, make_district
from perflib.data.sample.ratings import make_ratings
from perflib.data.sample.vocabulary import HOME
from perflib.data.sample.work_items import make_work_items


def make_sample() -> dict[str, pd.DataFrame]:
    """Every table of the contract by name; the same frames on every call.

    `projects`, `districts` and reform dates cover all twelve districts, the other tables the sample district.
    """
    districts = make_districts()
    home = make_district(HOME)
    others = [make_district(code) for code in districts["district"] if code != HOME]
    appraisals = make_appraisals(home)
    indicators = make_indicators(home)
    adjustments = make_adjustments(home, appraisals)
    tables = {
        "projects": as_projects(pd.concat([home, *others], ignore_index=True)),
        "funds": make_funds(home),
        "progress": make_progress(home, adjustments),
        "indicators": indicators,
        "evaluations": make_evaluations(home, indicators),
        "appraisals": appraisals,
        "ratings": make_ratings(appraisals),
        "adjustments": adjustments,
        "findings": make_findings(home, indicators),
        "catalogue": make_catalogue(home),
        "districts": districts,
        "lineage": make_lineage(home),
        "work_items": make_work_items(),
    }
    return {**tables, "assessment": make_assessment(tables)}
