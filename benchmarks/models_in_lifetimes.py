"""The side of lifetimes, run in an environment of its own; Kindred is not installed there."""

import sys
import warnings

import numpy as np
from models_timing import Steps, errors, report

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

MODELS = {"BG/NBD": BetaGeoFitter, "MBG/NBD": ModifiedBetaGeoFitter, "Pareto/NBD": ParetoNBDFitter}


def visits_of(data, before=""):
    return tuple(data[before + name].astype(float) for name in ("repeats", "last", "age"))


def shop(data):
    steps, visits = Steps(), visits_of(data)
    times = 5 if visits[0].size <= 100_000 else 1
    fitted = steps.best("fit BG/NBD", lambda: BetaGeoFitter().fit(*visits), times=times)
    expect = fitted.conditional_expected_number_of_purchases_up_to_time
    expected = steps.best("expected visits", lambda: expect(90, *visits))
    steps.best("still there", lambda: fitted.conditional_probability_alive(*visits))
    spend = steps.best(
        "fit Gamma-Gamma", lambda: GammaGammaFitter().fit(visits[0] + 1, data["spend"]), times=times
    )
    steps.best(
        "expected spend", lambda: spend.conditional_expected_average_profit(visits[0] + 1, data["spend"])
    )
    parameters = {name: float(value) for name, value in fitted.params_.items()}
    report(
        seconds=steps.seconds,
        processor_seconds=steps.processor_seconds,
        errors=errors(np.asarray(expected), data["next_visits"]),
        parameters=parameters,
    )


def cdnow(data):
    rows = []
    for split, days in (("sample, 273 days", 273), ("master, 273 days", 273), ("master, 91 days", 91)):
        visits, actual = visits_of(data, f"{split}:"), data[f"{split}:next_visits"]
        weeks = (visits[0], visits[1] / 7, visits[2] / 7)
        for name, kind in MODELS.items():
            steps = Steps()
            fitted = steps.best("fit", lambda weeks=weeks, kind=kind: kind().fit(*weeks), times=1)
            expect = fitted.conditional_expected_number_of_purchases_up_to_time
            expected = steps.best(
                "score", lambda expect=expect, weeks=weeks, days=days: expect(days / 7, *weeks)
            )
            rows.append({"split": split, "model": name} | steps.seconds | errors(np.asarray(expected), actual))
    report(holdout=rows)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    {"shop": shop, "cdnow": cdnow}[sys.argv[1]](np.load(sys.argv[2]))
