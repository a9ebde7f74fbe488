"""Test programs in Python that speak TAP, so that each of their tests is counted."""
import sys
import traceback


class Skip(Exception):
    """What a test raises that cannot run here, with the reason."""


def run(tests):
    """Runs functions without arguments; one that raises has failed, or skips. Ends the program."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {test.__name__} # SKIP {reason}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {test.__name__}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)


def functions(namespace):
    """The functions of a module whose names begin with test_, in their order."""
    return [value for name, value in namespace.items() if name.startswith("test_")]
