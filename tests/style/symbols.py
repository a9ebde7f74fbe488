#!/usr/bin/env python3
"""Archives define only sbmt_ symbols for others, and hold no data that can change.

usage: symbols.py BUILD
"""
import pathlib
import re
import subprocess
import sys

import tree

# objdump -t: address, seven flags (the first: local or global; the last: object, function, …),
# section, size, name.
ROW = re.compile(r"^[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)$")
CHANGING = re.compile(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)(\.|$)|\*COM\*")


def symbols(archive):
    """(is global, is an object, section, name) of each symbol that an archive defines."""
    output = subprocess.run(["objdump", "-t", str(archive)], capture_output=True, text=True,
                            check=True).stdout
    for line in output.splitlines():
        match = ROW.match(line)
        if match and match.group(2) not in ("*UND*", "*ABS*"):
            flags, section, name = match.groups()
            is_global = flags[0] in "gu!" or flags[1] == "w"
            # Thread-local variables carry no O; section symbols carry a d.
            is_object = flags[6] == "O" or (section.startswith(".t") and "d" not in flags
                                            and not section.startswith(".text"))
            yield is_global, is_object, section, name


def violations(build):
    archives = [path for folder in tree.PRODUCT
                for path in sorted(pathlib.Path(build, folder).rglob("*.a"))]
    if not archives:
        yield f"{build}: there are no archives; compile first"
    for archive in archives:
        for is_global, is_object, section, name in symbols(archive):
            if is_global and not name.startswith("sbmt_"):
                yield f"{archive.name}: external symbol {name} does not begin with sbmt_"
            if is_object and CHANGING.match(section):
                yield f"{archive.name}: {name} is a variable in {section}; state has an owner"


if __name__ == "__main__":
    tree.report(violations(sys.argv[1]))
