#!stateconf yaml . jinja
.sls_params:
  stateconf.set:
    - name1: value1
    - name2: {{ sls }}
    - name3: "{{ name1 | default('nodef') }}"
# --- end of state config ---
.setup:
  test.nop:
    - name: {{ sls_params.name1 }}-{{ sls_params['name2'] }}-{{ sls_params.name3 }}
    - require: [{test: .other}, {test: a::other}, {sls: x}, {sls: .y}]
    - watch_in: [{test: .other}]
.other:
  test.nop: []
plain:
  test.nop:
    - require: [{test: .setup}, .other]
    - names: [.x, y]
    - onfail_any: [{test: .setup}]
    - listen: {test: .setup}
.named:
  test.nop:
    - names: [p, q]
    - prereq: [{test: .setup}]
    - use: [{test: .setup}]
    - onlyif: .x
.lf:
  test:
    - nop
    - watch: [{test: .setup}]
  cmd.run: []
