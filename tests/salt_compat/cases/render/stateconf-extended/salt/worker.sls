#!stateconf yaml . jinja
.params:
  stateconf.set:
    - user: nobody
    - ports: [80]
# --- end of state config ---

.start:
  cmd.run:
    - name: serve {{ params.user }} {{ params.ports | join(" ") }}
