import salt.utils.data
import salt.utils.dictupdate as dictupdate
import salt.utils.files
import salt.utils.json
import salt.utils.yaml
import salt.utils.path
import salt.utils.platform
import salt.utils.stringutils
import salt.utils.args
import salt.utils.hashutils
import salt.utils.url
import salt.utils.network
import salt.utils.validate.net
import salt.utils.odict
import salt.utils.versions
import salt.utils.decorators
import salt.utils.decorators.path
import salt.utils.user
import salt.utils.dateutils
from salt.utils.versions import LooseVersion
from salt.exceptions import CommandExecutionError, SaltInvocationError, CommandNotFoundError

D = {"a": {"b": [1, {"c": "x"}]}, "n": None, "t": "text"}

def data():
    u = salt.utils.data
    return [
        u.traverse_dict(D, "a:b"), u.traverse_dict_and_list(D, "a:b:1:c"), u.traverse_dict(D, "a:q", "dflt"),
        u.is_dictlist([{"a": 1}]), u.is_dictlist([{"a": 1, "b": 2}]), u.is_dictlist([]),
        u.repack_dictlist([{"a": 1}, {"b": [{"c": 2}]}, "d"]), u.repack_dictlist([{"a": 1}, {"b": [{"c": 2}]}], recurse=True),
        u.repack_dictlist(["x"], strict=True), u.repack_dictlist("no"),
        u.subdict_match(D, "t:te*"), u.subdict_match(D, "a:b:1"), u.subdict_match(D, "t:te.t", regex_match=True), u.subdict_match(D, "t:text", exact_match=True),
        u.compare_dicts({"a": 1, "b": 2}, {"b": 3, "c": 4}), u.compare_lists([1, 2], [2, 3]),
        u.decode({b"a": [b"x", (b"y",)]}), u.encode(["x"]) == [b"x"], u.is_true("yes"), u.is_true("True"), u.is_true(1), u.is_true("0"),
        u.filter_falsey({"a": 0, "b": [], "c": 1, "d": {"e": None}}), u.filter_falsey({"a": 0, "d": {"e": None}}, recurse_depth=1), u.filter_falsey([0, 1, ""], ignore_types=(int,)),
        u.recursive_diff({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 2}}), u.recursive_diff([1, 2], [2, 1]), u.recursive_diff([1, 2], [2, 1], ignore_order=True), u.recursive_diff({"a": 1}, {"b": 1}),
        u.recursive_diff({"a": 1, "x": 1}, {"a": 2, "x": 2}, ignore_keys=["x"]),
        u.stringify([1, "a", None]), u.flatten([1, [2, [3]]]), u.is_list([]), u.is_iter("x"), u.exactly_one([0, 1]), u.exactly_n([1, 1], 2),
        u.filter_by({"deb*": 1, "default": 2}, "os", {"os": "debian"}), u.filter_by({"x": {"a": 1}, "b": {"z": 1}}, "os", {"os": "x"}, base="b", merge={"m": 1}), u.filter_by({"default": 2}, "os", {}),
        u.simple_types_filter({1: (1, 2), "a": None}), u.sorted_ignorecase(["b", "A"]), u.substr_in_list("a", ["xay"]),
        dict(u.CaseInsensitiveDict({"Ab": 1})), u.CaseInsensitiveDict({"Ab": 1})["aB"],
    ]

def dicts():
    return [
        dictupdate.update({"a": {"b": 1}, "l": [1]}, {"a": {"c": 2}, "l": [2]}), dictupdate.update({"l": [1]}, {"l": [1, 2]}, merge_lists=True), dictupdate.update({"a": {"b": 1}}, {"a": {"c": 2}}, recursive_update=False),
        dictupdate.merge({"a": 1}, {"a": 2}, "list"), dictupdate.merge_recurse({"a": {"x": 1}}, {"a": {"y": 2}}), dictupdate.merge_overwrite({"a": {"x": 1}}, {"a": {"y": 2}}), dictupdate.merge_list({"a": 1, "c": 3}, {"a": 2, "b": 1}),
        dictupdate.ensure_dict_key({}, "a:b"), dictupdate.set_dict_key_value({}, "a:b", 1), dictupdate.append_dict_key_value({"a": {"b": [1]}}, "a:b", 2), dictupdate.extend_dict_key_value({"a": [1]}, "a", [2, 3]), dictupdate.update_dict_key_value({"a": {"b": 1}}, "a", {"c": 2}),
    ]

def texts():
    s = salt.utils.stringutils
    return [
        s.to_str(b"x"), s.to_unicode("x"), s.to_bytes("x") == b"x", s.to_num("1"), s.to_num("1.5"), s.to_num("x"), s.to_none(""), s.to_none(" "), s.to_none("a"), s.is_hex("ff"), s.is_hex("g"),
        s.dequote("'a'"), s.dequote("a"), s.is_quoted('"a"'), s.is_quoted("a"), s.contains_whitespace("a b"), s.human_to_bytes("1GB"), s.human_to_bytes("2k", handle_metric=True), s.expr_match("abc", "a*"), s.expr_match("abc", "ab."),
        s.check_whitelist_blacklist("a", whitelist=["b"]), s.check_include_exclude("/a/b", "/a/*"), s.check_include_exclude("/a/b", "E@b$", "x"), s.camel_to_snake_case("camelCase"), s.snake_to_camel_case("snake_case"),
        s.get_diff(["a\n"], ["b\n"]), s.is_binary("abc"), len(s.random(5)), s.get_context("1\n2\n3\n4\n5\n6\n7\n8\n9", 5, 1, " <--"), s.build_whitespace_split_regex("a b"),
    ]

