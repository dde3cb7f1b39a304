"""Run the entries of a case and look at what they answer."""

import json
import subprocess

from conformance.case import CaseError
from conformance.normalise import normalise
from conformance.sandbox import TIMEOUT, Sandbox


def cli_arg(value):
    """How an argument of a case is written on the command line."""
    if isinstance(value, str):
        return value
    return json.dumps(value)


def run_script(sandbox, script):
    done = subprocess.run(
        ["/bin/sh", "-c", sandbox.fill(script)],
        env=sandbox.env,
        cwd=sandbox.tmp,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    return {
        "rc": done.returncode,
        "stdout": done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace"),
    }


def run_entry(sandbox, entry, execute):
    """Run one entry of a case and return what was observed, not normalised.

    `execute(argv, env, cwd)` runs `saltern ARGV` and gives exit status, output and errors.
    """
    case = sandbox.case
    if "sh" in entry:
        return run_script(sandbox, entry["sh"])
    if "match" in entry:
        spec = entry["match"]
        minions = str(case.path / spec["minions"])
        exprs = str(case.path / spec["exprs"])
        argv = ["match", "--minions", minions, "--expr-file", exprs, "--out", "json"]
        rc, out, err = execute(argv, sandbox.env, sandbox.tmp)
        try:
            got = json.loads(out)
        except ValueError:
            return {"rc": rc, "error": (err + out).strip()}
        return {"rc": rc, "return": {k: sorted(v) for k, v in got.items()}}
    if "output" in entry:
        spec = entry["output"]
        argv = [
            "output",
            spec["outputter"],
            "--file",
            str(case.path / spec["file"]),
            "--opts",
            json.dumps(spec.get("opts") or {}),
        ]
        rc, out, err = execute(argv, sandbox.env, sandbox.tmp)
        if rc:
            return {"rc": rc, "error": (err + out).strip()}
        # spaces at the end of a line and empty lines at the end are not seen
        out = "\n".join(line.rstrip() for line in out.rstrip().splitlines()) + "\n"
        return {"rc": rc, "stdout": out}
    if "fun" not in entry:
        raise CaseError(f"{case.name}: an entry has none of fun, sh, match, output")
    argv = ["call", "--local", "--config-dir", str(sandbox.etc), "--out", "json", entry["fun"]]
    argv += [cli_arg(sandbox.fill(a)) for a in entry.get("arg") or []]
    argv += [f"{k}={cli_arg(sandbox.fill(v))}" for k, v in (entry.get("kwarg") or {}).items()]
    rc, out, err = execute(argv, sandbox.env, sandbox.tmp)
    try:
        value = json.loads(out)
    except ValueError:
        return {"rc": rc, "error": (err + "\n" + out).strip()}
    if isinstance(value, dict) and list(value) == ["local"]:
        value = value["local"]
    return {"rc": rc, "return": value}


def entry_label(entry):
    if "fun" in entry:
        words = [entry["fun"]]
        words += [cli_arg(a) for a in entry.get("arg") or []]
        words += [f"{k}={cli_arg(v)}" for k, v in (entry.get("kwarg") or {}).items()]
        return " ".join(words)
    if "sh" in entry:
        return "sh: " + entry["sh"].strip().splitlines()[0]
    if "match" in entry:
        return "match " + entry["match"]["exprs"]
    return f"output {entry['output']['outputter']}"


def observe(case, execute):
    """Run all the entries of a case; the list of normalised observations."""
    sandbox = Sandbox(case)
    try:
        sandbox.setup()
        results = []
        for entry in case.run:
            observed = run_entry(sandbox, entry, execute)
            results.append(normalise(observed, sandbox, entry))
        return results
    finally:
        sandbox.close()
