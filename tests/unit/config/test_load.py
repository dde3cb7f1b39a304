from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from saltern.config.convert import distance, nearest
from saltern.config.master import MasterConfig, load_master_config
from saltern.config.minion import MinionConfig, load_minion_config
from saltern.config.option import declared, describe, plain
from saltern.config.salt_keys import SALT_KEYS, not_yet_used
from saltern.errors import ConfigError

SOURCE = Path(__file__).parents[3] / "src" / "saltern"


@pytest.fixture
def master(tmp_path: Path):
    """Writes a master file and loads it."""

    def load(text: str, **overrides) -> MasterConfig:
        (tmp_path / "master").write_text(text, encoding="utf-8")
        return load_master_config(tmp_path, overrides)

    return load


@pytest.fixture
def minion(tmp_path: Path):
    def load(text: str, **overrides) -> MinionConfig:
        (tmp_path / "minion").write_text(text, encoding="utf-8")
        return load_minion_config(tmp_path, overrides)

    return load


def error_of(load, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return caught.value


@pytest.mark.behaviour("CFG-02", "CFG-04")
def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    config = load_master_config(tmp_path)
    assert (config.port, config.interface, config.timeout, config.keep_jobs_seconds) == (4510, "0.0.0.0", 5.0, 86_400)
    assert config.pki_dir == Path("/etc/saltern/pki/master")
    assert config.cachedir == Path("/var/cache/saltern/master")
    assert config.sock_dir == Path("/run/saltern/master")
    assert config.log_file == "/var/log/saltern/master"
    assert config.file_roots == {"base": [Path("/srv/salt"), Path("/srv/spm/salt")]}
    assert config.pillar_roots["base"][0] == Path("/srv/pillar")
    assert config.id.endswith("_master")
    assert config.conf_file == tmp_path / "master"


@pytest.mark.behaviour("CFG-01")
def test_includes_override_the_main_file_as_a_whole_and_in_order(tmp_path: Path, master):
    (tmp_path / "master.d").mkdir()
    (tmp_path / "master.d" / "20.conf").write_text("timeout: 20\n")
    (tmp_path / "master.d" / "10.conf").write_text("timeout: 10\nnodegroups: {db: 'db*'}\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.conf").write_text("include: deeper.conf\nkeep_jobs_count: 1\n")
    (tmp_path / "more" / "deeper.conf").write_text("keep_jobs_count: 2\ninclude: [a.conf]\n")
    config = master("timeout: 1\nnodegroups: {web: 'web*'}\ninclude:\n  - more/*.conf\n")
    assert (config.timeout, config.nodegroups, config.keep_jobs_count) == (20.0, {"db": "db*"}, 2)


@pytest.mark.behaviour("CFG-01")
def test_default_include_may_be_changed(tmp_path: Path, master):
    (tmp_path / "x.yml").write_text("timeout: 8\n")
    assert master("default_include: '*.yml'\n").timeout == 8.0


def test_an_include_that_names_no_file_is_an_error_and_a_glob_is_not(master):
    assert "there is no file gone.conf" in error_of(master, "include: gone.conf\n").message
    assert master("include: gone/*.conf\n").timeout == 5.0


@pytest.mark.behaviour("CFG-02")
def test_the_command_line_overrides_files(master):
    config = master("timeout: 1\nlog_level: info\n", timeout=3, pki_dir=Path("/k"))
    assert (config.timeout, config.log_level, config.pki_dir) == (3.0, "info", Path("/k"))


@pytest.mark.behaviour("CFG-03")
def test_root_dir_prefixes_paths_and_leaves_urls_and_named_roots_alone(master):
    paths = "root_dir: /r\npki_dir: /keys\nautosign_file: /etc/sign\n"
    config = master(paths + "log_file: udp://log:514\nfile_roots: {base: [/srv/a]}\n")
    assert config.pki_dir == Path("/r/keys")
    assert config.cachedir == Path("/r/var/cache/saltern/master")
    assert config.extension_modules == Path("/r/var/cache/saltern/master/extmods")
    assert config.pidfile == Path("/r/run/saltern-master.pid")
    assert config.autosign_file == Path("/r/etc/sign")
    assert config.autoreject_file is None
    assert config.log_file == "udp://log:514"
    assert config.file_roots == {"base": [Path("/srv/a")]}
    assert config.pillar_roots["base"][0] == Path("/r/srv/pillar")


def test_a_relative_root_dir_starts_at_the_configuration(tmp_path: Path, master):
    assert master("root_dir: root\n").cachedir == tmp_path / "root/var/cache/saltern/master"


def test_a_users_own_keys_and_salts_unused_ones_are_kept(master):
    config = master("publish_port: 4505\nmy_roles: [web]\ngrains: {a: 1}\n")
    assert config.extra == {"publish_port": 4505, "my_roles": ["web"], "grains": {"a": 1}}
    assert not_yet_used(config.extra) == ["publish_port"]


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("id: m\ntimout: 5\n", "master:2:9: there is no option timout", "Did you mean timeout?"),
        ("job_cahce: False\n", "master:1:12: there is no option job_cahce", "Did you mean job_cache?"),
        ("timeout: ten\n", "master:1:10: timeout: expected a number, at least 0, got the text 'ten'", ""),
        ("port: '4510'\n", "master:1:7: port: expected a whole number from 0 to 65535, got the text '4510'", "quotes"),
        ("port: 70000\n", "master:1:7: port: expected a whole number from 0 to 65535, got the number 70000", ""),
        ("id: 12\n", "master:1:5: id: expected a text, got the number 12", "Write it in quotes."),
        ("auto_accept: 1\n", "master:1:14: auto_accept: expected True or False, got the number 1", ""),
        ("log_level: inf\n", "master:1:12: log_level: expected one of all,", "Did you mean info?"),
        ("\n\nfile_roots:\n  base: /srv\n", "master:4:3: file_roots: expected a mapping, each value a list", ""),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "master:4:3: c is set twice, first on line 3", ""),
        ("a: [1\nb: 2\n", "master:2:2: not YAML:", ""),
        ("a:\n\tb: 1\n", "master:2:1: not YAML:", "refuses tabs"),
        ("- a\n", "master:1:1: expected `key: value` lines", "mapping"),
        ("1: a\n", "master:1:1: expected a key that is a text, got 1", ""),
        ("a: 2026-13-45\n", "master:1:4: month must be in 1..12", "quotes"),
        ("a: !!python/object/apply:os.system [x]\n", "not YAML: could not determine a constructor", ""),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_remedy(master, text: str, place: str, hint: str):
    error = error_of(master, text)
    assert place in error.message
    assert hint in error.hint
    assert error.exit_code == 78


