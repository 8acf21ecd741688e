"""Deleting a person: asked for now, done a little later, for everybody who is meant."""

from typing import Any

from sandbox.klaviyo.ids import new_long_id
from sandbox.klaviyo.world import World, now

KIND = "deletion_job"
_DELAY_SECONDS = 2.0


def ask(world: World, account: str, who: dict[str, Any]) -> None:
    """Note that a person is to be deleted; ``who`` is one of id, e-mail, phone."""
    job = {"id": new_long_id(world.state), "created": now(), "who": who, "done": False}
    world.state.put(account, KIND, job)


def delete_due(world: World, account: str) -> bool:
    """Delete those whose time has come; return whether any are still to be."""
    waiting = world.state.things_where(account, KIND, "$.done", 0)
    for job in waiting:
        if now() < job["created"] + world.wait_of(_DELAY_SECONDS):
            continue
        with world.state.together():
            ((name, value),) = job["who"].items()
            profile = world.state.profile_by(account, name, value)
            if profile is not None:
                world.state.drop_profile(account, profile["id"])
            world.state.put(account, KIND, job | {"done": True, "who": {}})
    return bool(waiting)
