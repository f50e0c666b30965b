"""HTML pages from the templates in `reports/templates`."""

import jinja2

from perflib.data.places import shared_folder

HTML_LANG = {"zh": "zh-Hans", "en": "en"}


def html_page(template: str, *, lang: str, **fields) -> str:
    """The page that `template`, a path below the templates, makes of `fields`; all text is escaped.

    A field that the template asks for and does not get is an error.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    source = (shared_folder("reports/templates") / template).read_text("utf-8")
    return environment.from_string(source).render(html_lang=HTML_LANG[lang], **fields)
