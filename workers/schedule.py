"""What beat rings. Two beats at once, or none for an hour, do no harm: what is due stands in the database."""

from shop_app.queueing import TaskName, queue_of

SWEEP_SECONDS = 60
LOOK_SECONDS = 1

SCHEDULE = {
    name.value: {
        "task": name.value,
        "schedule": seconds,
        "options": {"queue": queue_of(name).value, "expires": seconds},
    }
    for name, seconds in ((TaskName.SWEEP, SWEEP_SECONDS), (TaskName.LOOK, LOOK_SECONDS))
}
