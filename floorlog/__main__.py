"""`python -m floorlog` is `floorlog`."""

from floorlog.cli import main

main()
