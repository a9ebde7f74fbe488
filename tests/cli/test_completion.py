#!/usr/bin/env python3
"""Completion of command lines: in bash as it is typed, in other shells that the script is one of
theirs; and the manual page.

usage: test_completion.py SBMT
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap

SBMT = pathlib.Path(sys.argv[1]).resolve()


def sbmt(*words):
    return subprocess.run([SBMT, *words], capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL, timeout=60).stdout


def complete(line, folder=None):
    """What bash offers for a line that begins with sbmt."""
    script = f"""
PATH={shlex.quote(str(SBMT.parent))}:$PATH
source <(sbmt help --completion bash)
COMP_LINE={shlex.quote(line)}
COMP_POINT=${{#COMP_LINE}}
_sbmt
[[ ${{#COMPREPLY[@]}} -gt 0 ]] && printf '%s\\n' "${{COMPREPLY[@]}}"
true
"""
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True,
                          check=True, cwd=folder, timeout=60)
    assert done.stderr == "", done.stderr
    return done.stdout.splitlines()


def names_of_commands():
    """As the list of commands has them, indented by two."""
    lines = [line for line in sbmt("help").splitlines()
             if line.startswith("  ") and line[2] != " "]
    return [line[2:23].strip() if line[23:24] == " " else line.strip() for line in lines]


def kinds_of_attention():
    return [line.split()[0] for line in sbmt("info", "attention").splitlines()
            if line and not line[0].isspace()]


def test_every_command_is_offered_word_by_word():
    names = names_of_commands()
    assert len(names) >= 15, names
    assert complete("sbmt ") == list(dict.fromkeys(name.split()[0] for name in names))
    for name in names:
        words = name.split()
        for count, word in enumerate(words):
            offered = complete(" ".join(["sbmt", *words[:count], word[:2]]))
            assert word in offered, (name, offered)
    assert complete("sbmt data generate pathfinder3") == ["pathfinder32"]
    assert complete("sbmt help data ver") == ["verify", "verify-submission"]


def test_every_option_is_offered():
    for name in names_of_commands():
        text = sbmt(*name.split(), "--help")
        expected = [line.split()[0] for line in text[text.index("\noptions:"):].splitlines()
                    if line.startswith("  --")]
        assert complete(f"sbmt {name} --") == expected, name
    assert complete("sbmt --") == ["--help", "--version"]
    assert complete("sbmt nonsense --") == []


def test_values_of_options():
    assert complete("sbmt inspect --split ") == ["train", "dev", "test"]
    assert complete("sbmt train --cpu a") == ["avx2", "avx512"]
    assert complete("sbmt eval --split=t") == ["test"]
    assert complete("sbmt eval --threads ") == []
    assert complete("sbmt bench table --rows model.attention.cluster_") == [
        "model.attention.cluster_init"]
    assert complete("sbmt bench table --columns=ta") == ["task"]
    assert complete("sbmt bench figures --rows ru") == ["run"]
    assert complete("sbmt bench report --metric matt") == ["matthews"]


def test_lists_of_values():
    kinds = kinds_of_attention()
    assert complete("sbmt bench speed --attention ") == ["all", *kinds]
    assert complete("sbmt bench attention --attention softmax,sbm,non") == ["softmax,sbm,none"]
    assert complete("sbmt bench speed --attention=softmax,non") == ["softmax,none"]
    assert complete("sbmt bench table --baseline non") == ["none"]
    assert complete("sbmt bench table --show score,par") == ["score,parameters"]
    assert complete("sbmt bench table --rows task,see") == ["task,seed"]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("google-mine.yaml", "speed.json"):
            pathlib.Path(folder, name).write_text("", encoding="utf-8")
        assert complete("sbmt bench table --published goo", folder) == ["google",
                                                                         "google-mine.yaml"]
        assert complete("sbmt bench table --published s4,goo", folder) == [
            "s4,google", "s4,google-mine.yaml"]
        assert complete("sbmt bench figures --speed a.json,sp", folder) == ["a.json,speed.json"]


def test_keys_and_values_of_configurations():
    assert "train.steps=" in complete("sbmt train x.yaml train.st")
    assert complete("sbmt train x.yaml model.attention.kind=") == kinds_of_attention()
    assert complete("sbmt train x.yaml task=synthetic/rep") == ["synthetic/repeated-tokens"]
    assert complete("sbmt train x.yaml model.attention.freeze_clusters=t") == ["true"]
    # A key that several kinds have comes once; eval and inspect change little.
    offered = complete("sbmt train x.yaml ")
    assert len(offered) == len(set(offered)) > 50, offered
    assert complete("sbmt eval run train.") == ["train.test_examples="]
    assert complete("sbmt eval run train.e") == []
    assert complete("sbmt inspect run train.") == []
    assert complete("sbmt bench speed train.") == ["train.shards="]
    assert complete("sbmt inspect run model.attention.mask=") == ["sampled", "expected"]


def test_tasks_files_and_folders():
    assert complete("sbmt data verify lra/p") == [
        "lra/pathfinder32", "lra/pathfinder32-easy", "lra/pathfinder32-intermediate",
        "lra/pathfinder64", "lra/pathx", "lra/pathfinder256"]
    assert complete("sbmt data prepare gl")[:2] == ["glue", "glue/cola"]
    assert complete("sbmt data verify synthetic/") == [] # has no files
    assert complete("sbmt info ") == ["attention", "protocols"]
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "runs"))
        pathlib.Path(folder, "rules.yaml").write_text("", encoding="utf-8")
        assert sorted(complete("sbmt train r", folder)) == ["rules.yaml", "runs"]
        assert complete("sbmt eval r", folder) == ["runs"]
        assert complete("sbmt train x --run r", folder) == ["runs"]
        assert sorted(complete("sbmt inspect x --svg r", folder)) == ["rules.yaml", "runs"]
        assert sorted(complete("sbmt bench run r", folder)) == ["rules.yaml", "runs"]
        assert complete("sbmt bench run a.yaml r", folder) == []
        for command in ("table", "figures", "report"):
            assert complete(f"sbmt bench {command} r", folder) == ["runs"]
            assert complete(f"sbmt bench {command} a r", folder) == ["runs"]
        assert complete("sbmt eval x --submission r", folder) == complete("sbmt train r", folder)
        assert complete("sbmt export x --vocabulary=r", folder) == ["runs"]
        # BERT's vocabulary is a folder or a file.
        offered = complete("sbmt data verify --tokenizer r", folder)
        assert sorted(offered) == ["rules.yaml", "runs"]
        for key in ("tokenizer.folder", "model.init", "files.train"):
            offered = complete(f"sbmt train x.yaml {key}=r", folder)
            assert sorted(offered) == ["rules.yaml", "runs"], key


def test_scripts_of_other_shells_are_well_formed():
    for shell in ("bash", "zsh", "fish"):
        script = sbmt("help", "--completion", shell)
        assert script.endswith("\n") and "help --complete" in script
        if shutil.which(shell):
            subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, check=True,
                           timeout=60)


def test_fish_offers_the_same():
    if not shutil.which("fish"):
        return
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "s4-mine.yaml").write_text("", encoding="utf-8")
        os.mkdir(os.path.join(folder, "s4-folder"))
        for words, expected in (
                ("bench run s4", ["s4-folder/", "s4-mine.yaml"]),
                ("bench table s4", ["s4-folder/"]),
                ("bench table --published google,s4", [
                    "google,s4", "google,s4-folder/", "google,s4-mine.yaml"]),
                ("train x.yaml model.init=s4", [
                    "model.init=s4-folder/", "model.init=s4-mine.yaml"])):
            script = (f"set PATH {shlex.quote(str(SBMT.parent))} $PATH\n"
                      "sbmt help --completion fish | source\n"
                      f"complete -C {shlex.quote('sbmt ' + words)}\n")
            done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True,
                                  text=True, check=True, cwd=folder, timeout=60,
                                  env={**os.environ, "HOME": folder})
            offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
            assert sorted(offered) == expected, (words, offered)


def test_the_manual_page_has_every_command_and_option():
    page = sbmt("help", "--man")
    of_git = "unknown commit" not in sbmt("--version")
    day = r"\d{4}-\d\d-\d\d" if of_git else "undated"
    assert re.match(f'.TH SBMT 1 "{day}" "sbmt ', page)
    plain = page.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "")
    for name in names_of_commands():
        assert f".SS sbmt {name}" in plain, name
        for option in complete(f"sbmt {name} --"):
            assert option == "--help" or f"\n{option}" in plain, option
    for key in ("train.steps", "model.attention.kind", "model.attention.clusters"):
        assert f"\n{key}\n" in plain, key
    # A value that opens a text is as it is typed.
    assert "\nlra: norms before the blocks" in plain and "\nStrided: " not in plain
    for line in page.splitlines():
        assert len(line.encode()) <= 80, line
        assert not line.startswith(("'", ".")) or line[1:3] in ("TH", "SH", "SS", "TP", "PP"), line


def test_the_manual_page_is_well_formed():
    page = sbmt("help", "--man")
    if shutil.which("mandoc"):
        found = subprocess.run(["mandoc", "-T", "lint"], input=page, text=True,
                               capture_output=True, check=False, timeout=60).stdout
        assert all("cannot parse date" in line for line in found.splitlines()), found
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, text=True,
                              capture_output=True, check=True, timeout=60)
        assert done.stderr == "", done.stderr


tap.run(tap.functions(globals()))
