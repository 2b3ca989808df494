"""make, as a person calls it."""
import os
import subprocess

from lib import peers

# What a make above hands down: it would have this one print which directory it enters.
OF_A_MAKE_ABOVE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")


def dry_run(*words):
    """The commands that make would run."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_A_MAKE_ABOVE}
    done = subprocess.run(["make", "--dry-run", *words], cwd=peers.ROOT, env=environment, capture_output=True, text=True,
                          check=True)
    return done.stdout.splitlines()
