"""What clients say: typed messages and the session that answers them (tier 4)."""
