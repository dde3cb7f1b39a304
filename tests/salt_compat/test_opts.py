"""Plugins see the configuration as Salt's one flat dictionary."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from saltern.config.master import MasterConfig
from saltern.config.minion import MinionConfig
from saltern.config.option import declared
from saltern.salt_compat.opts import to_opts


@pytest.mark.behaviour("LDR-05")
@pytest.mark.parametrize("kind", [MasterConfig, MinionConfig])
def test_every_option_is_there_under_salts_name(kind):
    opts = to_opts(kind(conf_file=Path("/etc/saltern/x"), extra={"mine": {"a": 1}}))
    assert set(declared(kind)) <= set(opts)
    assert opts["mine"] == {"a": 1}
    assert opts["conf_file"] == "/etc/saltern/x"
    assert opts["config_dir"] == "/etc/saltern"
    assert isinstance(opts["cachedir"], str)
    assert opts["file_roots"]["base"][0] == "/srv/salt"
    msgspec.json.encode(opts)


@pytest.mark.behaviour("LDR-05")
def test_one_calls_options_are_never_anothers():
    config = MinionConfig(id="m1")
    one = to_opts(config, grains={"os": "Debian"}, test=True)
    one["file_roots"]["base"].append("/evil")
    one["providers"]["pkg"] = "evil"
    two = to_opts(config)
    assert (one["test"], two["test"]) == (True, False)
    assert (one["grains"], two["grains"]) == ({"os": "Debian"}, {})
    assert "/evil" not in two["file_roots"]["base"]
    assert two["providers"] == {}
