"""Files as plugins handle them: what is asked of them, and every way to change one, as functions that know no dunder.

Paths are texts here, as in Salt: what a user typed is what messages and changes show.
"""
