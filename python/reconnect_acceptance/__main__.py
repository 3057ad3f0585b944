"""`python -m reconnect_acceptance …` runs the program with these arguments."""

import os
import subprocess
import sys

from ._binary import find_binary


def main() -> int:
    """Runs the program, and returns its exit code."""
    command = [find_binary(), *sys.argv[1:]]
    if os.name == "nt":
        return subprocess.call(command)
    # One process: signals reach the program, and its exit code is this one's.
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
