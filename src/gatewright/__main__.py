"""`python -m gatewright` is `gatewright`."""

from __future__ import annotations

from gatewright.cli import main

if __name__ == "__main__":
    main()
