"""Sums of money that come out the same on every engine: whole cents, never doubles."""

import narwhals as nw


def cents(column: str) -> nw.Expr:
    """Amount in `column` as whole cents (int64)."""
    return (nw.col(column) * 100).round().cast(nw.Int64)


def sum_of(column: str) -> nw.Expr:
    """Sum of the amounts in `column`, exact to the cent, as float64 of the main unit.

    NA where every amount is NA (narwhals' own sum gives 0.0 there, which would be a made-up number).
    """
    total = cents(column).sum().cast(nw.Float64) / 100
    return nw.when(nw.col(column).count() > 0).then(total).otherwise(nw.lit(None)).alias(column)
