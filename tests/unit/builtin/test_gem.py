"""`gem` and its states with gems that are built for it, in a throw-away root, beside what Salt 3006 answered there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = [pytest.mark.timeout(300), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]

_SPEC = (
    'Gem::Specification.new {{|s| s.name="trial-gem"; s.version="{}"; s.summary="x"; s.authors=["a"]; s.files=[] }}\n'
)


@pytest.fixture
def gems(tmp_path: Path) -> Path:
    for version in ("1.0", "1.1"):
        (tmp_path / "trial.gemspec").write_text(_SPEC.format(version))
        argv = [program("gem"), "build", "trial.gemspec"]
        subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


@in_throwaway_root
def test_functions(gems: Path):
    minion = Shipped(gems)
    assert minion.call("gem.version")[0].isdigit()
    made = minion.call("gem.install", str(gems / "trial-gem-1.0.gem"))
    assert made == "Successfully installed trial-gem-1.0\n1 gem installed"
    assert minion.call("gem.list", "trial-gem") == {"trial-gem": ["1.0"]}
    assert minion.call("gem.list", "nosuchgem") == {}
    assert minion.call("gem.sources_list") == ["https://rubygems.org/"]
    assert minion.call("gem.uninstall", "trial-gem") == "Successfully uninstalled trial-gem-1.0"
    refused = minion.outcome("gem.install", "nosuchgem", source="http://127.0.0.1:1")
    assert refused.faults
    assert "Could not find a valid gem 'nosuchgem'" in refused.value


@in_throwaway_root
def test_states(gems: Path):
    trial, name = Trial(gems), str(gems / "trial-gem-1.0.gem")
    made = trial.thrice("gem.installed", name)
    assert made.foreseen == f"The gem {name} would have been installed"
    assert (made.done, made.changes) == ("Gem was successfully installed", {name: "Installed"})
    for version in ("1.0", ">=1.0", "~> 1.0", ">=0.9,<2"):
        met = trial.told("gem.installed", "trial-gem", version=version)
        assert met == (True, "Installed Gem meets version requirements.", {})
    for version in ("3.0", "<1.0", "~> 2.0"):
        assert trial.told("gem.installed", "trial-gem", version=version, dry=True)[0] is None
    assert trial.told("gem.installed", "trial-gem") == (True, "Gem is already installed.", {})
    assert trial.thrice("gem.installed", str(gems / "trial-gem-1.1.gem")).changes
    gone = trial.thrice("gem.removed", "trial-gem")
    assert (gone.foreseen, gone.done) == (
        "The gem trial-gem would have been removed",
        "Gem was successfully removed.",
    )
    known = trial.told("gem.sources_add", "https://rubygems.org/")
    assert known == (True, "Gem source is already added.", {})
    lost = trial.thrice("gem.sources_remove", "https://rubygems.org/")
    assert lost.changes == {"https://rubygems.org/": "Removed"}
