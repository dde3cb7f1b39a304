{%- set f = salt['pillar.filter_by'] %}
{%- set non = {'X': {'a': 1}} %}
{%- set deb = {'web': {'a': 1}} %}
{%- macro t(label, v) %}
{{ label }}: {{ v | tojson }}
{%- endmacro %}
{{ t('no', f(non, pillar='role')) }}
{{ t('no merge empty', f(non, merge='', pillar='role')) }}
{{ t('no merge dict', f(non, merge={'b': 2}, pillar='role')) }}
{{ t('deb merge empty', f(deb, merge='', pillar='role')) }}
{{ t('base', f({'b': {'q': 1}}, merge='', base='b', pillar='role')) }}
