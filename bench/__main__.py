"""`python -m bench` (`make bench`): what catching up costs, per event."""

from bench.catch_up import main

if __name__ == "__main__":
    main()
