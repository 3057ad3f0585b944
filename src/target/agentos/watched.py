"""Runs a module as `python -m MODULE ARGUMENTS...` does, but only for as long as stdin is open.

Given to `python -c` by the launcher, which makes it the first of a process group of its own and keeps its
stdin open. When that ends, which also happens when the launcher is killed, the whole group is killed: the
module, and everything that it started.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_the_launcher():
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_launcher, daemon=True).start()
# why: with -c, it is the current folder of the user, which may have a module called `pip`
if sys.path[0] == "":
    del sys.path[0]
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
