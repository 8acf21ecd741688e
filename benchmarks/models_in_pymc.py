"""The side of pymc-marketing, run in an environment of its own: the most likely parameters, default priors."""

import logging
import sys
import warnings

import numpy as np
import pandas as pd
from models_timing import Steps, errors, report
from pymc_marketing.clv import BetaGeoModel, ParetoNBDModel

MODELS = {"BG/NBD": BetaGeoModel, "Pareto/NBD": ParetoNBDModel}


def cdnow(data):
    rows, split = [], "sample, 273 days"
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(data[f"{split}:repeats"].size),
            "frequency": data[f"{split}:repeats"],
            "recency": data[f"{split}:last"] / 7,
            "T": data[f"{split}:age"] / 7,
        }
    )
    for name, kind in MODELS.items():
        steps, model = Steps(), kind(data=frame)
        steps.best("fit", lambda model=model: model.fit(method="map", progressbar=False), times=1)
        expected = steps.best(
            "score", lambda model=model: model.expected_purchases(data=frame, future_t=39), times=1
        )
        found = errors(np.asarray(expected).reshape(-1), data[f"{split}:next_visits"])
        rows.append({"split": split, "model": name} | steps.seconds | found)
    report(holdout=rows)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    {"cdnow": cdnow}[sys.argv[1]](np.load(sys.argv[2]))
