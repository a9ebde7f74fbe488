#!/usr/bin/env python3
"""scripts/install-packages on systems that are made up, and scripts/count-tests on logs that are.

usage: test_scripts.py TOP
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tap

TOP = pathlib.Path(sys.argv[1]).resolve()
LIBRARIES = ("openblas", "zlib", "libcjson", "yaml-0.1", "libarchive",
             "libcrypto", "libpng", "libutf8proc", "check")
COMMANDS = ("cc", "meson", "ninja", "python3", "nm", "clang", "clang-format-14")


class System:
    """A PATH with nothing on it but a few tools, and package commands that only keep a log."""

    def __init__(self, commands=COMMANDS, libraries=LIBRARIES, apt=True, user=0, sudo=True,
                 known=("gcc", "clang", "clang-format-14"), broken=()):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-scripts-"))
        self.log = self.top / "log"
        for tool in ("bash", "env", "cat"):
            (self.top / tool).symlink_to(shutil.which(tool))
        for name in commands:
            self.add(name, "exit 0")
        self.add("pkg-config", f'case " {" ".join(libraries)} " in *" $2 "*) exit 0;; esac; exit 1')
        self.add("id", f"echo {user}")
        if apt:
            self.add("dpkg-query", "exit 0")
            self.add("apt-cache", f'case " {" ".join(known)} " in *" $2 "*) echo "$2";; esac')
            words = " ".join(broken)
            self.add("apt-get", f'echo "apt-get $*" >>{self.log}\n'
                                f'for b in {words}; do case " $* " in *" $b "*) exit 100;; esac; '
                                "done; exit 0")
        if sudo:
            self.add("sudo", f'echo "sudo $1" >>{self.log}; exec "$@"')

    def add(self, name, script):
        path = self.top / name
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def install(self, *arguments):
        """Runs install-packages; (exit code, all output, lines of the log)."""
        result = subprocess.run(
            [shutil.which("bash"), TOP / "scripts/install-packages", *arguments],
            env={"PATH": str(self.top)}, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL)
        log = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        shutil.rmtree(self.top)
        return result.returncode, result.stdout + result.stderr, log


def without(names, *gone):
    return tuple(name for name in names if name not in gone)


def test_install_nothing_missing():
    assert System().install("--tests") == (0, "", [])
    assert System(apt=False).install() == (0, "", [])
    assert System(user=1000, sudo=False).install("--tests") == (0, "", [])


def test_install_missing_as_root():
    system = System(commands=without(COMMANDS, "meson"), libraries=without(LIBRARIES, "yaml-0.1"))
    code, _, log = system.install()
    assert code == 0
    assert log[0].endswith(" update"), log
    assert log[1].endswith("install -y --no-install-recommends meson libyaml-dev"), log
    assert len(log) == 2, log


def test_install_test_packages_only_for_tests():
    code, _, log = System(libraries=without(LIBRARIES, "check")).install()
    assert (code, log) == (0, [])
    code, _, log = System(libraries=without(LIBRARIES, "check")).install("--tests")
    assert code == 0 and log[1].endswith("install -y --no-install-recommends check"), log


def test_install_with_sudo():
    code, _, log = System(libraries=without(LIBRARIES, "zlib"), user=1000).install()
    assert code == 0
    assert log[0] == "sudo env" and log[2] == "sudo env", log
    assert log[3].endswith(" zlib1g-dev"), log


def test_install_neither_root_nor_sudo():
    system = System(libraries=without(LIBRARIES, "zlib"), user=1000, sudo=False)
    code, output, log = system.install()
    assert code == 1 and "zlib1g-dev" in output and log == [], output


def test_install_wanted_without_asking_for_a_password():
    system = System(commands=without(COMMANDS, "clang-format-14"), user=1000)
    assert system.install("--tests") == (0, "", [])


def test_install_wanted_unknown_or_broken():
    commands = without(COMMANDS, "clang", "clang-format-14")
    code, output, log = System(commands=commands, known=("gcc", "clang"),
                               broken=("clang",)).install("--tests")
    assert code == 0
    assert "clang-format-14: not in this release" in output, output
    assert "clang: could not be installed" in output, output
    assert len(log) == 1, log


def test_install_required_fails():
    system = System(commands=without(COMMANDS, "meson"), broken=("meson",))
    assert system.install()[0] != 0


def test_install_on_another_system():
    system = System(commands=without(COMMANDS, "cc"), libraries=("zlib",), apt=False)
    code, output, _ = system.install("--tests")
    assert code == 1
    for package in ("gcc", "libopenblas-dev", "libcjson-dev", "libpng-dev", "libyaml-dev", "check"):
        assert package in output, output
    assert "zlib1g-dev" not in output, output


def test_install_usage():
    code, output, _ = System().install("--everything")
    assert code == 2 and "usage" in output


def count(records, *arguments):
    """Runs count-tests on a log of these records: (exit code, lines)."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "build", "meson-logs", "testlog.json")
        log.parent.mkdir(parents=True)
        log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        result = subprocess.run(
            [sys.executable, TOP / "scripts/count-tests", *arguments, "build"], cwd=folder,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True,
            check=False)
        return result.returncode, result.stdout.splitlines()


