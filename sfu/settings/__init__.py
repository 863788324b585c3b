"""What each setting means and takes, by what it is about (tier 0)."""
