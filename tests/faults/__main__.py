"""What `make faults` runs: `python -m tests.faults`. Each part fails in each way, then some at random (SEED)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.faults.suite import at_random, in_turn, suite, table

CANDIDATES = 6
AT_RANDOM = 6


def main() -> None:
    """Run the suite, print the tables, and fail where something that was promised is lost."""
    seed = int(os.environ.get("SEED", "1"))
    only = os.environ.get("PART")
    with tempfile.TemporaryDirectory() as folder, suite(Path(folder), CANDIDATES) as running:
        parts = [part for part in running.town.parts if only in (None, part)]
        try:
            for name, fault in [*in_turn(parts), *([] if only else at_random(parts, AT_RANDOM, seed))]:
                seen = running.disturb(name, fault)
                print(f"{name} {fault}: {dict(seen.kinds)} {dict(seen.reasons)}", flush=True)
            kept = running.end()
        except BaseException:
            for log in Path(folder).glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
            raise
    count = len(running.seen) - (0 if only else AT_RANDOM)
    print(f"\n{CANDIDATES} candidates. In turn:\n\n{table(running.seen[:count])}")
    if not only:
        print(f"\nAt random, seed {seed}:\n\n{table(running.seen[count:])}")
    print(
        f"\n{kept.acknowledged} messages were acknowledged; {kept.promised} references were given, {kept.arrived} arrived, "
        f"{kept.again} mails came again with the same Message-ID."
    )
    print("\n".join(kept.problems) or "Nothing that was acknowledged or promised is lost.")
    sys.exit(1 if kept.problems else 0)


if __name__ == "__main__":
    main()
