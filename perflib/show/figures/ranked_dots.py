"""`dots` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.rows import dots


def ranked_dots(
    frame,
    *,
    label,
    value,
    lower=None,
    upper=None,
    tier=None,
    unit="share",
    reference=None,
    reference_label="",
    highlight=None,
    is_ranked=True,
    lang,
    **words,
):
    """See `perflib.show.plots`."""
    return around(
        dots(
            frame,
            y=label,
            x=value,
            low=lower,
            high=upper,
            tier=tier,
            unit=unit,
            line=None if reference is None else (reference, reference_label),
            mark=highlight,
            is_ranked=is_ranked,
            lang=lang,
        ),
        lang=lang,
        **words,
    )
