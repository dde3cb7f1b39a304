{{ salt['pillar.get']('nope', required=1) }}
