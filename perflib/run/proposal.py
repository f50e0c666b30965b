"""What `perflib proposal` prints: the changes that were made in a proposal table."""

import pandas as pd

from perflib.data.proposal import DECISIONS, column_words, read_proposal
from perflib.data.text import say


def proposal_report(path: str, lang: str) -> str:
    """The changes in the proposal table at `path`, one line each: cell, project, column, was and is."""
    changes = read_proposal(path)
    if changes.empty:
        return say("proposal.no_changes", lang, file=path)
    lines = [_line(change, lang) for change in changes.to_dict("records")]
    return "\n".join([say("proposal.changes", lang, file=path, count=len(changes)), *lines])


def _line(change: dict, lang: str) -> str:
    told = {side: _told(change[side], lang) for side in ("was", "now")}
    return say("proposal.change", lang, **{**change, **told, "column": column_words(change["column"], lang)})


def _told(value: str, lang: str) -> str:
    if value in DECISIONS:
        return say(f"proposal.{value}", lang)
    return value if value and not pd.isna(value) else say("proposal.nothing", lang)
