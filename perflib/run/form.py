"""The form of the first notebook: choose data, notebook and parameters; show, open or make the report."""

import os
import subprocess
import sys
import threading
import time
from html import escape
from pathlib import Path

import ipywidgets as widgets
from IPython.display import Javascript

from perflib.data.errors import PerflibError
from perflib.data.shelf import private_shelf
from perflib.data.text import LANGUAGES, say
from perflib.run.cells import shown
from perflib.run.choices import Choices, Offer
from perflib.run.report import report_folder

PROMPT = 20.0
"""A notebook that takes no more seconds of processor is shown again at each change of a choice; another when asked."""
OPEN = """
const app = window.jupyterapp, name = {name};
const here = app && app.shell.currentWidget && app.shell.currentWidget.context;
if (here) app.commands.execute("docmanager:open", {{path: here.path.replace(/[^/]*$/, "") + name}});
"""
"""In a lab that `perflib lab` started the copy opens in a tab; elsewhere there is the link."""
KINDS = {"int": widgets.IntText, "float": widgets.FloatText, "bool": widgets.Checkbox, "str": widgets.Text}
WIDE = {"description_width": "6em"}


def form(
    *,
    data: str = "sample",
    notebook: str = "40",
    lang: str = "zh",
    folder: str = "",
    output: str = "reports",
    **chosen,
) -> widgets.VBox:
    """A form that asks `notebook` on `data`: choose, then show it below, open a copy, or make the report.

    What it offers comes from the annotated parameters of the notebook and from the data: districts by name, their
    years, the bases on which there is a budget. `chosen` are parameters to begin with; `folder` is where copies and
    one's own notebooks lie ("": here), `output` where reports go. What can't be done is a sentence in the form.

    >>> type(form(lang="en")).__name__
    'VBox'
    """
    private_shelf()
    return Form(Path(folder), Path(output), data=data, notebook=notebook, lang=lang, **chosen).box


