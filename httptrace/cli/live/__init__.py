"""What `httptrace live` is made of: the loop that reads, the thread that writes, the status, the closing words."""