def test_a_syntax_error_shows_the_line(master):
    assert error_of(master, "ok: 1\na: b: c\n").message.endswith("\n    a: b: c")


def test_a_file_that_cannot_be_text_is_named(tmp_path: Path):
    (tmp_path / "master").write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match=r"master: not UTF-8 text \(byte 3\)"):
        load_master_config(tmp_path)
    (tmp_path / "master").unlink()
    (tmp_path / "master").mkdir()
    with pytest.raises(ConfigError, match="Is a directory"):
        load_master_config(tmp_path)


def test_an_empty_value_leaves_the_default_and_one_text_is_a_list_of_one(master):
    config = master("timeout:\nmodule_dirs: /srv/plugins\nhash_type: md5\n")
    assert (config.timeout, config.module_dirs, config.hash_type) == (5.0, [Path("/srv/plugins")], "md5")


def test_the_older_keep_jobs_is_hours_and_gives_way_to_the_newer_key(master):
    assert master("keep_jobs: 2\n").keep_jobs_seconds == 7200
    assert master("keep_jobs: 2\nkeep_jobs_seconds: 5\n").keep_jobs_seconds == 5


def test_yaml_anchors_and_merges_work(master):
    config = master("x: &x {a: 'a*'}\nnodegroups:\n  <<: *x\n  b: 'b*'\n")
    assert config.nodegroups == {"a": "a*", "b": "b*"}


