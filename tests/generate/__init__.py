"""Conversations whose truth is known because they were made: everything follows from one integer seed.

From left to right: `http` writes a dialogue, `tcp` turns it into segments, `faults` disturbs what the
capture holds, `link` wraps segments in headers, `write` puts them into a capture, and `truth` says what a
reader must find there. `conversation` joins them."""
