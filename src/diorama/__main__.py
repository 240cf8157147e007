"""`python -m diorama`, the same as `diorama`."""

from diorama.cli import main

if __name__ == "__main__":
    main()
