"""What every figure of a chapter is told: its title, subtitle and source."""

from perflib.show.chapter import Chapter


def figure_words(chapter: Chapter, id: str) -> dict:
    """Title, subtitle and source of figure `id`, its language, and whether it shows the sample."""
    return {
        **{part: chapter.phrase(f"{part}_{id}") for part in ("title", "subtitle")},
        "source": chapter.phrase("source"),
        "lang": chapter.lang,
        "is_sample": chapter.is_sample,
    }
