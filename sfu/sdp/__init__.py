"""Session descriptions as values: parse, write and answer (tier 1)."""
