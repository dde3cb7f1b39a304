x: {'test. nop': []}
