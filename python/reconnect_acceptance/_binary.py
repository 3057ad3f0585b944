"""Where the program is."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

BINARY_VARIABLE = "RECONNECT_ACCEPTANCE_BINARY"
"""The environment variable that names another binary than the installed one."""

_NAME = "reconnect-acceptance" + (sysconfig.get_config_var("EXE") or "")


def find_binary() -> str:
    """The path of the program: the one that `RECONNECT_ACCEPTANCE_BINARY` names, or the one that was installed
    with this package, or the first one in `PATH`.

    Raises `FileNotFoundError` with all places that were looked at.
    """
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        if Path(named).is_file():
            return named
        raise FileNotFoundError(f"{BINARY_VARIABLE} is {named!r}, and there is no such file")
    looked_at = [Path(folder) / _NAME for folder in _script_folders()]
    for path in looked_at:
        if path.is_file():
            return str(path)
    in_path = shutil.which(_NAME)
    if in_path:
        return in_path
    places = ", ".join(str(path) for path in looked_at)
    raise FileNotFoundError(
        f"{_NAME} is neither in {places} nor in PATH; install it again (pip install --force-reinstall "
        f"reconnect-acceptance), or name it by {BINARY_VARIABLE}"
    )


def _script_folders() -> "list[str]":
    """Where pip puts programs: of this environment, of the user, and beside `pip install --target`."""
    user = f"{os.name}_user" if os.name in ("nt", "posix") else "posix_user"
    if sys.platform == "darwin" and sys.flags.no_user_site == 0 and "osx_framework_user" in sysconfig.get_scheme_names():
        user = "osx_framework_user"
    target = Path(__file__).resolve().parent.parent / "bin"
    return [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", scheme=user), str(target)]
