"""Processes on one machine: one reads packets and TCP, the others read what the connections say.

    capture -> packets -> tcp | events -> workers: http -> exchanges -> rows | numbers, order -> output

The map is in docs/architecture.md, the reasons in docs/adr/0012-workers-read-above-tcp.md.
"""
