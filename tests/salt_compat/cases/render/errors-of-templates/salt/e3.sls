a: {{ pillar['nope'] }}
