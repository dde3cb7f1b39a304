"""Results of states as records: what a run of states on one minion gave back, in the order of execution."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SEPARATOR = "_|-"


class Result(NamedTuple):
    """One state: the four parts of its key, and what was returned for it."""

    module: str
    id: str
    name: str
    function: str
    data: dict[str, Any]
    states: int = 1
    """How many states this one stands for, where those of one id are shown as one."""

    @property
    def result(self) -> Any:
        return self.data["result"]

    @property
    def changes(self) -> Any:
        return self.data["changes"]

    @property
    def warnings(self) -> list[str] | None:
        found = self.data.get("warnings")
        return [found] if isinstance(found, str) else found

    @property
    def changed(self) -> bool:
        return _has_changes(self.changes)

    @property
    def milliseconds(self) -> float:
        """The duration as a number; 0 when it is missing or none."""
        text = str(self.data.get("duration", "")).removesuffix("ms").strip()
        try:
            return float(text)
        except ValueError:
            return 0.0

    @property
    def colour(self) -> str:
        if self.result is None:
            return "LIGHT_YELLOW"
        if not self.result:
            return "RED"
        return "CYAN" if self.changed else "GREEN"


class StateRun(NamedTuple):
    """The results of one minion."""

    results: list[Result]

    @property
    def colour(self) -> str:
        """That of the last state which did not simply succeed."""
        shown = [result.colour for result in self.results if not result.result]
        return shown[-1] if shown else "GREEN"

    @property
    def milliseconds(self) -> float:
        """All durations together; states that ran in parallel count once, as the longest of them."""
        parallel = [result.milliseconds for result in self.results if result.data.get("__parallel__")]
        return max(parallel, default=0.0) + sum(
            result.milliseconds for result in self.results if not result.data.get("__parallel__")
        )

    def compressed(self) -> list[Result]:
        """The results with those of one id, function and outcome put together."""
        groups: dict[tuple[str, ...], list[Result]] = {}
        for result in self.results:
            same = (str(result.data.get("__sls__")), result.module, result.function, result.id, str(result.result))
            groups.setdefault(same, []).append(result)
        return [group[0] if len(group) == 1 else _together(group) for group in groups.values()]


def read_run(value: dict[str, Any]) -> StateRun:
    """The results of a minion's return; what is no result is left out, a broken one raises `TypeError`."""
    results = [_read(key, data) for key, data in value.items() if isinstance(data, dict) and "result" in data]
    return StateRun(sorted(results, key=_order))


def _read(key: str, data: dict[str, Any]) -> Result:
    parts = str(key).split(_SEPARATOR)
    if len(parts) < 4 or "comment" not in data or "changes" not in data:
        raise TypeError(f"{key!r} is not the result of a state")
    # A name may contain the separator itself.
    return Result(parts[0], parts[1], _SEPARATOR.join(parts[2:-1]), parts[-1], data)


def _order(result: Result) -> float:
    number = result.data.get("__run_num__")
    return number if isinstance(number, int | float) else float("inf")


def _has_changes(changes: Any) -> bool:
    """Whether something changed; of states run on other minions, whether any of them changed something."""
    if not isinstance(changes, dict) or changes.get("out") != "highstate" or not isinstance(changes.get("ret"), dict):
        return bool(changes)
    return any(_minion_changed(value) for value in changes["ret"].values())


def _minion_changed(value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    return any(_has_changes(state.get("changes")) for state in value.values() if isinstance(state, dict))


def _together(group: list[Result]) -> Result:
    first = group[0]
    changes = {result.name: result.changes for result in group if result.changes}
    data = {
        **first.data,
        "changes": {"compressed changes": changes} if changes else {},
        "duration": round(sum(result.milliseconds for result in group), 6),
    }
    name = f"state_compressed_{first.data.get('__sls__')}_{first.id}_{first.result}"
    return first._replace(name=name, data=data, states=len(group))
