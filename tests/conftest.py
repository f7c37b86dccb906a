"""What all tests share."""

from __future__ import annotations

import signal

# A runner that starts the tests in the background may hand them down an ignored SIGINT; tests of Ctrl-C need the usual.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
