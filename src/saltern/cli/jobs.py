"""`saltern jobs VERB`: what the job cache knows, and what can be done with a job."""

from __future__ import annotations

from saltern.cli.verbs import dispatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return dispatch(
        "jobs",
        "Looks at the jobs of the job cache, follows, cancels, repeats and exports them.",
        {
            "list": (_verb("job_list"), "list jobs, newest first, by many filters"),
            "show": (_verb("job_show"), "a job, where it stands on each minion, its returns"),
            "watch": (_verb("job_watch"), "print returns as they arrive, as saltern run does"),
            "cancel": (_verb("job_cancel"), "stop a job on its minions"),
            "pause": (_batch("pause"), "let no more minions of a batch begin"),
            "resume": (_batch("resume"), "go on with a batch"),
            "stop": (_batch("stop"), "end a batch"),
            "rerun": (_verb("job_rerun"), "run the same again"),
            "report": (_verb("job_report"), "what the history tells: last runs, failures, states, people"),
            "import": (_verb("job_import"), "take over a history that Salt kept"),
            "check": (_verb("job_check"), "try out the configured job store"),
            "exports": (_exports("exports"), "the stores elsewhere that the master feeds"),
            "dead-letters": (_exports("dead_letters"), "what such a store refused"),
            "export": (_verb("job_export"), "write jobs with their returns to a file"),
        },
        argv,
        examples=(
            "saltern jobs list --since 2h --failed",
            "saltern jobs show 20261122085142537545",
            "saltern jobs rerun 20261122085142537545 --failed-only",
            "saltern jobs export --since 1d --file yesterday.csv",
        ),
    )


def _batch(action: str) -> Callable[[Sequence[str]], int]:
    def run(argv: Sequence[str]) -> int:
        from saltern.cli import job_batch

        return job_batch.main(action, argv)

    return run


def _exports(name: str) -> Callable[[Sequence[str]], int]:
    def run(argv: Sequence[str]) -> int:
        from saltern.cli import job_exports

        code: int = getattr(job_exports, name)(argv)
        return code

    return run


def _verb(module: str) -> Callable[[Sequence[str]], int]:
    def run(argv: Sequence[str]) -> int:
        import importlib

        code: int = importlib.import_module(f"saltern.cli.{module}").main(argv)
        return code

    return run
