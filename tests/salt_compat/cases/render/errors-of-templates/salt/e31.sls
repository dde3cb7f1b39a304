{{ salt.nope.nope() }}
