import nbformat
import pytest

from perflib.run.notebook import is_secret, redact, secret_values, shown_parameters


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "api_key", "GITHUB_TOKEN", "client-secret", "pwd"]
)
def test_secret_names(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["district", "PWD", "OLDPWD", "author", "tokenizer", "keys", "passenger"])
def test_ordinary_names(name):
    assert not is_secret(name)


def test_values_come_longest_first_and_short_ones_of_the_environment_stay():
    around = {"MY_TOKEN": "abcdefgh", "A_SECRET": "ab", "HOME": "/root"}
    assert secret_values({"password": "abcdefghij", "year": 2023}, around) == ["abcdefghij", "abcdefgh"]


def test_nested_content_is_redacted_and_keeps_its_kind():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('sesame')")])
    found = redact(notebook, ["sesame"])
    assert found.cells[0].source == "print('***')"
    assert type(found) is type(notebook)


def test_shown_parameters_hide_secrets():
    assert shown_parameters({"token": "x", "year": 1}) == {"token": "***", "year": 1}
