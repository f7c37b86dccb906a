"""What `walk --why` adds below an entry: which number moved and why, the states, what is known by now, the rules."""
