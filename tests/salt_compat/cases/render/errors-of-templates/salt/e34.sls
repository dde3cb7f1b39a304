a: {{ grains['nope'] }}
