"""Budget performance management (预算绩效管理): frames in, frames out; `dir(perflib)` lists what there is.

Each name is loaded when it is first used. `docs/api.md` lists them with examples.
"""

from importlib import import_module

PUBLIC = {
    # read
    "load": "perflib.data.book:load_book",
    "quality": "perflib.data.quality:quality",
    "rules": "perflib.data.rules:load_rules",
    # measure
    "BASES": "perflib.measure.rates:BASES",
    "appraisals_owed": "perflib.measure.appraisal:appraisals_owed",
    "appraised": "perflib.measure.appraisal:appraised",
    "balance": "perflib.measure.balance:balance_rates",
    "bridge": "perflib.measure.bridge",
    "budget_year": "perflib.measure.calendar:budget_year",
    "checks_run": "perflib.measure.targets:checks_run",
    "consequences": "perflib.measure.consequences",
    "count_faults": "perflib.measure.targets:count_faults",
    "count_moves": "perflib.measure.target_moves:count_moves",
    "coverage": "perflib.measure.coverage:coverage",
    "cuts": "perflib.measure.cuts",
    "findings": "perflib.measure.findings",
    "head_of": "perflib.measure.spread:head_of",
    "judged_year": "perflib.measure.calendar:judged_year",
    "named": "perflib.measure.subjects:named",
    "of_work_year": "perflib.measure.calendar:of_work_year",
    "over_budget": "perflib.measure.spread:over_budget",
    "owned": "perflib.measure.subjects:owned",
    "pefa": "perflib.measure.pefa",
    "project_rates": "perflib.measure.rates:project_rates",
    "request_to_approval": "perflib.measure.appraisal:request_to_approval",
    "reviews": "perflib.measure.reviews",
    "selection": "perflib.measure.selection",
    "screened": "perflib.measure.appraisal:screened",
    "spread": "perflib.measure.spread:spread_of_rates",
    "tally": "perflib.measure.tally:tally",
    "target_faults": "perflib.measure.targets:target_faults",
    "target_moves": "perflib.measure.target_moves:target_moves",
    "label_grades": "perflib.measure.grades:label_grades",
    "self_evaluation": "perflib.measure.self_scores",
    "totals": "perflib.measure.money:totals",
    "unspent": "perflib.measure.spread:unspent_money",
    "voices": "perflib.measure.voices",
    # infer
    "assess_departments": "perflib.infer.department_assessment:assess_departments",
    "expert_panel": "perflib.infer.expert_panel:expert_panel",
    "questionnaire": "perflib.infer.questionnaire:questionnaire",
    "over_years": "perflib.infer.over_years:over_years",
    "rank_reviews": "perflib.infer.review_ranks:rank_reviews",
    "forecast": "perflib.infer.year_end:forecast",
    "monitoring": "perflib.infer.monitoring",
    "rates": "perflib.infer.rates:rates",
    "risk_study": "perflib.infer.leads:risk_study",
    "heaping": "perflib.infer.heaping",
    "rank_correlation": "perflib.infer.interval:rank_correlation",
    "share": "perflib.infer.comparison:share",
    "spot_checks": "perflib.infer.spot_checks",
    "funnel": "perflib.infer.comparison:funnel",
    "ranks": "perflib.infer.comparison:ranks",
    "shrink": "perflib.infer.comparison:shrink",
    "decompose": "perflib.infer.comparison:decompose",
    "contributions": "perflib.infer.comparison:contributions",
    # show
    "Page": "perflib.show.page:Page",
    "explore": "perflib.show.explore:explore",
    "plot": "perflib.show.plots",
    "proposal": "perflib.show.outgoing:proposal_xlsx",
    # run
    "form": "perflib.run.form:form",
}
__all__ = sorted(PUBLIC)


def __getattr__(name: str):
    if name not in PUBLIC:
        raise AttributeError(f"perflib has no `{name}`; it has {', '.join(__all__)}")
    module, _, attribute = PUBLIC[name].partition(":")
    found = import_module(module)
    globals()[name] = getattr(found, attribute) if attribute else found
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
