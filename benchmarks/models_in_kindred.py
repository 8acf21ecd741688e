"""Kindred's side of the purchase models."""

import sys

import numpy as np
import polars as pl
from models_timing import Steps, errors, report

from shop_app.segments.predictions.btyd import fit_bg_nbd, fit_purchases
from shop_app.segments.predictions.btyd_scores import expected_orders, order_probability, probability_alive
from shop_app.segments.predictions.spend import expected_spend, fit_spend


def frame_of(data, before=""):
    columns = ("repeats", "last", "age", "log_gaps", "spend")
    names = ("repeat_count", "t_x_days", "age_days", "log_gap_sum", "spend_per_visit")
    frame = pl.DataFrame({name: data[before + column] for name, column in zip(names, columns, strict=True)})
    return frame.with_columns(log_gap_sum=pl.when(pl.col("repeat_count") > 0).then("log_gap_sum"))


def shop(data):
    frame, steps = frame_of(data), Steps()
    fitted = steps.best("fit BG/NBD", lambda: fit_bg_nbd(frame), times=5)
    expected = steps.best("expected visits", lambda: expected_orders(frame, fitted, 90))
    steps.best("still there", lambda: probability_alive(frame, fitted))
    steps.best("chance of a visit", lambda: order_probability(frame, fitted, 90))
    spend = steps.best("fit Gamma-Gamma", lambda: fit_spend(frame))
    steps.best("expected spend", lambda: expected_spend(frame, spend))
    whole = steps.best("fit all and choose", lambda: fit_purchases(frame), times=1)
    steps.best("expected visits, chosen", lambda: expected_orders(frame, whole, 90), times=1)
    names = ("r", "alpha", "a", "b")
    report(
        seconds=steps.seconds,
        processor_seconds=steps.processor_seconds,
        errors=errors(expected, data["next_visits"]),
        parameters={name: getattr(fitted, name) for name in names},
    )


def cdnow(data):
    rows = []
    for split, days in (("sample, 273 days", 273), ("master, 273 days", 273), ("master, 91 days", 91)):
        frame, actual = frame_of(data, f"{split}:"), data[f"{split}:next_visits"]
        for name, fit in (("BG/NBD", fit_bg_nbd), ("as chosen", fit_purchases)):
            steps = Steps()
            fitted = steps.best("fit", lambda frame=frame, fit=fit: fit(frame))
            expected = steps.best(
                "score", lambda frame=frame, fitted=fitted, days=days: expected_orders(frame, fitted, days)
            )
            rows.append({"split": split, "model": name} | steps.seconds | errors(expected, actual))
    report(holdout=rows)


if __name__ == "__main__":
    {"shop": shop, "cdnow": cdnow}[sys.argv[1]](np.load(sys.argv[2]))
