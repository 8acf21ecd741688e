"""Boosted trees of scikit-learn, taught only with windows that end before the holdout begins."""

import sys

import numpy as np
from models_timing import Steps, errors, report
from sklearn.ensemble import HistGradientBoostingRegressor

SETTINGS = {
    "loss": "poisson",
    "learning_rate": 0.04,
    "max_iter": 150,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 5,
    "random_state": 0,
}


def features(repeats, last, age, log_gaps=None, spend=None):
    columns = [repeats, last, age, age - last, (age - last) / (last / np.maximum(repeats, 1) + 1)]
    columns += [] if spend is None else [log_gaps / np.maximum(repeats, 1), spend]
    return np.column_stack(columns).astype(np.float32)


def shop(data):
    """Learn from the 90 days before today, tell the next 90."""
    steps = Steps()
    taught = features(data["earlier_repeats"], data["earlier_last"], data["age"] - 90)
    known = data["repeats"] - data["earlier_repeats"]
    today = features(data["repeats"], data["last"], data["age"])
    model = steps.best(
        "fit boosted trees", lambda: HistGradientBoostingRegressor(**SETTINGS).fit(taught, known)
    )
    expected = steps.best("expected visits", lambda: model.predict(today))
    report(
        seconds=steps.seconds,
        processor_seconds=steps.processor_seconds,
        errors=errors(expected, data["next_visits"]),
    )


def cdnow(data):
    """Learn from the 91 days after three earlier days. For 273 days there is no such window yet."""
    split, steps = "master, 91 days", Steps()
    names = ("repeats", "last", "age", "log_gaps", "spend")
    parts = [f"{split}, taught {number}:" for number in range(3)]
    taught = np.concatenate([features(*(data[part + name] for name in names)) for part in parts])
    known = np.concatenate([data[f"{part}next_visits"] for part in parts])
    today = features(*(data[f"{split}:{name}"] for name in names))
    model = steps.best("fit", lambda: HistGradientBoostingRegressor(**SETTINGS).fit(taught, known))
    expected = steps.best("score", lambda: model.predict(today))
    row = {"split": split, "model": "boosted trees"} | steps.seconds
    report(holdout=[row | errors(expected, data[f"{split}:next_visits"])])


if __name__ == "__main__":
    {"shop": shop, "cdnow": cdnow}[sys.argv[1]](np.load(sys.argv[2]))
