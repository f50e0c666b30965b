import pandas as pd

from perflib.measure.monitored import count_oddities


def months(project, pairs, year=2021, about="same"):
    rows = [(project, m, b, e) for m, b, e in pairs]
    frame = pd.DataFrame(rows, columns=["project", "month", "adjusted_budget", "executed"])
    return frame.assign(district="01", year=year, line=project, type="t", about=about)


ROWS = pd.concat(
    [
        months("even", [(m, 10.0, float(m)) for m in (2, 3, 5, 6)]),
        months("gap", [(2, 10.0, 1.0), (5, 10.0, 2.0), (6, 10.0, 2.0)]),
        months("back", [(2, 10.0, 3.0), (3, 12.0, 1.0)], about="other"),
        months("late", [(5, 10.0, 1.0), (6, 0.0, 1.0)], about="none"),
    ],
    ignore_index=True,
)


def test_what_is_odd_is_counted_by_unit_and_months_that_all_lack_are_no_gap():
    row = count_oddities(ROWS, keys=["district", "line", "type"], years=range(2021, 2022)).iloc[0].to_dict()
    assert row == {
        "year": 2021, "months_missing": "1, 4, 7, 8, 9, 10, 11, 12", "units": 4, "gap": 1, "restated": 2,
        "falling": 1, "zeroed": 1, "unlisted": 2, "lent": 1,
    }  # fmt: skip


def test_years_apart():
    both = pd.concat([ROWS, months("even", [(1, 1.0, 1.0)], year=2022)], ignore_index=True)
    found = count_oddities(both, keys=["district", "line", "type"], years=[2021, 2022])
    assert found["units"].tolist() == [4, 1]
    assert found["gap"].tolist() == [1, 0]