def others():
    return [
        salt.utils.json.loads('{"a": 1}'), salt.utils.json.dumps({"ü": 1}), salt.utils.json.find_json('noise\n{"a": 2}\n'), salt.utils.yaml.safe_load("a: 010"), salt.utils.yaml.safe_dump({"a": [1], "b": {"c": "d"}}), salt.utils.yaml.safe_dump({"a": [1]}, default_flow_style=False),
        salt.utils.path.join("/a", "b", "../c"), salt.utils.path.which("sh") is not None, salt.utils.path.which("nosuch"), salt.utils.platform.is_linux(), salt.utils.platform.is_windows(),
        salt.utils.args.clean_kwargs(a=1, __pub_x=2), salt.utils.args.shlex_split("a 'b c'"), salt.utils.args.split_input("a, b"), salt.utils.args.yamlify_arg("[1, 2]"), salt.utils.args.yamlify_arg("x: y"), salt.utils.args.yamlify_arg("none"), salt.utils.args.yamlify_arg("1_000"), salt.utils.args.parse_kwarg("a=b"), salt.utils.args.test_mode(test=True), salt.utils.args.test_mode(x=1), salt.utils.args.invalid_kwargs({"z": 1}, raise_exc=False),
        salt.utils.hashutils.md5_digest("x"), salt.utils.hashutils.base64_b64encode("x"), salt.utils.hashutils.base64_encodestring("x"),
        salt.utils.url.parse("salt://a/b?saltenv=dev"), salt.utils.url.create("a/b", "dev"), salt.utils.url.split_env("salt://a?saltenv=x"), salt.utils.url.add_env("salt://a", "dev"), salt.utils.url.validate("http://x", ["http"]), salt.utils.url.strip_proto("http://x/y"), salt.utils.url.escape("salt://a?b"), salt.utils.url.unescape("salt://|a?b"), salt.utils.url.is_escaped("salt://|a"), salt.utils.url.add_http_basic_auth("https://h/p", "u", "p"), salt.utils.url.redact_http_basic_auth("https://u:p@h/x"),
        salt.utils.network.in_subnet("10.0.0.0/8", "10.1.1.1"), salt.utils.network.is_ip("10.0.0.1"), salt.utils.network.is_subnet("10.0.0.0/8"), salt.utils.network.ip_bracket("::1"), salt.utils.network.ip_bracket("[::1]", strip=True), salt.utils.network.calc_net("10.1.2.3", "255.255.0.0"), salt.utils.network.sanitize_host("a b$c.d"),
        salt.utils.validate.net.ipv4_addr("1.2.3.4"), salt.utils.validate.net.ipv4_addr("1.2.3.4/24"), salt.utils.validate.net.ipv6_addr("::1"), salt.utils.validate.net.mac("aa:bb:cc:dd:ee:ff"), salt.utils.validate.net.mac("x"), salt.utils.validate.net.netmask("255.255.0.0"), salt.utils.validate.net.netmask("255.0.255.0"),
        salt.utils.odict.OrderedDict([("a", 1)]), salt.utils.versions.version_cmp("1.2", "1.10"), LooseVersion("1.10") > LooseVersion("1.9"), LooseVersion("1.0rc1") == LooseVersion("1.0rc1"), salt.utils.versions.compare("1.0", "<=", "1.1"), salt.utils.versions.compare("1:1.0", "==", "1.0", ignore_epoch=True),
        salt.utils.user.get_user(), salt.utils.user.get_uid("root"), salt.utils.user.get_gid("root"), salt.utils.dateutils.strftime("2020-01-02", "%Y"),
        salt.utils.files.normalize_mode(644), salt.utils.files.normalize_mode("0644"), salt.utils.files.normalize_mode("0o755"), salt.utils.files.normalize_mode(None), salt.utils.files.safe_filename_leaf("a/b:c"), salt.utils.files.human_size_to_bytes("1K"), salt.utils.files.is_binary("/bin/sh"), salt.utils.files.is_text("/etc/passwd"), salt.utils.files.st_mode_to_octal(0o100644),
    ]

def files(path):
    with salt.utils.files.fopen(path, "w") as f:
        f.write("ü\n")
    with salt.utils.files.fopen(path) as f:
        text = f.read()
    with salt.utils.files.set_umask(0o077):
        salt.utils.files.copyfile(path, path + "2")
    with salt.utils.files.flopen(path + "2") as f:
        again = f.read()
    salt.utils.files.remove(path)
    salt.utils.files.safe_rm(path + "2")
    return [text, again, salt.utils.hashutils.get_hash("/dev/null"), salt.utils.files.is_empty("/dev/null")]

@salt.utils.decorators.path.which("nosuch-program")
def needs():
    return 1

@salt.utils.decorators.depends("nosuch_import")
def gone():
    return 1

@salt.utils.decorators.memoize
def once(x=1):
    return x

def utils():
    return [
        __utils__["dictupdate.update"]({"a": 1}, {"b": 2}), __utils__["data.is_true"]("yes"), __utils__["stringutils.to_num"]("3"), __utils__["json.loads"]("[1]"), __utils__["path.which"]("nosuch"),
        __utils__["args.clean_kwargs"](a=1, __pub_b=2), "files.fopen" in __utils__, __utils__["url.create"]("x"), __utils__["hashutils.sha256_digest"]("x"), __utils__["yaml.safe_load"]("a: 1"),
    ]
