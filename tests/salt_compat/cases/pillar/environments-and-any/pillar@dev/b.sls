b: dev
env: {{ saltenv }}
