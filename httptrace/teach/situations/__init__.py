"""Named situations: captures made for teaching, each with the truth about what it shows.

:data:`~httptrace.teach.situations.catalogue.SITUATIONS` has them all. Packets are written in plain Python, every time
and number is fixed, and so the same situation is the same file on every machine.
"""
