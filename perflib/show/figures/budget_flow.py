"""`flow` of `perflib.show.plots`, as chapters call it."""

import pandas as pd

from perflib.show.figures.around import around
from perflib.show.plots.money import flow


def budget_flow(frame, *, label, value, currency="CNY", remainder=(), lang, **words):
    """See `perflib.show.plots`."""
    amounts = pd.Series(frame[value].to_numpy(dtype=float), index=frame[label].astype(str))
    return around(
        flow(amounts, x=list(amounts.index), left=remainder, currency=currency, lang=lang), lang=lang, **words
    )
