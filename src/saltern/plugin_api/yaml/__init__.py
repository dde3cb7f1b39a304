"""YAML 1.1 as Salt reads and writes it, by safe means alone."""
