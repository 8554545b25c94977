"""Runs a command until standard input ends, and then ends the command with all that it started.

A campaign starts emulators with it: if the process of the run is killed, its end of the pipe closes,
and no emulator is left behind.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Final

_TO_STOP: Final = 5.0


def main() -> None:
    """Run the command of the arguments; exit with its code if it ends first."""
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True) as process:  # noqa: S603 - the user's command
        threading.Thread(target=_end_with_input, args=(process,), daemon=True).start()
        code = process.wait()
    os._exit(abs(code))  # the thread still reads


def _end_with_input(process: "subprocess.Popen[bytes]") -> None:
    sys.stdin.buffer.read()
    _signal(process, "SIGTERM")
    with suppress(subprocess.TimeoutExpired):
        process.wait(_TO_STOP)
    _signal(process, "SIGKILL")


def _signal(process: "subprocess.Popen[bytes]", name: str) -> None:
    """Send a signal to the process and all that it started, where the system knows such groups."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, getattr(signal, name))
        else:
            process.kill()


if __name__ == "__main__":
    main()
