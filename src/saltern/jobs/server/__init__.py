"""What stores of jobs on a server share: where it is, group commit, connections, and jobs in SQL tables."""
