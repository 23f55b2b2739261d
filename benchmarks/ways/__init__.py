"""How each library is asked for a difference in means at the last prompt token."""
