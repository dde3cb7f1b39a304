"""Pillars of whole trees. What comes out was recorded from Salt 3008.2, but for what the last tests say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltern.assembly.local_pillar import compile_pillar
from saltern.plugins.index import PluginIndex
from saltern.plugins.search import SearchPath

MISSING = "Specified SLS '{}' in environment '{}' is not available on the salt master"


def tree(place: Path, **files: str) -> dict[str, list[str]]:
    """Pillar roots with files; a key is `env__path`, `_` in the path a slash."""
    roots: dict[str, list[str]] = {}
    for name, text in files.items():
        env, _, path = name.partition("__")
        file = place / env / f"{path.replace('_', '/')}.sls"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        roots.setdefault(env, [str(place / env)])
    return roots


def compiled(place: Path, files: dict[str, str], known: dict[str, Any] | None = None, **opts: Any) -> dict[str, Any]:
    asked = {name: opts.pop(name) for name in ("override", "saltenv") if name in opts}
    grains = {"id": "m1", "os": "Debian", "roles": ["web", "db"]} | opts.pop("grains", {})
    roots = tree(place, **files)
    index = PluginIndex(SearchPath.of_opts({}), str(place / "cache"))
    every = {"id": "m1", "pillar_roots": roots, "renderer": "jinja|yaml", **opts}
    return compile_pillar(index, every, grains, asked.get("override"), known=known, saltenv=asked.get("saltenv"))


# --- top files ------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("PIL-02")
def test_the_later_files_of_a_top_file_win_and_each_counts_once(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a, c, b], 'm1': [c], '?1': [a, d], x: [e]}",
        "base__a": "v: a\nd: {x: 1, y: 1}",
        "base__b": "v: b",
        "base__c": "v: c\nd: {x: 2}",
        "base__d": "w: d",
        "base__e": "never: 1",
    }
    assert compiled(tmp_path, files) == {"v": "b", "w": "d", "d": {"x": 2, "y": 1}}


@pytest.mark.behaviour("PIL-02")
def test_of_two_top_files_the_later_one_replaces_what_the_same_target_was_given(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}\ndev: {'*': [a]}",
        "base__a": "v: base\na: 1",
        "base__b": "v: bb\nbb: 1",
        "dev__top": "dev: {'m1': [b], '*': [b]}\nbase: {'m1': [b]}",
        "dev__a": "never: 1",
        "dev__b": "v: devb\ndb: 1",
    }
    assert compiled(tmp_path, files) == {"v": "devb", "a": 1, "bb": 1, "db": 1}


@pytest.mark.behaviour("PIL-02")
@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("base: {'*': [a]}\ndev: {'*': [a]}", {"v": "dev", "a": 1, "b": 1}),
        ("base: {'*': [nope, a]}", {"v": "base", "a": 1, "_errors": [MISSING.format("nope", "base")]}),
        ("base: {'*': [a], 'm*': [{ignore_missing: true}, nope]}", {"v": "base", "a": 1}),
        ("base: {'*': ['w.*', 'no.*']}", {"x": 1, "y": 1, "_errors": [MISSING.format("no.*", "base")]}),
        ("base: {'*': [a, {dev: a}, {b: {key: x}}]}", {"v": "base", "a": 1}),
        ("base: {'roles:db': [{match: grain}, a]}", {"v": "base", "a": 1}),
        ("base: {'*': [a]}\nqa: {'*': [a]}", {
            "v": "base", "a": 1, "_errors": ["No matching pillar environment for environment 'qa' found"]
        }),
    ],
)  # fmt: skip
def test_what_a_top_file_gives(tmp_path: Path, top: str, expected: dict[str, Any]):
    files = {"base__top": top, "base__a": "v: base\na: 1", "dev__a": "v: dev\nb: 1", "base__w_x": "x: 1"}
    assert compiled(tmp_path, {**files, "base__w_y": "y: 1"}) == expected


@pytest.mark.behaviour("PIL-02")
def test_environments_come_in_the_configured_order(tmp_path: Path):
    files = {"base__top": "base: {'*': [a]}\ndev: {'*': [a]}", "base__a": "v: base\na: 1", "dev__a": "v: dev\nb: 1"}
    assert compiled(tmp_path, files, env_order=["dev", "base"]) == {"v": "base", "a": 1, "b": 1}


@pytest.mark.behaviour("PIL-05")
def test_with_a_pillar_environment_nothing_else_counts(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}\ndev: {'*': [a]}",
        "base__a": "a: 1",
        "dev__top": "dev: {'*': [b]}\nbase: {'*': [a]}\nqa: {'*': [c]}",
        "dev__b": "b: {{ saltenv }} {{ opts.pillarenv }}",
    }
    assert compiled(tmp_path, files, pillarenv="dev") == {"b": "dev dev"}
    assert compiled(tmp_path, files, pillarenv_from_saltenv=True, saltenv="dev") == {"b": "dev dev"}


@pytest.mark.behaviour("PIL-05")
def test_the_dynamic_environment_is_there_for_those_who_ask_for_it(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}\nqa: {'*': [a]}",
        "base__a": "v: base",
        "qa__top": "qa: {'*': [a]}",
        "qa__a": "v: qa",
    }
    tree(tmp_path, **files)
    roots = {"__env__": [str(tmp_path / "__env__")], "base": [str(tmp_path / "base")]}
    index = PluginIndex(SearchPath.of_opts({}), str(tmp_path / "cache"))
    opts = {"id": "m1", "pillar_roots": roots}
    assert compile_pillar(index, opts, {}, pillarenv="qa") == {"v": "qa"}
    found = compile_pillar(index, opts, {})
    assert found == {"v": "base", "_errors": ["No matching pillar environment for environment 'qa' found"]}


@pytest.mark.behaviour("PIL-06")
@pytest.mark.parametrize("top", ["- a", "base:\n  '*':", "base: {'*': [a]}\nthird: [a]"])
def test_a_top_file_that_is_none_is_told_of_and_nothing_of_it_counts(tmp_path: Path, top: str):
    found = compiled(tmp_path, {"base__top": top, "base__a": "a: 1"}, ext_pillar=[{"cmd_json": "echo '{\"e\": 1}'"}])
    assert found["e"] == 1 and set(found) == {"e", "_errors"}
    assert found["_errors"][0].startswith("Error encountered while rendering pillar top file.\n")


@pytest.mark.behaviour("PIL-06")
def test_a_top_file_that_does_not_render_is_told_of_in_full(tmp_path: Path):
    found = compiled(tmp_path, {"base__top": "base: {{ nosuch.x }}"})
    assert found["_errors"] == [
        "Rendering Primary Top file failed, render error:\nJinja variable 'nosuch' is undefined; line 1\n\n---\n"
        "base: {{ nosuch.x }}    <======================\n---\nin salt://top.sls:1"
    ]


# --- SLS files ------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("PIL-03")
def test_includes_stand_beneath_the_file_below_keys_and_with_defaults(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}",
        "base__a": "include: [b, {c: {key: k}}, {e: {key: 'm:n:o'}}, {d: {defaults: {x: 1}}}]\nm: {n: {q: 1}}\nb: own",
        "base__b": "b: 1\nbb: 1",
        "base__c": "c: 1\ninclude: [b, {d: {key: dd, defaults: {x: 5}}}]",
        "base__d": "d: {{ x }}",
        "base__e": "e: 1",
    }
    assert compiled(tmp_path, files) == {
        "b": "own", "bb": 1, "k": {"b": 1, "bb": 1, "dd": {"d": 5}, "c": 1}, "m": {"n": {"o": {"e": 1}, "q": 1}},
        "d": 5,
    }  # fmt: skip


@pytest.mark.behaviour("PIL-03")
def test_included_files_win_if_the_option_says_so(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}",
        "base__a": "include: [b, {c: {key: 'k:l'}}]\na: 1\nk: {l: {z: 9, y: 1}}",
        "base__b": "a: 2",
        "base__c": "z: 3",
    }
    assert compiled(tmp_path, files, pillar_includes_override_sls=True) == {"a": 2, "k": {"l": {"z": 3, "y": 1}}}


@pytest.mark.behaviour("PIL-03")
def test_relative_includes_and_globs(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [p.q, p.r]}",
        "base__p_q_init": "include: [.s]\nq: 1",
        "base__p_q_s": "s: {{ [sls, slspath, tplfile, tpldir] | json }}",
        "base__p_r": "include: ['w*', 'no*', .t]",
        "base__p_t": "t: 1",
        "base__web": "w: 1",
    }
    assert compiled(tmp_path, files) == {
        "s": ["p.q.s", "p/q", "p/q/s.sls", "p/q"], "q": 1, "w": 1, "t": 1,
        "_errors": [MISSING.format("no*", "base")],
    }  # fmt: skip


@pytest.mark.behaviour("PIL-03")
def test_files_that_include_each_other_are_read_once_on_each_way(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a]}",
        "base__a": "include: [b]\na: 1\nv: a",
        "base__b": "include: [a]\nb: 2\nv: b",
    }
    assert compiled(tmp_path, files) == {"a": 1, "b": 2, "v": "a"}


@pytest.mark.behaviour("PIL-06")
def test_what_cannot_be_used_is_told_once_each_and_the_rest_counts(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [bad, text, inc, two, good]}",
        "base__bad": "x: 1\na: {{ x.y.z }}",
        "base__text": "text only",
        "base__inc": "include: notalist\nz: 1",
        "base__two": "include: [bad, nope]",
        "base__good": "good: 1",
    }
    assert compiled(tmp_path, files) == {
        "include": "notalist", "z": 1, "good": 1,
        "_errors": [
            "Rendering SLS 'bad' failed. Please see master log for details.\nin salt://bad.sls:2",
            "SLS 'text' does not render to a dictionary",
            "Include Declaration in SLS 'inc' is not formed as a list",
            MISSING.format("nope", "base"),
        ],
    }  # fmt: skip


@pytest.mark.behaviour("PIL-06")
def test_messages_are_told_if_the_option_says_so(tmp_path: Path):
    files = {"base__top": "base: {'*': [bad]}", "base__bad": "a: {{ x.y.z }}\n"}
    assert compiled(tmp_path, files, pillar_safe_render_error=False)["_errors"] == [
        "Rendering SLS 'bad' failed, render error:\nJinja variable 'x' is undefined; line 1\n\n---\n"
        "a: {{ x.y.z }}    <======================\n---\nin salt://bad.sls:1"
    ]


@pytest.mark.behaviour("PIL-03")
def test_templates_see_the_pillar_that_was_there_before_and_not_the_one_in_the_making(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a, b], 'I@role:x': [c]}",
        "base__a": "role: x",
        "base__b": "b: {{ pillar.get('z', 0) }}-{{ salt['pillar.get']('role', 'none') }}",
        "base__c": "c: 1",
    }
    assert compiled(tmp_path, files) == {"role": "x", "b": "0-none"}
    assert compiled(tmp_path, files, known={"z": 7, "role": "x"}) == {"role": "x", "b": "7-x", "c": 1}


# --- external pillars, overrides and the rest -----------------------------------------------------------------------

PLUGIN = """
def ext_pillar(minion_id, pillar, *args, **kwargs):
    seen = pillar.get("seen", [])
    return {"seen": seen + [[minion_id, list(args), kwargs]], "role": __pillar__.get("role")}
