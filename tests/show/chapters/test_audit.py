from dataclasses import replace

from perflib.show.chapters.audit import audit_chapter
from perflib.show.chapters.spot_check import spot_check_chapter

from .conftest import OPTIONS, project


def finding(code: str, **columns) -> dict:
    row = {"district": "330199", "finding": code, "year": 2023, "subject_kind": "project", "subject": "P1",
           "source": "audit", "type": "资金闲置", "severity": "material", "found_on": "2023-05-01", "amount": 100.0}  # fmt: skip
    return {**row, **columns}


def test_nothing_is_lost_and_classes_come_back(make_chapter):
    chapter = make_chapter(audit_chapter)
    assert chapter._tables["recurrence"]["n_findings"].sum() == chapter.facts["findings"].value
    assert chapter.facts["unknown"].value == 0


def test_the_score_is_tested_on_later_years_and_feeds_two_lists(make_chapter):
    chapter = make_chapter(audit_chapter)
    facts = chapter.facts
    assert facts["learnt_findings"].value >= 50
    assert facts["leads_key"].value + facts["leads_check"].value == facts["leads"].value == 20
    assert set(chapter._tables["leads"]["lead_use"]) <= {"key_evaluation", "spot_check"}
    assert chapter._tables["all_risks"]["risk"].between(0, 1).all()
    assert "被查的项目是挑出来的" in chapter.page()


def test_the_leads_feed_the_choice_of_next_year(make_chapter, sample):
    audit = make_chapter(audit_chapter)._tables["all_risks"].set_index("project")["risk"]
    first = set(audit.index[:20])
    checks = spot_check_chapter(sample, lang="zh", **OPTIONS)
    frame = checks._tables["frame"].set_index("project")
    assert frame["risk"].to_dict() == audit[frame.index].to_dict()
    assert checks.facts["plan_leads"].value == len(first & set(frame.index))
    drawn = set(checks._tables["drawn"]["project"])
    assert checks.facts["leads_drawn"].value == len(first & drawn)
    # Small ones have hardly more than their place in the random part; among large ones the chance goes by risk.
    large = frame[frame["plan_stratum"] == "pps"].nlargest(50, "adjusted_budget")
    chance = large["inclusion_probability"] / large["adjusted_budget"]
    assert chance.corr(large["risk"], method="spearman") > 0.9
    candidates = checks._tables["all_candidates"]
    assert candidates["risk_leads"].sum() == len(first)
    assert ((candidates["risk_leads"] > 0) == (candidates["by_leads"] == "yes")).all()


def test_a_finding_about_an_unknown_project_is_listed(tiny):
    book = tiny(projects=[project()], findings=[finding("W1"), finding("W2", subject="P9")])
    chapter = audit_chapter(book, lang="zh", **OPTIONS)
    assert chapter._tables["unknown"]["finding"].tolist() == ["W2"]
    assert chapter.facts["findings"].value == 2
    assert "有[1]" in chapter.page()


def test_findings_of_a_later_year_are_not_known_yet(tiny):
    late = finding("W2", found_on="2024-02-01")
    chapter = audit_chapter(tiny(projects=[project()], findings=[finding("W1"), late]), lang="en", **OPTIONS)
    assert chapter.facts["findings"].value == 1


def test_with_few_findings_the_rates_by_class_are_used(tiny):
    projects = [project(f"P{i}", **{"class": "specific"}) for i in range(30)]
    chapter = audit_chapter(tiny(projects=projects, findings=[finding("W1")]), lang="en", **OPTIONS)
    assert chapter.facts["risk_method"].value == "shrunken rates by class"
    assert chapter.facts["lift_value"].is_missing


def test_the_public_edition_has_no_risk(sample):
    chapter = audit_chapter(replace(sample.for_edition("public"), edition="public"), lang="zh", **OPTIONS)
    assert not {"leads", "all_risks", "lift", "calibration", "evaluation"} & set(chapter._tables)
    assert chapter.facts["leads"].is_missing
    assert "公开版不列" in chapter.page()


def test_without_findings_the_chapter_is_missing(tiny):
    assert audit_chapter(tiny(projects=[project()]), lang="zh", **OPTIONS).is_missing
