"""How fast httptrace is, and how much memory it takes, beside other programs, on captures that are written here.

`python -m benchmarks --help`. From left to right: `content` makes heads and bodies, `wire` puts them into packets,
`traffic` and `adversarial` are the shapes, `rows` keeps their captures; `measured` runs one program, `rounds` runs
them in turn, `report` says what is compared, `tables` writes it down. `cost` and `profiling` look inside.
"""
