"""The report: one HTML file that holds the exchanges of a capture, their packets, and which carried which bytes."""
