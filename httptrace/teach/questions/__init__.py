"""Questions about a capture: which ones it offers, and which of them a quiz asks."""
