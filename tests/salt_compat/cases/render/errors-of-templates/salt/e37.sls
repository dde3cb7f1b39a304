{{ 'a'.nope }}
