"""A lab sheet made from one connection: tables with blanks, their answers, and marks for what was filled in."""
