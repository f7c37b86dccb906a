"""The package compiled by mypyc (docs/adr/0022): the same output, the same tests."""
