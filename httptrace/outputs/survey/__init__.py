"""What `summary` gathers while a capture is read, within bounds, and the sections that its page is made of."""
