"""Salt's event tags, and which of them a minion may fire. Format: behaviours EVT-02 and EVT-03."""

from __future__ import annotations

AUTH = "salt/auth"
KEY = "salt/key"
PRESENCE_PRESENT = "salt/presence/present"
PRESENCE_CHANGE = "salt/presence/change"

MAX_TAG = 512
"""Characters of a tag."""

_OWN = ("salt/minion/", "salt/beacon/", "minion/refresh/")
"""A minion may fire below these only where its id follows."""
_OF_THE_MASTER = (
    "salt/auth", "salt/key", "salt/job/", "salt/run/", "salt/wheel/", "salt/presence/", "salt/batch/", "salt/stats/",
    "salt/fileserver/", "salt/netapi/", "salt/cloud/", "salt/queue/", "salt/engines/", "salt/syndic/", "syndic/",
)  # fmt: skip
"""What these tags say, the master knows itself."""


def job_new(jid: str) -> str:
    return f"salt/job/{jid}/new"


def job_start(jid: str, minion: str) -> str:
    """A minion took a job that was published with `start_event` (behaviour JOB-25)."""
    return f"salt/job/{jid}/start/{minion}"


def job_ret(jid: str, minion: str) -> str:
    return f"salt/job/{jid}/ret/{minion}"


def job_progress(jid: str, minion: str, number: int) -> str:
    return f"salt/job/{jid}/prog/{minion}/{number}"


def job_error(jid: str, minion: str, fun: str) -> str:
    return f"salt/job/{jid}/sub/{minion}/error/{fun}"


def batch(jid: str, what: str) -> str:
    """`what`: `new`, `progress`, `complete`, `halted`, and beyond Salt's `paused`, `resumed`."""
    return f"salt/batch/{jid}/{what}"


def job_refused(jid: str) -> str:
    """The request to start a job was refused (behaviour JOB-05)."""
    return f"salt/job/{jid}/error"


def file_server_update(backend: str) -> str:
    """The files of a back end have changed."""
    return f"salt/fileserver/{backend}/update"


def run_new(jid: str) -> str:
    return f"salt/run/{jid}/new"


def run_ret(jid: str) -> str:
    return f"salt/run/{jid}/ret"


def run_progress(jid: str) -> str:
    return f"salt/run/{jid}/progress"


def wheel_new(jid: str) -> str:
    return f"salt/wheel/{jid}/new"


def wheel_ret(jid: str) -> str:
    return f"salt/wheel/{jid}/ret"


LEGACY_MINION_START = "minion_start"
"""A minion with `enable_legacy_startup_events` has started."""


def minion_start(minion: str) -> str:
    """A minion has started; with the grains that its `start_event_grains` names."""
    return f"salt/minion/{minion}/start"


def minion_refresh(minion: str) -> str:
    """What the master keeps of a minion's grains or pillar has changed (`minion_data_cache_events`)."""
    return f"minion/refresh/{minion}"


def beacons_of(minion: str) -> str:
    """How the tags begin of what a minion's beacons saw; the data is what the beacon tells, and the minion's `id`."""
    return f"salt/beacon/{minion}/"


def beacon(minion: str, name: str, rest: str = "") -> str:
    """A beacon of a minion saw something."""
    return f"{beacons_of(minion)}{name}/{rest}"


def problem_of_tag(tag: str) -> str:
    """Why this cannot be a tag; an empty text when it can."""
    if not tag:
        return "its tag is empty"
    if len(tag) > MAX_TAG:
        return f"its tag has {len(tag)} characters, {MAX_TAG} are allowed"
    if not tag.isprintable():
        return "its tag holds characters that cannot be printed"
    return ""


def problem_of_minion_tag(tag: str, minion: str) -> str:
    """Why the minion may not fire this tag: no tag at all, or one that speaks for the master or another minion."""
    if problem := problem_of_tag(tag):
        return problem
    if tag.startswith(_OF_THE_MASTER):
        return f"only the master fires {tag}"
    for prefix in _OWN:
        rest = tag.removeprefix(prefix)
        if rest != tag and rest != minion and not rest.startswith(f"{minion}/"):
            return f"{tag} speaks for another minion"
    return ""
