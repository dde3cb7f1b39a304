"""Sources of the SLS files that minions get, beside the top files: `master_tops`."""
