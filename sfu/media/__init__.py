"""The forwarding core: published tracks in, subscribed tracks out (tier 2)."""
