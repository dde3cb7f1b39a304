"""Exit codes and the like."""