"""


@pytest.mark.behaviour("PIL-07")
def test_external_pillars_are_called_in_order_with_what_the_entry_holds(tmp_path: Path):
    (tmp_path / "ext" / "pillar").mkdir(parents=True)
    (tmp_path / "ext" / "pillar" / "probe.py").write_text(PLUGIN)
    (tmp_path / "ext" / "pillar" / "boom.py").write_text("def ext_pillar(m, p, a):\n    raise ValueError('boo')\n")
    (tmp_path / "ext" / "pillar" / "odd.py").write_text("def ext_pillar(m, p, a):\n    return [1]\n")
    roots = tree(tmp_path, base__top="base: {'*': [a]}", base__a="role: x")
    index = PluginIndex(SearchPath(extension_modules=str(tmp_path / "ext")), str(tmp_path / "cache"))
    entries = [{"probe": {"a": 1}}, {"nosuch": 1}, {"boom": 1}, {"probe": [1, 2]}, {"odd": 1}, {"probe": "word"}]
    found = compile_pillar(index, {"id": "m1", "pillar_roots": roots, "ext_pillar": entries}, {})
    assert found == {
        "role": "x",
        "seen": [["m1", [], {"a": 1}], ["m1", [1, 2], {}], ["m1", ["word"], {}]],
        "_errors": ["Failed to load ext_pillar boom: boo",
                    "Failed to load ext_pillar odd: it gave a list and no dictionary"],
    }  # fmt: skip
    malformed = compile_pillar(index, {"id": "m1", "pillar_roots": roots, "ext_pillar": ["probe"]}, {})
    assert malformed == {"role": "x", "_errors": ['The "ext_pillar" option is malformed']}


@pytest.mark.behaviour("PIL-07")
def test_external_pillars_that_come_first_are_seen_by_files_and_targets_which_win(tmp_path: Path):
    files = {
        "base__top": "base: {'I@role:web': [a], 'role:web': [{match: pillar}, b]}",
        "base__a": "d: {a: {{ pillar.role }}}\nl: [1]",
        "base__b": "b: {{ salt['pillar.get']('role') }}",
    }
    entries = [{"cmd_json": 'echo \'{"role": "web", "l": [2], "d": {"q": 1}}\''}]
    expected = {"role": "web", "l": [1], "d": {"q": 1, "a": "web"}, "b": "web"}
    assert compiled(tmp_path, files, ext_pillar_first=True, ext_pillar=entries) == expected


@pytest.mark.behaviour("PIL-04", "PIL-13")
def test_what_is_given_is_laid_over_all_by_the_strategy(tmp_path: Path):
    files = {"base__top": "base: {'*': [a]}", "base__a": "v: base\nd: {x: 1}\nl: [1]"}
    given = {"d": {"n": 1}, "l": [7], "v": {"x": 1}}
    assert compiled(tmp_path, files, override=given) == {"v": {"x": 1}, "d": {"x": 1, "n": 1}, "l": [7]}
    joined = compiled(tmp_path, files, override=given, pillar_merge_lists=True)
    assert joined == {"v": {"x": 1}, "d": {"x": 1, "n": 1}, "l": [1, 7]}


@pytest.mark.behaviour("PIL-04")
def test_without_merging_only_the_top_file_of_the_base_is_read(tmp_path: Path):
    files = {
        "base__top": "base: {'*': [a, c]}",
        "base__a": "d: {a: 1}",
        "base__c": "d: {b: 1}",
        "dev__top": "dev: {'*': [b]}",
        "dev__b": "d: {c: 1}",
    }
    assert compiled(tmp_path, files, pillar_source_merging_strategy="none") == {"d": {"a": 1, "b": 1}}


@pytest.mark.behaviour("PIL-11")
def test_a_renderer_that_may_not_decrypt_is_refused(tmp_path: Path):
    files = {"base__top": "base: {'*': [a]}", "base__a": "c: [x, {y: z}]"}
    assert compiled(tmp_path, files, decrypt_pillar=[{"c": "nosuch"}, "not:there"])["_errors"] == [
        "Failed to decrypt pillar key 'c': 'nosuch' is not a valid decryption renderer. Valid choices are: gpg"
    ]


@pytest.mark.behaviour("PIL-11")
def test_values_are_decrypted_wherever_a_path_leads(tmp_path: Path):
    (tmp_path / "ext" / "renderers").mkdir(parents=True)
    (tmp_path / "ext" / "renderers" / "upper.py").write_text("def render(data, **kwargs):\n    return data.upper()\n")
    roots = tree(tmp_path, base__top="base: {'*': [a]}", base__a="a: {b: x}\nl: [{p: y}]\nplain: z")
    index = PluginIndex(SearchPath(extension_modules=str(tmp_path / "ext")), str(tmp_path / "cache"))
    opts = {
        "id": "m1", "pillar_roots": roots, "decrypt_pillar": ["a|b", {"l|0|p": "upper"}],
        "decrypt_pillar_delimiter": "|", "decrypt_pillar_default": "upper", "decrypt_pillar_renderers": ["upper"],
    }  # fmt: skip
    assert compile_pillar(index, opts, {}) == {"a": {"b": "X"}, "l": [{"p": "Y"}], "plain": "z"}


@pytest.mark.behaviour("PIL-14")
def test_the_configuration_stands_in_the_pillar_if_the_option_says_so(tmp_path: Path):
    found = compiled(tmp_path, {"base__top": "base: {'*': []}"}, pillar_opts=True, grains={"secret": 1})
    assert found["master"]["id"] == "m1" and "grains" not in found["master"]
