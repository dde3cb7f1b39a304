"""Recorded cases: what Salt 3008.2 answered to commands, and a caller that asks our plugins the same.

A case is a directory with `case.yaml` (what to run), `expect.json` (an answer for each entry of `run`) and the trees
`salt/`, `salt@dev/` and `pillar/`. The words of an entry go through the command line's argument parsing, each entry
gets a plugin space of its own, as each command is a process of its own, and all entries share one cache directory.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import yaml

from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.plugins.encode import encode
from saltern.plugins.index import PluginIndex
from saltern.plugins.invoke import invoke
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.salt_compat.arguments import parse_words

CASES = Path(__file__).parent / "cases"
JID = "20260101000000000000"
GRAINS = {"id": "m1", "os": "Debian", "os_family": "Debian", "kernel": "Linux"}


class RecordedCase:
    """One case, unpacked below `work`."""

    def __init__(self, name: str, work: Path) -> None:
        source = CASES / name
        shutil.copytree(source, work, dirs_exist_ok=True)
        self._work = work
        self._case = yaml.safe_load((source / "case.yaml").read_text())
        self._expected = json.loads((source / "expect.json").read_text())
        self.entries = range(len(self._case["run"]))

    def expected(self, entry: int) -> Any:
        expected = self._expected[entry]
        return {**expected, "error": self._put_in(expected["error"])} if "error" in expected else expected

    def answer(self, entry: int) -> Any:
        """What we answer to an entry, in the shape of the recording."""
        one = self._case["run"][entry]
        if "sh" in one:
            script = self._put_in(one["sh"])
            done = subprocess.run(["sh", "-c", script], cwd=self._work, capture_output=True, text=True, timeout=30)
            return {"rc": done.returncode, "stdout": done.stdout}
        words = [self._word(word) for word in one.get("arg", ())]
        words += [f"{key}={self._word(value)}" for key, value in one.get("kwarg", {}).items()]
        rules = [*self._case.get("normalize", ()), *one.get("normalize", ())]
        return self._call(one["fun"], words, rules)

    def _call(self, fun: str, words: list[str], rules: list[dict[str, Any]]) -> Any:
        args, kwargs = parse_words(words)
        with self._space() as space:
            done = invoke(space, fun, args, kwargs, publication={"fun": fun, "jid": JID})
            if done.faults:
                return {"rc": 1, "error": done.faults[0].as_message()}
            value = msgspec.msgpack.decode(encode(done.value), strict=False)
        plain = _without_publication(json.loads(msgspec.json.encode(value)))
        return {"rc": done.retcode, "return": normalised(plain, rules)}

    def _space(self) -> PluginSpace:
        trees = {"base": [self._work / "salt"], "dev": [self._work / "salt@dev"]}
        verbs = file_verbs(RootsTree(trees))
        cachedir = self._work / "cache"
        opts = {"id": "m1", "file_client": "local", "cachedir": str(cachedir), "__role": "minion"}
        opts |= {"extension_modules": str(cachedir / "extmods"), **self._case.get("opts", {})}
        pillar = self._pillar()
        grains = {**GRAINS, **self._case.get("grains", {})}
        scope = Scope(
            {**opts, "grains": grains, "pillar": pillar},
            grains=grains,
            pillar=pillar,
            request=lambda verb, args: verbs[verb](args),
        )
        return PluginSpace(PluginIndex(SearchPath.of_opts(opts), str(cachedir / "index")), scope)

    def _pillar(self) -> dict[str, Any]:
        """The pillar of the plain cases at hand: all that is not the top file, without templates."""
        files = sorted(path for path in (self._work / "pillar").glob("*.sls") if path.stem != "top")
        return {key: value for path in files for key, value in yaml.safe_load(path.read_text()).items()}

    def _word(self, value: Any) -> str:
        return self._put_in(value if isinstance(value, str) else json.dumps(value))

    def _put_in(self, text: str) -> str:
        return text.replace("@TMP@", str(self._work)).replace("@SALT@", str(self._work / "salt"))


def agrees(answer: Any, expected: Any) -> bool:
    """Whether an answer is the recorded one. Of exit codes only zero or not counts; an error's text must be in ours."""
    if bool(answer["rc"]) != bool(expected["rc"]):
        return False
    if "error" in expected:
        return " ".join(expected["error"].split()) in " ".join(str(answer.get("error", "")).split())
    return {**answer, "rc": 0} == {**expected, "rc": 0}


def _without_publication(value: Any) -> Any:
    """Without the fields of the publication, which the recordings leave out too."""
    if not isinstance(value, dict):
        return value
    return {key: _without_publication(item) for key, item in value.items() if not key.startswith("__pub_")}


def normalised(value: Any, rules: list[dict[str, Any]]) -> Any:
    """The value after the rules of a case that these cases use: keep, sort, drop."""
    for rule in rules:
        for name, argument in rule.items():
            value = _RULES[name](value, argument)
    return value


def _keep(value: Any, names: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: value[key] for key in value if key in names}
    return [item for item in value if item in names] if isinstance(value, list) else value


def _sort(value: Any, path: str) -> Any:
    if isinstance(value, list) and not path:
        return sorted(value)
    if isinstance(value, dict) and path:
        return {key: sorted(item) if fnmatch.fnmatchcase(key, path) else item for key, item in value.items()}
    return value


def _drop(value: Any, path: str) -> Any:
    return value[: int(path)] + value[int(path) + 1 :] if isinstance(value, list) else value


def _sub(value: Any, argument: list[str]) -> Any:
    return re.sub(argument[0], argument[1], value) if isinstance(value, str) else value


_RULES = {"keep": _keep, "sort": _sort, "drop": _drop, "sub": _sub}
