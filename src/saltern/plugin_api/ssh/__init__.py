"""The files by which OpenSSH knows keys: of users that may log in, and of hosts that one may trust."""
