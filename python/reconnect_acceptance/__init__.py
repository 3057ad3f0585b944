"""The acceptance suite `reconnect-acceptance` as a Python package.

`find_binary()` is the path of the program; `python -m reconnect_acceptance` runs it. With pytest the package
brings a plugin: `pytest --reconnect-url ws://localhost:7777/workflows/ws` has one test for each requirement.
"""

from ._binary import BINARY_VARIABLE, find_binary

__all__ = ["BINARY_VARIABLE", "find_binary"]
