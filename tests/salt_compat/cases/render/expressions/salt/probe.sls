#!py
def run():
    out = {}
    for n, e in enumerate(EXPRS):
        try:
            r = __salt__['slsutil.renderer'](string='{{ ' + e + ' }}', default_renderer='jinja')
            out[e] = str(r)
        except Exception as x:
            out[e] = 'ERR ' + str(x).split(chr(10))[0][:150]
    return out

EXPRS = r'''
1457456400 | strftime
'2002/12/25' | strftime
'2002/12/25' | strftime('%Y')
1.5 | strftime('%Y')
'1040814000' | strftime('%Y-%m-%d')
None | strftime('%Y')
"" | strftime('%Y')
'2002/12/25 12:30' | date_format
'2002/12/25' | date_format('%d.%m.%y')
1040814000 | strftime
'a' | sequence
['a'] | sequence
('a',) | sequence
{'a': 1} | sequence
None | sequence
{1,2}
'a"b\\c' | yaml_dquote
"it's" | yaml_squote
'x: y' | yaml_dquote
'x: y' | yaml_encode
true | yaml_encode
none | yaml_encode
1.5 | yaml_encode
'é\n' | yaml_encode
'é\n' | yaml_dquote
5 | yaml_dquote
none | yaml_squote
[1] | yaml_encode
{'a': 1} | yaml_encode
'yes' | to_bool
'YES' | to_bool
'true' | to_bool
'on' | to_bool
'1' | to_bool
1 | to_bool
2 | to_bool
0 | to_bool
'0' | to_bool
'2' | to_bool
'' | to_bool
'no' | to_bool
none | to_bool
[] | to_bool
[1] | to_bool
{} | to_bool
1.0 | to_bool
'y' | to_bool
't' | to_bool
['yes', 0, False, 'True'] | exactly_n_true(2)
['yes', 'no', 0, False] | exactly_n_true(1)
['yes', 0] | exactly_one_true
[1, 1] | exactly_one_true
[] | exactly_n_true(0)
'a b' | quote
"it's" | quote
'' | quote
'abc' | quote
5 | quote
'abcd' | regex_search('^(.*)BC(.*)$', ignorecase=True)
'abcd' | regex_search('b')
'abcd' | regex_search('x')
'abcd' | regex_search('(b)(c)')
'ab\ncd' | regex_search('^(c)', multiline=True)
'abcd' | regex_match('BC(.*)$', ignorecase=True)
'abcd' | regex_match('a(.)')
'abcd' | regex_match('b')
'abcd' | regex_match('ab')
'lets replace spaces' | regex_replace('\s+', '__')
'abc' | regex_replace('(b)', '[\\1]')
'aBc' | regex_replace('b', 'x', ignorecase=True)
'a\nb' | regex_replace('^', '>', multiline=True)
'a.b*c' | regex_escape
5 | regex_search('5')
['a', 'b', 'a'] | unique
{'a': 1} | unique
[[1], [1], [2]] | unique
[{'a': 1}, {'a': 1}] | unique
[1, 1.0, True, '1'] | unique
'' | uuid
5 | uuid
[1,2] | is_list
'ab' | is_list
(1,) | is_list
[1,2] | is_iter
'ab' | is_iter
{'a':1} | is_iter
5 | is_iter
[3,1,2] | min
[3,1,2] | max
['b','a'] | min
[] | min
[1,2,3] | avg
[1,2] | avg
5 | avg
'5' | avg
['1', '2'] | avg
[1,2] | union([2,3])
[1,2] | intersect([2,3])
[1,2] | difference([2,3])
[1,2] | symmetric_difference([2,3])
[1,1,2] | union([2,3,3])
{'a': 1} | union({'b': 1})
[3,2,1] | union([0])
[[1]] | union([[2]])
[1, [2, [3, [4]]]] | flatten
[1, [2, [3, [4]]]] | flatten(levels=1)
[1, [none, [3]]] | flatten(preserve_nulls=True)
[1, [none, [3]]] | flatten
{'a': [1]} | flatten
'ab' | flatten
[1, [2, [3, [4]]]] | flatten(2)
'abc' | method_call('upper')
'a,b' | method_call('split', ',')
[1] | method_call('nope')
[1,2,4] | compare_lists([1,3,4])
[] | compare_lists([1])
'ab' | compare_lists('ac')
{'a': 'b'} | compare_dicts({'a': 'c'})
{'a': {'x': 1}} | compare_dicts({'a': {'x': 2}})
'0xabcd' | is_hex
'xyzt' | is_hex
'ff' | is_hex
'' | is_hex
255 | is_hex
'a b' | contains_whitespace
'ab' | contains_whitespace
'' | contains_whitespace
'a\tb' | contains_whitespace
'abc' | substring_in_list(['ab', 'xabcx'])
'abc' | substring_in_list(['ab', 'c'])
'x' | substring_in_list([])
'x' | substring_in_list('xyz')
5 | check_whitelist_blacklist(whitelist=[5, 6, 7])
5 | check_whitelist_blacklist(blacklist=[5, 6, 7])
'ab' | check_whitelist_blacklist(whitelist=['a*'])
'ab' | check_whitelist_blacklist(whitelist=['a*'], blacklist=['*b'])
'ab' | check_whitelist_blacklist
'ab' | check_whitelist_blacklist('a.')
'wall of text' | to_bytes
'é' | to_bytes
'é' | to_bytes('latin-1')
5 | to_bytes
[1,2] | tojson
{'a': '<b>'} | tojson
"it's" | tojson
{'b': 1, 'a': [true, none, 1.5]} | tojson
{'b': 1, 'a': 2} | tojson(indent=2)
'é' | md5
5 | md5
'' | sha256
none | md5
'Z2V0IHNhbHRlZA==' | base64_decode
'é' | base64_encode
5 | base64_encode
'get salted' | hmac('shared secret', 'eBWf9bstXg+NiP5AOwppB5HMvZiYMPzEM9W5YMm/AmQ=')
'get salted' | hmac('shared secret', 'NS2BvKxFRk+rndAlFbCYIFNVkPtI/3KiIYQw4okNKU8=')
'get salted' | hmac_compute('shared secret')
{'a1': {'b1': {'c1': 'foo'}}} | traverse('a1:b1')
{'a1': {'b1': {'c1': 'foo'}}} | traverse('a1:b2', 'd')
{'a1': {'b1': {'c1': 'foo'}}} | traverse('a1.b1', delimiter='.')
{'a': [{'b': 1}]} | traverse('a:0:b')
{'a': [{'b': 1}]} | traverse('a:b')
{1: {2: 'x'}} | traverse('1:2')
{'a': none} | traverse('a:b')
{'a': 1} | traverse('')
[1,2] | traverse('0')
'abc' | traverse('0')
{'a': [{'b': 1}, {'b': 2}]} | json_query('a[*].b')
{'a': 1} | json_query('b')
{'a': 1} | json_query('!!')
'camelsWillLoveThis' | to_snake_case
'HTTPServer2X' | to_snake_case
'snake_case_for_the_win' | to_camelcase
'snake_case' | to_camelcase(uppercamel=True)
'a-b c' | to_camelcase
'1k' | human_to_bytes
'2M' | human_to_bytes
'1 KB' | human_to_bytes(handle_metric=True)
'1KiB' | human_to_bytes
'5' | human_to_bytes
'5B' | human_to_bytes
'10g' | human_to_bytes
'1.5G' | human_to_bytes
'xx' | human_to_bytes
7 | human_to_bytes
'5' | human_to_bytes(default_unit='M')
{'a': 1} | set_dict_key_value('b:c:d', 5)
{'a': {'b': 1}} | set_dict_key_value('a', 2)
{} | set_dict_key_value('a.b', 5, delimiter='.')
{} | set_dict_key_value('a:b', 5, ordered_dict=True)
{} | update_dict_key_value('a:b', {'c': 1})
{'a': {'b': {'x': 1}}} | update_dict_key_value('a:b', {'c': 1})
{'a': {'b': 5}} | update_dict_key_value('a:b', {'c': 1})
{} | append_dict_key_value('a:b', 1)
{'a': {'b': [1]}} | append_dict_key_value('a:b', 2)
{'a': {'b': 5}} | append_dict_key_value('a:b', 2)
{} | extend_dict_key_value('a:b', [1, 2])
{'a': {'b': [0]}} | extend_dict_key_value('a:b', [1, 2])
{'a': {'b': [0]}} | extend_dict_key_value('a:b', 'xy')
{'a': {'b': [0]}} | extend_dict_key_value('a:b', 5)
'192.168.0.1' | is_ip
'fe80::' | is_ip
'10.0.0.1/8' | is_ip
'nope' | is_ip
'192.168.0.1' | is_ip(options='global')
'192.168.0.1' | is_ip(options='private')
'192.168.0.1' | is_ipv4
'fe80::' | is_ipv4
'fe80::' | is_ipv6
'10.0.0.1' | is_ipv6
['192.168.0.1', 'foo', 'bar', 'fe80::'] | ipaddr
['192.168.0.1', 'foo', 'fe80::'] | ipv4
['192.168.0.1', 'foo', 'fe80::'] | ipv6
'192.168.0.1' | ipaddr
'foo' | ipaddr
'192.168.0.1/24' | ipaddr
'192.168.0.1' | ipaddr(options='public')
['8.8.8.8', '10.0.0.1', '127.0.0.1'] | ipaddr(options='private')
['8.8.8.8', '10.0.0.1', '127.0.0.1'] | ipv4(options='loopback')
5 | ipaddr
none | ipaddr
'192.168.0.1/30' | network_hosts
'192.168.0.0/30' | network_hosts
'10.0.0.1' | network_hosts
'192.168.0.1/8' | network_size
'fe80::/64' | network_size
'192.168.0.12/28' | ip_host
'fe80::a/64' | ip_host
['192.168.0.12/28', 'fe80::a/64', 'x'] | ip_host
'10.0.0.1' | ip_host
'nope' | network_size
'192.168.0.1' | ipwrap
'fe80::' | ipwrap
['192.168.0.1', 'fe80::', 'foo'] | ipwrap
'foo' | ipwrap
'00:11:22:33:44:55' | mac_str_to_bytes
'nope' | mac_str_to_bytes
['10.1.2.3', '192.168.1.1'] | filter_by_networks(['10.0.0.0/8'])
'10.1.2.3' | filter_by_networks(['10.0.0.0/8'])
['10.1.2.3'] | filter_by_networks([])
none | filter_by_networks(['10.0.0.0/8'])
'/etc/hostname-nope' | file_hashsum
'/nope-dir' | list_files
'/etc' | path_join('a', 'b')
'a' | path_join('/b')
'/' | path_join('etc')
'a' | path_join('b', use_posixpath=True)
'nope-program' | which
'/nope' | is_text_file
'/nope' | is_bin_file
'/dev/null' | is_empty
'/nope' | is_empty
'root' | get_uid
'nope-user' | get_uid
'5' | str_to_num
'5.5' | str_to_num
'abc' | str_to_num
'0x10' | str_to_num
'5' | to_num
5 | to_num
none | to_num
['b', 'A', 'c'] | sorted_ignorecase
{'b': 1, 'A': 2} | sorted_ignorecase
'bA' | sorted_ignorecase
5 | skip
'x' | skip
{'a': 1} | to_entries
[{'key': 'a', 'value': 1}] | from_entries
{'a': 1, 'b': {'c': 2}} | to_entries
[{'name': 'a', 'value': 1}] | from_entries
'a' is match('[a-b]')
'a' is match('[b-e]')
'A' is match('a', ignorecase=True)
'a' is equalto('a')
5 is equalto(5)
[1] is list
(1,) is list
'a' is list
{'a': 1, 'b': [1, 2]} | json
{'b': 1, 'a': 2} | json(sort_keys=False)
{'b': 1} | json(indent=2)
{'b': 1, 'a': [1, {'c': none}]} | yaml
{'b': 1, 'a': [1, {'c': none}]} | yaml(False)
{'b': 1} | yaml(flow_style=False)
'text' | yaml
'true' | yaml
none | yaml
5 | yaml
{'b': 1, 'a': 'x'} | python
{'a': {'b': 'c'}} | xml
'{"a": 1}' | load_json
'{a: 1}' | load_yaml
'{' | load_json
'text' | load_text
'a\nb' | load_text
'2012-01-01' | load_yaml
'' | load_yaml
'0644' | load_yaml
'0o17' | load_yaml
'1_000' | load_yaml
'yes' | load_yaml
'1:30' | load_yaml
{'a': 'é'} | json_encode_dict
['é'] | json_encode_list
{'a': 'é'} | json_decode_dict
['é'] | json_decode_list
'a' | mysql_to_dict
{'a': 1} | dictsort
[1,2,3] | join(', ')
'abc' | indent(4)
'a\nb' | indent(4, true)
{'a': 1}.items() | list
'%s-%s' | format(1, 2)
[{'a': 1}, {'a': 2}] | map(attribute='a') | list
[1,2,3] | select('odd') | list
[{'a': 1}] | selectattr('a', 'equalto', 1) | list
'abc' | center(9)
'a,b'.split(',')
[1,2,3] | batch(2) | list
[1,2,3] | sum
'x' | default('y')
nope | default('y')
'' | default('y', true)
{'a': odict([('b', 1)])}
odict([('b', 1), ('a', odict())])
ifelse(1, 2)
raise('boo')
show_full_context() | length > 5
grains.id
grains['id']
grains.get('nope', 'd')
pillar.get('nope', 'd')
salt['test.echo']('x')
salt.test.echo('x')
opts.id
sls
saltenv
namespace(a=1).a
range(3) | list
cycler('a', 'b').next()
joiner(',')()
lipsum is defined
dict(a=1)
1 / 0
'a' + 1
undefined_x
undefined_x.y
{}.nope
{}['nope']
[][5]
''.__class__
'abc' | truncate(2)
'hello world' | wordcount
'<a>' | e
'<a>' | escape
'abc' | reverse
'a' in 'abc'
5 is divisibleby(5)
none is none
'x' is string
{} is mapping
[1] is iterable
x is defined
1 | string
'1' | int
'x' | int(7)
'1.5' | float
[3,1] | sort
['b', 'A'] | sort
['b', 'A'] | sort(case_sensitive=true)
'abc' | first
[] | first
'abc' | last
'a b' | urlencode
'http://x.y' | urlize
1234567 | filesizeformat
'abc' | upper | lower | capitalize | title
-5 | abs
1.55 | round(1)
[1,1,2] | groupby(0)
{'x': 1} | xmlattr
'a' ~ 1 ~ none
'abc' | pprint
{'a': 1} | pprint
'<b>' | striptags
'abc' | wordwrap(1)
[1, [2]] | slice(2) | list
'abc'[1:]
true and 'x' or 'y'
not true
5 // 2
2 ** 3
7 % 4
'a' if true else 'b'
'a' if false
'x' | replace('x', 'y')
'a' * 3
[1,2] + [3]
1 < 2 < 3
"é" | length
'%d' % 5
'{}'.format(5)
'{0.__class__}'.format(5)
'abc' | list
{'a':1} | list
'abc' is in 'abcd'
5 | string | length
'abc' is lower
'ABC' is upper
none | string
none | length
true | int
{'a': 1} | items | list
'a' is filter
'json' is filter
'match' is test
callable is defined
'x' is sameas('x')
'test' | hash
'a' | ord
'/etc/passwd' | basename
'/etc/passwd' | dirname
'a.txt' | splitext
'x' | combine
'x' | ternary('a','b')
'x' | to_yaml
'x' | b64encode
'x' | bool
'10.0.0.1' | ipaddr('address')
[1,2] | strftime
'a-b' | regex_replace('-', '_', 1)
'a' | sha3
'a' | strip
' a ' | trim
'xxaxx' | trim('x')
'a' | hash_file
'foo' | sha224
'foo' | sha384
'foo' | crc32
'x' | is_sorted
{'a': {'b': 1}} | traverse(['a', 'b'])
[5, 3] | is_sorted
'x' | dict_to_sls_yaml_params
{'a': 1, 'b': [1]} | dict_to_sls_yaml_params
'C:/x' | salt_path
'x' | get_device_size
'{"a": 1}' | json_decode
'a' | exists
'abc' | print_json
'abc' | dateformat
'abc' | datetime
'x' | list_range
'9.9' | version_cmp('9.10')
'a'|ifelse
'a' | gen_hash
none | uuid
'a' | traverse('x')
'192.168.0.0/24' | ipv4(options='network')
'x' | network_filter
'x' | get_dict
[1,2,3] | nth(1)
'x' | escape_regex
{'a': 1} | combine({'b': 2})
'a' | human_readable
1024 | human_to_bytes
'x' | path_exists
'a' | encode
'x' | to_str
'x' | pillar
'x'|dump
{'a': 1} | dict_merge({'b': 2})
'x' | lookup
'x' | merge
'test' | shuffle
'test' | sample
'test' | rand
'x' | exactly_n
'a' | is_string
{'a': 1} | is_dict
'test' | trim_blocks
'test' | b64decode
5 | is_list
'a' | ipaddr | length
'192.168.1.1' | ipv6
'fe80::1%eth0' | is_ipv6
'::ffff:1.2.3.4' | is_ipv6
'256.1.1.1' | is_ip
'1.2.3' | is_ip
'1.2.3.4/33' | is_ip
'' | is_ip
'10.0.0.0/30' | network_hosts | length
'fe80::/126' | network_hosts
'fe80::1' | network_size
'192.168.1.0/24' | network_size
'1.2.3.4' | ipaddr(options='network')
['1.2.3.4', '10.0.0.0/8'] | ipaddr
'10.0.0.0/8' | ipaddr
'10.0.0.0/8' | ipaddr(options='size')
'10.0.0.1' | ipaddr(options='nope')
'abcd' | regex_match('a(b)?(x)?')
'abcd' | regex_search('a(b)?(x)?')
'a' | sequence | length
{'a': 1} | yaml_dquote
'tab\t' | yaml_dquote
"tab\t" | yaml_squote
"multi\nline" | yaml_squote
'a: b # c' | yaml_encode
'- a' | yaml_encode
'null' | yaml_encode
'123' | yaml_encode
'' | yaml_encode
' a' | yaml_encode
'☃' | yaml_encode
'☃' | yaml_dquote
['a', 'b'] | yaml_dquote
12345678901234567890 | yaml_encode
'%' | yaml_encode
'@a' | yaml_encode
'yes' | yaml_encode
{'k': 'v: w'} | yaml
{'k': 'line1\nline2'} | yaml(false)
['a', {'b': ['c']}] | yaml(false)
{'k': 'é'} | yaml
{'k': 'é'} | json
{'k': 1.0, 'n': 1e20} | json
{'d': (1, 2)} | json
{1: 2, none: 3, true: 4} | json
{'x': odict([('z', 1), ('a', 2)])} | json
odict([('z', 1), ('a', 2)]) | yaml
odict([('z', 1), ('a', 2)]) | json
'<&>' | json
'</script>' | json
'</script>' | tojson
{'a': 'b'} | xml | length
'text' | xml
{'a': {'b': {'c': 5}}} | xml
'a b c' | regex_replace(' ', '', 1)
'x'.join(['a', 'b'])
[1, 2] | tojson(indent=4)
'a' | set_dict_key_value('x', 1)
none | traverse('a')
{'a': {'b': 0}} | traverse('a:b', 'd')
{'a': {'b': ''}} | traverse('a:b', 'd')
{'a.b': 1} | traverse('a.b')
'1024' | human_to_bytes(default_unit='K')
'1kb' | human_to_bytes
'1 b' | human_to_bytes
'1T' | human_to_bytes
'1P' | human_to_bytes(handle_metric=true)
'1MB' | human_to_bytes(handle_metric=true)
'1MiB' | human_to_bytes(handle_metric=true)
'-1M' | human_to_bytes
'' | human_to_bytes
'test' | substring_in_list(['testing'])
'a' | list_files
'root' | get_uid | string
'5e3' | str_to_num
'' | str_to_num
' 5 ' | str_to_num
'٥' | str_to_num
'-5' | str_to_num
'1_000' | str_to_num
'x' | to_snake_case
'ABC' | to_snake_case
'aBC' | to_snake_case
'already_snake' | to_snake_case
'Camel Case' | to_snake_case
'alreadyCamel' | to_camelcase
'__a__b__' | to_camelcase
'' | to_camelcase
'2016-03-08 17:00' | strftime('%b %d')
'8 March 2016' | strftime('%Y-%m-%d')
'03/04/2016' | strftime('%Y-%m-%d')
'-1' | strftime('%Y')
0 | strftime
1e12 | strftime
true | strftime('%Y')
'10/04/2016 10:00 PM' | date_format('%H')
'2016-03-08T17:00:00Z' | date_format('%H %z')
'2016-03-08T17:00:00+05:00' | strftime('%H %z')
'''.strip().splitlines()
