{{ raise('boo') }}
