"""Helpers under Salt's names, where what they give is not in the recorded cases."""

from __future__ import annotations

import subprocess
from pathlib import Path

from saltern.plugin_api.salt.utils.user import get_group_dict, get_group_list
from saltern.plugin_api.salt.utils.versions import LooseVersion
from throwaway_root import in_throwaway_root


def test_versions_that_are_equal_are_one_in_a_set():
    assert LooseVersion("1.0") == LooseVersion("1.00")
    assert len({LooseVersion("1.0"), LooseVersion("1.00"), LooseVersion("1.1")}) == 2


@in_throwaway_root
def test_groups_without_a_name_are_left_out():
    subprocess.run(["groupadd", "-g", "54321", "named"], check=True, capture_output=True)
    subprocess.run(["useradd", "-N", "-g", "54321", "tria"], check=True, capture_output=True)
    assert get_group_dict("tria") == {"named": 54321}
    group = Path("/etc/group")
    group.write_text("".join(line for line in group.open() if not line.startswith("named:")))
    assert get_group_list("tria") == []
