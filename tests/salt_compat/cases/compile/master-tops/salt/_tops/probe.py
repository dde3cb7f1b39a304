def top(**kwargs):
    return {'base': ['p'], 'dev': sorted(kwargs), 'none': [kwargs['opts']['id'], kwargs['grains']['os']]}
