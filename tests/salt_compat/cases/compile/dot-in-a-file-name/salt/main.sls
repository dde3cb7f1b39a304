{% import "lib.macros.sls" as lib %}
{{ lib.nop("x") }}