class Form:
    """The widgets around `Choices`: they hand on what is chosen, and show what comes of it."""

    def __init__(self, folder: Path, output: Path, *, lang: str, **wanted):
        self.output, self.lang = output, lang
        self.told, self.link, self.results = widgets.HTML(), widgets.Output(), widgets.VBox()
        self.bar = widgets.IntProgress(layout={"display": "none", "width": "24em"})
        self.box = widgets.VBox([self.told])
        self.is_shown, self.is_filling, self.controls, self.running = False, False, {}, None
        try:
            self.choices = Choices(folder=folder, lang=lang, **wanted)
        except PerflibError as error:
            self._tell(error.sentence(lang))
            return
        self._build()

    def _build(self) -> None:
        fixed = {"data": widgets.Combobox, "notebook": widgets.Dropdown, "lang": widgets.Dropdown}
        for name, kind in fixed.items():
            self.controls[name] = self._control(name, kind)
        self.controls["notebook"].layout.width = "34em"  # titles are questions
        self.buttons = {name: widgets.Button() for name in ("show", "open", "report")}
        for name, button in self.buttons.items():
            button.on_click(getattr(self, f"_{name}"))
        self.parameters = widgets.HBox(layout={"flex_flow": "row wrap"})
        self.lacking = widgets.HTML()
        first = widgets.HBox([self.controls[n] for n in fixed], layout={"flex_flow": "row wrap"})
        last = widgets.HBox([*self.buttons.values(), self.bar])
        self.box.children = [first, self.parameters, self.lacking, last, self.told, self.link, self.results]
        self._fill()

    def _control(self, name: str, kind: type[widgets.Widget]) -> widgets.Widget:
        """A control that hands on what is chosen in it; a text when it is left."""
        made = kind(
            style=WIDE, **({"continuous_update": False} if kind in (widgets.Text, widgets.Combobox) else {})
        )
        made.observe(lambda change: self._choose(name, change["new"]), "value")
        return made

    def _fill(self) -> None:
        """Bring words, options and values of all controls to what the choices are now."""
        self.is_filling = True
        choices, lang = self.choices, self.choices.lang
        self.lang = lang
        for name in ("data", "notebook", "lang"):
            self.controls[name].description = say(f"form.{name}", lang)
        self.controls["data"].options = choices.sources()
        self.controls["data"].value = choices.data
        _set(self.controls["notebook"], choices.notebooks(), choices.name)
        _set(self.controls["lang"], [(say(f"form.lang_{code}", lang), code) for code in LANGUAGES], lang)
        self.parameters.children = [self._filled(offer) for offer in choices.offers()]
        self.lacking.value = _small(choices.not_offered())
        for name, button in self.buttons.items():
            button.description = say(f"form.{name}", lang)
        self.is_filling = False

    def _filled(self, offer: Offer) -> widgets.Widget:
        kind = widgets.Dropdown if offer.options else KINDS[offer.type]
        made = self.controls.get(offer.name)
        if type(made) is not kind:
            made = self.controls[offer.name] = self._control(offer.name, kind)
        made.description = offer.label
        if offer.options:
            _set(made, offer.options, offer.value)
        else:
            made.value = offer.value
        return made

    # What is done

    def _choose(self, name: str, value) -> None:
        if self.is_filling:
            return
        try:
            self.choices.choose(name, value)
            self._tell(self.choices.told)
        except PerflibError as error:
            self._tell(error.sentence(self.lang))
            self._fill()
            return
        self._fill()
        if self.is_shown and name != "data":
            self._show()
        elif self.results.children:
            self._tell(" ".join([self.choices.told, say("form.stale", self.lang)]))

    def _may_begin(self) -> bool:
        """Whether the data is still what the choices were made from; if not, they are made anew and that is said."""
        if not self.choices.is_changed:
            return True
        try:
            self.choices.read(self.choices.data)
            self._fill()
            self._tell(say("form.changed", self.lang))
        except PerflibError as error:
            self._tell(error.sentence(self.lang))
        return False

    def _show(self, _=None) -> None:
        """Run the notebook and show its results below, each as it comes, in the place of those of the run before."""
        if not self._may_begin():
            return
        self._tell(" ".join([self.choices.told, say("form.showing", self.lang)]))
        began, used, count = time.monotonic(), time.process_time(), 0
        try:
            values = self.choices.values()
            for count, part in enumerate(shown(self.choices.notebook, values, self.lang), 1):
                self._put(count - 1, part)
        except PerflibError as error:
            self._tell(error.sentence(self.lang))
            return
        self.results.children = self.results.children[:count]
        seconds = time.monotonic() - began
        self.is_shown = time.process_time() - used < PROMPT
        named = say("form.shown", self.lang, notebook=self.choices.notebook.stem, seconds=seconds)
        self._tell(" ".join([self.choices.told, named]))

    def _put(self, place: int, part: dict) -> None:
        """Show `part` as the result at `place`."""
        if place < len(self.results.children):
            self.results.children[place].outputs = (part,)
        else:
            self.results.children = (*self.results.children, widgets.Output(outputs=(part,)))

    def _open(self, _=None) -> None:
        if not self._may_begin():
            return
        try:
            name = self.choices.copy().name
        except PerflibError as error:
            self._tell(error.sentence(self.lang))
            return
        self._link("opened", name, name, Javascript(OPEN.format(name=repr(name))))

    def _report(self, _=None) -> None:
        """Make the report in a process of its own; the bar follows its lines."""
        if self.running or not self._may_begin():
            return
        arguments = self.choices.report_arguments(self.output)
        made = report_folder(self.output, self.choices.district, self.choices.year)
        self.buttons["report"].disabled, self.bar.value, self.bar.layout.display = True, 0, ""
        self._tell(say("form.reporting", self.lang, line="…"))
        self.running = threading.Thread(target=self._follow, args=(arguments, made), daemon=True)
        self.running.start()

    def _follow(self, arguments: list[str], made: Path) -> None:
        command = [sys.executable, "-m", "perflib.run.command", *arguments]
        plain = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        lines = [""]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=plain
        ) as process:
            for line in process.stderr:
                lines.append(line.strip())
                done, _, total = line.partition("]")[0].lstrip("[").partition("/")
                if done.isdecimal() and total.isdecimal():
                    self.bar.max, self.bar.value = int(total), int(done)
                    self._tell(say("form.reporting", self.lang, line=line.strip()))
        self.bar.layout.display, self.buttons["report"].disabled, self.running = "none", False, None
        if process.returncode:
            self._tell(" ".join(lines[-2:]))
            return
        self._tell("")
        self._link("reported", f"{made.name}/report.html", (made / "report.html").as_posix())

    def _link(self, key: str, name: str, link: str, *more) -> None:
        self._tell("")
        said = say(f"form.{key}", self.lang, name=name, link=link.replace(" ", "%20"))
        told = [{"text/markdown": said}, *({"application/javascript": m.data} for m in more)]
        self.link.outputs = tuple({"output_type": "display_data", "data": d, "metadata": {}} for d in told)

    def _tell(self, sentence: str) -> None:
        self.told.value = f'<p role="status" style="line-height:1.5">{escape(sentence.strip())}</p>'


def _set(control: widgets.Dropdown, options, value) -> None:
    """Give `control` options and a value; one that is not among them is offered too."""
    options = list(options)
    if value not in [v for _, v in options]:
        options.append((str(value), value))
    if control.options != tuple(options):
        control.options = options
    control.value = value


def _small(words: str) -> str:
    return f'<p style="font-size:smaller;line-height:1.4">{escape(words)}</p>' if words else ""
