"""`python -m httptrace`."""

from httptrace.cli.main import entry

if __name__ == "__main__":
    entry()
