"""Values as texts, and back."""
