"""Whether this machine has what perflib needs: one line a thing."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perflib.data.text import say


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `is_needed` ones make `perflib doctor` fail when they are not well."""

    name: str
    is_well: bool
    detail: str
    is_needed: bool = True

    def line(self, lang: str) -> str:
        mark = say("run.doctor_ok" if self.is_well else "run.doctor_bad", lang)
        return f"{say(f'run.doctor_{self.name}', lang)}: {mark} ({self.detail})"


def examine(lang: str) -> Iterator[Finding]:
    """Everything that can be missing, looked at one by one."""
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield _packages(lang)
    yield _tried("fonts", _font)
    yield _tried("pandoc", _pandoc)
    yield _tried("kernel", _kernel)
    yield _warm(lang)
    yield _notebooks(lang)
    java = shutil.which("java")
    yield Finding("java", bool(java), java or say("run.doctor_no_java", lang), is_needed=False)


def _packages(lang: str) -> Finding:
    from importlib.metadata import PackageNotFoundError, requires, version

    wanted = [r for r in requires("perflib") or [] if "extra ==" not in r]
    missing = []
    for requirement in wanted:
        name = requirement.split(";")[0].split(">")[0].split("<")[0].split("=")[0].split("[")[0].strip()
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    detail = say("run.doctor_missing", lang, names=", ".join(missing)) if missing else str(len(wanted))
    return Finding("packages", not missing, detail)


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except Exception as error:  # whatever is wrong there, the doctor says it
        return Finding(name, False, f"{type(error).__name__}: {error}")


def _font() -> str:
    from importlib.util import find_spec
    from pathlib import Path

    folder = Path(find_spec("zhplot").origin).parent
    fonts = sorted(p.name for p in folder.rglob("*.[ot]tf"))
    if not fonts:
        raise FileNotFoundError(folder)
    return ", ".join(fonts)


def _pandoc() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def _kernel() -> str:
    from jupyter_client.kernelspec import KernelSpecManager

    return KernelSpecManager().get_kernel_spec("python3").display_name


def _warm(lang: str) -> Finding:
    from nbwarm import unsupported

    reason = unsupported()
    return Finding("warm", not reason, reason.sentence(lang) if reason else "Linux", is_needed=False)


def _notebooks(lang: str) -> Finding:
    from perflib.run.suite import suite

    found = suite(lang)
    return Finding("notebooks", bool(found), str(len(found)))