def record(result, stdout="", code=0, stderr=""):
    return {"name": "x", "result": result, "stdout": stdout, "stderr": stderr, "returncode": code}


def test_count_all_passed():
    records = [record("OK"), record("OK", "ok 1 - a\nok 2 - b\n1..2\n")]
    assert count(records) == (0, ["3 passed, 0 failed"])


def test_count_tap_failure():
    code, lines = count([record("FAIL", "ok 1 - a\nnot ok 2 - b: 3 == 4\nok 3 - c\n1..3\n", 1)])
    assert code == 1 and lines[-1] == "2 passed, 1 failed", lines
    assert any("not ok 2 - b: 3 == 4" in line for line in lines), lines


def test_count_program_that_crashed():
    code, lines = count([record("ERROR", "1..2\nok 1 - a\n", -11)])
    assert code == 1 and lines[-1] == "1 passed, 1 failed", lines
    code, lines = count([record("TIMEOUT", "", -15, "stuck")])
    assert code == 1 and lines[-1] == "0 passed, 1 failed", lines
    assert "    stuck" in lines, lines


def test_count_skips():
    records = [record("SKIP", code=77), record("OK", "ok 1 - a # SKIP no file\nok 2 - b\n1..2\n")]
    assert count(records) == (0, ["1 passed, 0 failed, 2 skipped"])
    assert count([record("SKIP", "1..0 # SKIP nothing\n")])[0] == 1


def test_count_words_in_descriptions():
    assert count([record("OK", "ok 1 - skips # of rows\nok 2 - # 3 skipped\n1..2\n")]) == (
        0, ["2 passed, 0 failed"])


def test_count_nothing_ran():
    code, lines = count([])
    assert code == 1 and lines[-1] == "0 passed, 1 failed", lines


def test_count_outcomes_from_elsewhere():
    code, lines = count([record("OK")], "--failed", "build with clang", "--skipped", "1")
    assert code == 1 and lines[-1] == "1 passed, 1 failed, 1 skipped", lines
    assert "FAILED build with clang" in lines, lines
    assert count([record("OK")], "--passed", "1") == (0, ["2 passed, 0 failed"])


def script(name, *words):
    """A script of a Python that has no packages: (exit code, output, messages)."""
    with tempfile.TemporaryDirectory() as folder:
        for module in ("numpy", "matplotlib", "PIL", "torch"):
            pathlib.Path(folder, f"{module}.py").write_text(f"raise ImportError('no {module}')\n",
                                                            encoding="utf-8")
        done = subprocess.run([sys.executable, TOP / "scripts" / name, *words],
                              env={**os.environ, "PYTHONPATH": folder}, capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_scripts_name_the_package_that_they_need():
    for name, words, module, package in (
            ("plot-speed", ["x.json", "x.png"], "matplotlib", "python3-matplotlib"),
            ("plot-run", ["x", "x.png"], "matplotlib", "python3-matplotlib"),
            ("compare_pathfinder.py", ["x", "y"], "numpy", "python3-numpy")):
        assert script(name, *words) == (1, "", (
            f"{name}: {sys.executable} cannot import {module} (no {module}); install Debian's "
            f"{package} and run this script with /usr/bin/python3\n"))


def test_scripts_describe_themselves_without_it():
    for name in ("plot-speed", "plot-run", "compare_pathfinder.py", "compare_torch.py",
                 "compare_bert.py", "compare_kinds.py"):
        code, out, messages = script(name, "--help")
        assert (code, messages) == (0, "") and "usage: " in out, (name, code, messages)
    code, out, messages = script("plot-speed", "x.json")
    assert (code, out) == (1, "") and "usage: plot-speed IN.json PICTURE.png" in messages


if __name__ == "__main__":
    tap.run(tap.functions(globals()))
