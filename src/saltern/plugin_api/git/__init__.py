"""Git repositories by the program git: how it is called, what it says, and how a checkout is brought up to date."""
