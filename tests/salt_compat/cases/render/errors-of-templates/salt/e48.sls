{{ self.nope() }}