@pytest.mark.behaviour("SCL-11")
def test_a_minion_may_have_one_master_or_several(minion):
    assert minion("id: a\nmaster: one:4511\n").master == "one:4511"
    assert minion("id: a\nmaster: [one, two]\nmaster_type: failover\n").master == ["one", "two"]
    assert minion("id: a\n").master == "salt"


def test_an_alias_sets_the_option_and_two_answers_are_refused(minion):
    assert minion("id: a\nmaster_finger: 'aa:bb'\n").master_fingerprint == "aa:bb"
    assert "keep one" in error_of(minion, "id: a\nmaster_finger: x\nmaster_fingerprint: y\n").message


def test_every_option_is_declared_with_a_sentence_and_a_default_of_its_type():
    for kind in (MasterConfig, MinionConfig):
        for one in declared(kind).values():
            assert one.option.sentence.endswith("."), one.name
            assert describe(one.type), one.name
            assert one.name not in SALT_KEYS, one.name
            msgspec.convert(plain(kind())[one.name], one.type, dec_hook=lambda kind, value: kind(value))


NO_OPTIONS = {
    "conf_file", "config_dir", "grains", "pillar",  # what the program knows, beside the options
    "nested_indent", "output_indent",  # of the command line alone
    "install", "remove", "source",  # arguments of semodule that are called so
    "test.foo",  # an example
}  # fmt: skip


def test_what_plugins_look_up_in_the_options_is_declared():
    """So that it stands in the reference, has a type, and is not called an option without effect."""
    words = {name for kind in (MasterConfig, MinionConfig) for name in declared(kind)}
    asked = re.compile(r"""opts(?:__)?(?:\.get\(|\[)["']([\w.]+)["']""")
    found = {name for file in SOURCE.rglob("*.py") for name in asked.findall(file.read_text())}
    assert {name for name in found if not name.startswith("__")} - words - NO_OPTIONS == set()


def test_salts_defaults_hold():
    salts = {"timeout": 5, "gather_job_timeout": 10, "keep_jobs": 24, "loop_interval": 60, "max_open_files": 100_000}
    assert salts.items() <= plain(MasterConfig()).items()
    salts = {"recon_default": 1000, "recon_max": 10_000, "acceptance_wait_time": 10, "process_count_max": -1}
    assert salts.items() <= plain(MinionConfig()).items()


def test_the_plain_form_has_paths_as_text_and_the_users_keys(master):
    values = plain(master("mine: 1\nfile_roots: {base: [/a]}\n"))
    assert (values["mine"], values["file_roots"], type(values["pki_dir"])) == (1, {"base": ["/a"]}, str)


def test_two_configurations_share_no_default(minion):
    first, second = minion("id: a\n"), minion("id: a\n")
    first.grains["x"] = 1
    first.file_roots["base"].append(Path("/x"))
    assert second.grains == {}
    assert Path("/x") not in second.file_roots["base"]


def test_nearness_counts_slips_of_the_finger():
    assert distance("timeout", "timeuot") == 1
    assert distance("", "abc") == 3
    assert nearest("intreface", ["interface", "id"]) == "interface"
    assert nearest("prot", ["port"]) == "port"
    assert nearest("users", ["user", "id"]) == ""
    assert nearest("ix", ["id"]) == ""


def test_a_flat_minion_file_is_read_without_yaml(tmp_path: Path):
    (tmp_path / "minion").write_text("id: web1\nmaster: localhost\n")
    program = (
        "import sys\nfrom saltern.config.minion import load_minion_config\n"
        f"load_minion_config({str(tmp_path)!r})\nprint('yaml' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.strip() == "False"
