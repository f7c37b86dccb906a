"""The ladder: connections as a sequence diagram, drawn with the characters that a terminal has."""
