"""What scripts need beyond Python itself, and the line they end with where it is missing."""
import importlib
import pathlib
import sys


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def fail_missing(module, reason, package, otherwise=""):
    fail(f"{sys.executable} cannot import {module} ({reason}); install Debian's {package} and run "
         f"this script with /usr/bin/python3{otherwise}")


def module(name, package):
    """A module of a Debian package."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        return fail_missing(name, error, package)


def pyplot():
    """matplotlib's, drawing to files."""
    module("matplotlib", "python3-matplotlib").use("Agg")
    return module("matplotlib.pyplot", "python3-matplotlib")


def words(usage, count):
    """The command line, of so many words; else the usage, and an end."""
    given = sys.argv[1:]
    if given in (["--help"], ["-h"]):
        print(usage.strip())
        sys.exit(0)
    if len(given) != count:
        sys.exit(usage.strip())
    return given
