"""What programs print that draw with Hypothesis, in processes that differ in all that must not matter."""

import os
import subprocess
import sys
from pathlib import Path


def printed_by_two_processes(program: str, folder: Path) -> tuple[str, str]:
    """Run a program twice side by side: with another hash seed, and in a project with many numbers."""
    # Hypothesis reads the numbers in the modules of a project; here is one with many.
    (folder / "numbers_of_a_project.py").write_text(f"NUMBERS = {list(range(2, 2000))}\n")
    programs = {"0": program, "4242": "import numbers_of_a_project\n" + program}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", text],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed, text in programs.items()
    ]
    first, second = (process.communicate()[0] for process in running)
    return first, second
