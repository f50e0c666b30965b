"""Budget performance management (预算绩效管理): frames in, frames out; `dir(perflib)` lists what there is.

Each name is loaded when it is first used. `docs/api.md` lists them with examples.
"""

from importlib import import_module

PUBLIC = {
    # read
    "load": "perflib.data.book:load_book",
    "load_many": "perflib.data.study:load_study",
    "check": "perflib.data.quality:check",
    "quality": "perflib.data.quality:quality",
    "rules": "perflib.data.rules:load_rules",
    # measure
    "BASES": "perflib.measure.rates:BASES",
    "appraisal": "perflib.measure.appraisal",
    "balance": "perflib.measure.balance:balance_rates",
    "bridge": "perflib.measure.bridge",
    "calendar": "perflib.measure.calendar",
    "consequences": "perflib.measure.consequences",
    "coverage": "perflib.measure.coverage:coverage",
    "cuts": "perflib.measure.cuts",
    "findings": "perflib.measure.findings",
    "head_of": "perflib.measure.spread:head_of",
    "judged_year": "perflib.measure.calendar:judged_year",
    "named": "perflib.measure.subjects:named",
    "over_budget": "perflib.measure.spread:over_budget",
    "pefa": "perflib.measure.pefa",
    "project_rates": "perflib.measure.rates:project_rates",
    "reform": "perflib.measure.reform",
    "reviews": "perflib.measure.reviews",
    "selection": "perflib.measure.selection",
    "spread": "perflib.measure.spread:spread_of_rates",
    "tally": "perflib.measure.tally:tally",
    "targets": "perflib.measure.targets",
    "target_moves": "perflib.measure.target_moves",
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
    "funnel": "perflib.infer.funnel:funnel",
    "ranks": "perflib.infer.comparison:ranks",
    "shrink": "perflib.infer.comparison:shrink",
    "decompose": "perflib.infer.comparison:decompose",
    "contributions": "perflib.infer.comparison:contributions",
    "changes": "perflib.infer.district_trend:changes",
    "event_study": "perflib.infer.reform_evidence:event_study",
    "marginal_effects": "perflib.infer.fractional:marginal_effects",
    "nearest": "perflib.infer.comparison:nearest",
    "gap": "perflib.infer.comparison:gap",
    "programme_study": "perflib.infer.programme:programme_study",
    "variance_parts": "perflib.infer.multilevel:variance_parts",
    # show
    "Page": "perflib.show.page:Page",
    "explore": "perflib.show.explore:explore",
    "plot": "perflib.show.plots",
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
