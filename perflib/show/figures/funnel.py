"""`funnel` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import limits


def funnel(
    frame,
    *,
    label,
    size,
    value,
    centre,
    lower,
    upper,
    size_label,
    outer_lower=None,
    outer_upper=None,
    has_own_limits=False,
    unit="share",
    lang,
    **words,
):
    """See `perflib.show.plots`."""
    return around(
        limits.funnel(
            frame,
            label=label,
            x=size,
            y=value,
            centre=centre,
            low=lower,
            high=upper,
            low_outer=outer_lower,
            high_outer=outer_upper,
            has_own_limits=has_own_limits,
            xlabel=size_label,
            unit=unit,
            lang=lang,
        ),
        lang=lang,
        **words,
    )
