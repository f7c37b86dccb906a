"""`python -m tests.generate OUT.pcapng SEED...` writes the conversations of these seeds as one capture."""

from __future__ import annotations

import sys
from pathlib import Path

from .conversation import batch
from .write import save

if len(sys.argv) < 3:
    sys.exit(__doc__)
made = batch([int(seed) for seed in sys.argv[2:]])
save(Path(sys.argv[1]), made.records)
for each in made.conversations:
    print(f"stream {each.stream}: {each.name}, {len(each.captured)} packets from {each.captured[0].number} on")
