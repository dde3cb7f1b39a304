{%- set f = salt['grains.filter_by'] %}
{%- set non = {'X': {'a': 1}} %}
{%- set deb = {'Debian': {'a': 1}} %}
{%- macro t(label, v) %}
{{ label }}: {{ v | tojson }}
{%- endmacro %}
{{ t('no', f(non)) }}
{{ t('no merge empty', f(non, merge='')) }}
{{ t('no merge dict', f(non, merge={'b': 2})) }}
{{ t('no merge emptydict', f(non, merge={})) }}
{{ t('no merge none', f(non, merge=None)) }}
{{ t('no merge false', f(non, merge=False)) }}
{{ t("x", 1) }}
{{ t('deb merge empty', f(deb, merge='')) }}
{{ t('deb merge none', f(deb, merge=None)) }}
{{ t('deb merge list', f(deb, merge=[])) }}
{{ t('nested', f(deb, merge=f(non, merge=''))) }}
{{ t('base', f({'b': {'q': 1}}, merge='', base='b')) }}
{{ t('base2', f({'b': {'q': 1}}, merge={'r': 2}, base='b')) }}
{{ t('base nested', f({'b': {'q': 1}}, merge=f(non, merge='', grain='os_family'), base='b')) }}
{{ t('default', f({'default': {'q': 1}})) }}
{{ t('default name', f({'z': {'q': 1}}, default='z')) }}
{{ t('string', f({'Debian': 'x'})) }}
{{ t('list', f({'Debian': ['x']})) }}
{{ t('list merge', f({'Debian': ['x']}, merge='')) }}
{{ t('none', f({'Debian': None})) }}
{{ t('none merge', f({'Debian': None}, merge={'a': 1})) }}
{{ t('none base', f({'Debian': None, 'b': {'x': 1}}, base='b')) }}
{{ t('emptylookup', f({})) }}
{{ t('emptylookup merge', f({}, merge='')) }}
{{ t('emptylookup mergedict', f({}, merge={'x': 1})) }}
{{ t('default default', f({'default': 'Debian', 'Debian': {'a': 1}}, grain='nosuch')) }}
{{ t('grain none', f({'None': {'a': 1}}, grain='nosuch')) }}
{{ t('glob', f({'Deb*': {'a': 1}})) }}
{{ t('listgrain', f({'192.0.2.10': {'a': 1}}, grain='ipv4')) }}
{{ t('base missing', f({'Debian': {'a': 1}}, base='nope')) }}
