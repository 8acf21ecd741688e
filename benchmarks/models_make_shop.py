"""Write a shop whose customers buy and leave as BG/NBD says: visits by today, 90 days before, and after."""

import sys

import numpy as np

SEED = 20_260_630
WINDOW_DAYS, HORIZON_DAYS = 730, 90
R, ALPHA, A, B = 0.4, 40.0, 0.6, 2.5


def make(customers):
    chance = np.random.default_rng(SEED)
    age = chance.integers(HORIZON_DAYS + 1, WINDOW_DAYS + 1, customers)
    rate = chance.gamma(R, 1 / ALPHA, customers)
    leaving = chance.beta(A, B, customers)
    earlier, now = (Tally(customers) for _ in range(2))
    next_visits = np.zeros(customers, dtype=np.int64)
    time, there = np.zeros(customers), np.arange(customers)
    while there.size:
        time[there] += chance.exponential(1 / np.maximum(rate[there], 1e-12))
        there = there[time[there] < age[there] + HORIZON_DAYS]
        day = np.floor(time[there]).astype(np.int64)
        earlier.add(there, day, age - HORIZON_DAYS)
        now.add(there, day, age)
        next_visits[there[day >= age[there]]] += 1
        there = there[chance.random(there.size) >= leaving[there]]
    spend = np.maximum(1, chance.gamma(6.0, chance.gamma(4.0, 15.0, customers) * 2, customers)).round()
    return {
        "repeats": now.repeats,
        "last": now.last,
        "age": age,
        "log_gaps": now.logs,
        "earlier_repeats": earlier.repeats,
        "earlier_last": earlier.last,
        "next_visits": next_visits,
        "spend": spend,
    }


class Tally:
    """x, t_x and the gaps up to an age; several visits on one day are one."""

    def __init__(self, customers):
        self.repeats, self.last = (np.zeros(customers, dtype=np.int64) for _ in range(2))
        self.logs = np.zeros(customers)

    def add(self, who, day, age):
        counts = (day < age[who]) & (day > self.last[who])
        who, day = who[counts], day[counts]
        self.logs[who] += np.log(day - self.last[who])
        self.repeats[who] += 1
        self.last[who] = day


if __name__ == "__main__":
    np.savez(sys.argv[2], **make(int(sys.argv[1])))
