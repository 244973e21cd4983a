"""`python -m floorpulse` is the command `floorpulse`."""

from floorpulse.cli import main

if __name__ == "__main__":
    main()
