"""What Saltern costs, measured: `make bench`."""
