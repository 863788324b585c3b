"""Congestion control mathematics (tier 1)."""
