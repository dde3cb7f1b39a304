{% for f in ["ok", "ch", "none", "miss", "badch", "strres", "nothing", "env", "salt_", "util", "inst", "sub", "pch", "exc", "cee"] %}
{{ f }}:
  stv.{{ f }}: []
{% endfor %}
withargs:
  stv.ok:
    - a: 5
    - zz: 1
lacks:
  stv.req: []
unl:
  stv.ok:
    - unless: [{fun: cond.yes}]
onl:
  stv.ok:
    - onlyif: [{fun: cond.no}]
onl2:
  stv.ok:
    - onlyif: [{fun: cond.arg, args: [q]}]
onl3:
  stv.ok:
    - onlyif: [{fun: cond.d, get_return: result}]
wat:
  stv.ok:
    - watch: [stv: ch]
