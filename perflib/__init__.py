"""Budget performance management (预算绩效管理): frames in, frames out; `dir(perflib)` lists what there is.

Each name is loaded when it is first used. `docs/api.md` lists them with examples.
"""

from importlib import import_module

PUBLIC = {
    # read
    "load": "perflib.data.book:load_book",
    "rules": "perflib.data.rules:load_rules",
    # measure
    "BASES": "perflib.measure.rates:BASES",
    "balance": "perflib.measure.balance:balance_rates",
    "bridge": "perflib.measure.bridge:bridge_rates",
    "bridge_parts": "perflib.measure.bridge:group_contributions",
    "head_of": "perflib.measure.spread:head_of",
    "judged_year": "perflib.measure.calendar:judged_year",
    "over_budget": "perflib.measure.spread:over_budget",
    "pefa": "perflib.measure.pefa:pefa_years",
    "pefa_of": "perflib.measure.pefa:pefa_of",
    "pefa_scores": "perflib.measure.pefa_score:pefa_scores",
    "project_rates": "perflib.measure.rates:project_rates",
    "spread": "perflib.measure.spread:spread_of_rates",
    "totals": "perflib.measure.money:totals",
    "unspent": "perflib.measure.spread:unspent_money",
    # infer
    "rates": "perflib.infer.rates:rates",
    # show
    "Page": "perflib.show.page:Page",
    "plot": "perflib.show.plots",
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
