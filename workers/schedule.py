"""What beat rings. Two beats at once, or none for an hour, do no harm: what is due stands in the database."""

from shop_app.queueing import QueueName, TaskName

SWEEP_SECONDS = 60

SCHEDULE = {
    "sweep": {
        "task": TaskName.SWEEP.value,
        "schedule": SWEEP_SECONDS,
        "options": {"queue": QueueName.KINDRED.value, "expires": SWEEP_SECONDS},
    }
}
