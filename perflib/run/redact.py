"""Keeping passwords and keys out of notebooks, logs and summaries."""

import re

MARK = "***"
FOLDERS = ("PWD", "OLDPWD")
"""The shell's working folders, which are no passwords."""
SECRET = re.compile(
    r"(?i)(?:^|[_\-.])(?:pass(?:word|wd|phrase)?|pwd|secrets?|tokens?|credentials?|"
    r"api_?keys?|access_?keys?|private_?keys?)(?:$|[_\-.])"
)
SHORTEST_TO_HIDE = 6
"""Shorter values of the environment also occur in ordinary text; secret parameters are always hidden."""


def is_secret(name: str) -> bool:
    """Whether a parameter or variable of this name holds what nobody else should read.

    >>> is_secret("db_password"), is_secret("district")
    (True, False)
    """
    return name not in FOLDERS and SECRET.search(name) is not None


def secret_values(parameters: dict, environment: dict[str, str]) -> list[str]:
    """The values to hide, longest first, so that one inside another leaves no rest."""
    given = {str(v) for k, v in parameters.items() if is_secret(k) and str(v)}
    around = {v for k, v in environment.items() if is_secret(k) and len(v) >= SHORTEST_TO_HIDE}
    return sorted(given | around, key=lambda v: (-len(v), v))


def redact(content, secrets: list[str]):
    """`content` (text, list or dict, nested) with every secret replaced by `***`."""
    if not secrets:
        return content
    if isinstance(content, str):
        for secret in secrets:
            content = content.replace(secret, MARK)
        return content
    if isinstance(content, dict):
        return type(content)({k: redact(v, secrets) for k, v in content.items()})
    if isinstance(content, list):
        return [redact(v, secrets) for v in content]
    return content


def shown_parameters(parameters: dict) -> dict:
    """The parameters as they may be shown: secret ones by their name only."""
    return {k: MARK if is_secret(k) else v for k, v in parameters.items()}
