"""What the walkthrough is made of: facts of a connection, the sentences that tell them, folding and
layout."""
