"""The captures that httptrace is taught, demonstrated and tested with, and the scripts that write them.

`python -m captures.make` rewrites every synthetic one, byte for byte;
captures/README.md says what each shows.
"""
