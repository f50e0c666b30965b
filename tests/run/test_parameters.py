import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.errors import ArgumentError
from perflib.run.parameters import check_parameters, declared_parameters, parse_parameters, parse_values
from tests.run.conftest import write_notebook

CELL = 'district: str = "城东区"  # which\nyear: int = 2023\nshare: float = 0.5\nfinal: bool = False'


@pytest.fixture
def notebook(tmp_path):
    return write_notebook(tmp_path / "n.ipynb", parameters=CELL)


def test_declared_parameters_come_in_their_order(notebook):
    found = declared_parameters(notebook)
    assert list(found) == ["district", "year", "share", "final"]
    assert (found["year"].type, found["year"].default) == ("int", 2023)


@pytest.mark.parametrize("value", [2020, -1])
def test_right_types_pass(notebook, value):
    assert check_parameters(notebook, {"year": value}) == {"year": value}


def test_an_int_stands_for_a_float(notebook):
    found = check_parameters(notebook, {"share": 1})["share"]
    assert found == 1.0
    assert type(found) is float


@pytest.mark.parametrize(("name", "value"), [("year", "2023"), ("year", True), ("district", 1), ("final", 1)])
def test_a_wrong_type_names_all_that_is_needed(notebook, name, value):
    with pytest.raises(ArgumentError) as caught:
        check_parameters(notebook, {name: value})
    for lang in ("zh", "en"):
        said = caught.value.sentence(lang)
        assert name in said
        assert repr(value) in said
        assert "n.ipynb" in said


def test_an_unknown_name_lists_the_known_and_the_closest(notebook):
    with pytest.raises(ArgumentError) as caught:
        check_parameters(notebook, {"distict": "x"})
    assert str(caught.value) == (
        "Notebook n.ipynb has no parameter `distict`. It takes: district, year, share, final."
        " Did you mean `district`?"
    )
    assert "没有参数“distict”" in caught.value.sentence("zh")
    assert "是否想写“district”" in caught.value.sentence("zh")


def test_a_far_name_gets_no_guess(notebook):
    with pytest.raises(ArgumentError, match=r"share, final\.$"):
        check_parameters(notebook, {"qqqq": 1})


def test_no_parameters_cell(tmp_path):
    path = write_notebook(tmp_path / "bare.ipynb", "1", parameters=None)
    with pytest.raises(ArgumentError, match="no cell tagged `parameters`"):
        check_parameters(path, {})


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernelspec": {"name": "python3"}}, {"kernelspec": {"language": "python"}}],
)
def test_a_notebook_that_names_no_kernel_or_no_language(tmp_path, metadata):
    path = write_notebook(tmp_path / "n.ipynb")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": metadata}))
    with pytest.raises(ArgumentError, match=r"n\.ipynb does not say which kernel runs it"):
        check_parameters(path, {})


def test_no_notebook_and_no_json(tmp_path):
    with pytest.raises(ArgumentError, match="There is no notebook at"):
        declared_parameters(tmp_path / "none.ipynb")
    (tmp_path / "bad.ipynb").write_text("[]")
    with pytest.raises(ArgumentError, match="is no Jupyter notebook"):
        declared_parameters(tmp_path / "bad.ipynb")


@pytest.mark.parametrize(
    "line",
    [
        "x = None",
        "x = [1]",
        "x = y = 1",
        "x, y = (1, 2)",
        "x = 1 + 1",
        "x: int = 1 + 1",
        "x: int = y",
        "x: list = [1]",
        "import os",
        "x: int = 'a'",
        "x: int =",
    ],
)
def test_only_literals(tmp_path, line):
    with pytest.raises(ArgumentError, match="name: type = value") as caught:
        parse_parameters(line, tmp_path / "n.ipynb")
    assert line.rstrip(" =") in str(caught.value)


def test_without_an_annotation_the_default_gives_the_type(tmp_path):
    path = write_notebook(
        tmp_path / "n.ipynb", parameters="name = ''\nyear = 2023\nshare = -0.5\nfinal = True"
    )
    found = {name: parameter.type for name, parameter in declared_parameters(path).items()}
    assert found == {"name": "str", "year": "int", "share": "float", "final": "bool"}
    assert parse_values(path, {"year": "7", "share": "2"}) == {"year": 7, "share": 2.0}
    with pytest.raises(ArgumentError, match=r"`year` of notebook n\.ipynb must be int"):
        check_parameters(path, {"year": "7"})


@given(st.integers())
def test_text_of_an_int_is_read_back(number):
    assert parse_parameters(f"x: int = {number}", None)["x"].default == number


def test_texts_take_the_declared_types(notebook):
    texts = {"district": "7", "year": "2022", "share": "0.25", "final": "true"}
    assert parse_values(notebook, texts) == {"district": "7", "year": 2022, "share": 0.25, "final": True}


@pytest.mark.parametrize(("name", "text"), [("year", "2023.5"), ("year", "x"), ("final", "perhaps")])
def test_a_text_of_another_type_is_refused(notebook, name, text):
    with pytest.raises(ArgumentError, match=f"Parameter `{name}`"):
        parse_values(notebook, {name: text})


def test_a_language_that_there_is_none_of_is_refused(tmp_path):
    ours = write_notebook(tmp_path / "ours.ipynb", parameters='lang: str = "zh"')
    theirs = write_notebook(tmp_path / "theirs.ipynb", parameters='lang: str = "deutsch"')
    for refused in (
        lambda: parse_values(ours, {"lang": "fr"}),
        lambda: check_parameters(ours, {"lang": "fr"}),
    ):
        with pytest.raises(ArgumentError, match="zh, en") as caught:
            refused()
        assert caught.value.exit_code == 2
    assert parse_values(theirs, {"lang": "fr"}) == {"lang": "fr"}
