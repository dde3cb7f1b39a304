a: base
env: {{ saltenv }}
