"""Who is here: rooms, participants and the events they cause (tier 3)."""
