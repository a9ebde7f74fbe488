#!/usr/bin/env python3
"""scripts/fetch-lra against a server of its own: fresh, resumed, wrong, missing, cut short.

usage: test_fetch_lra.py TOP
"""
import contextlib
import fcntl
import functools
import gzip
import hashlib
import http.server
import os
import pathlib
import random
import re
import socketserver
import subprocess
import sys
import tempfile
import threading

import tap

SCRIPT = pathlib.Path(sys.argv[1]).resolve() / "scripts/fetch-lra"
RELEASE, IMDB = "lra_release.gz", "aclImdb_v1.tar.gz"
CONTENT = gzip.compress(random.Random(1).randbytes(256000), mtime=0)
OTHER = gzip.compress(random.Random(2).randbytes(256000), mtime=0)
LENGTH = len(CONTENT)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(socketserver.ThreadingTCPServer):
    """Serves `files` by name, in parts where asked to; breaks off after `limit` bytes. Not an
    HTTPServer, which asks for the name of its address and may wait for the answer."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.tag, self.limit, self.asked = dict(files), '"one"', None, []
        self.tells_length = True


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        name, asked = self.path[1:], self.headers.get("Range")
        self.server.asked.append((name, asked))
        if name not in self.server.files:
            self.send_error(404)
            return
        content, begin = self.server.files[name], 0
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        if match and self.headers.get("If-Range") == self.server.tag:
            begin = int(match.group(1))
        if begin > 0 and begin >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        if self.server.tells_length:
            self.send_header("Content-Length", str(len(content) - begin))
        self.send_header("ETag", self.server.tag)
        self.end_headers()
        self.wfile.write(content[begin:][:self.server.limit])


class World:
    """A data root and a server."""

    def __init__(self, server, root):
        self.server, self.root = server, root
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def fetch(self, *arguments):
        """Runs the script: (exit code, standard output, standard error)."""
        result = subprocess.run(
            [sys.executable, SCRIPT, "--data", self.root, "--base-url", self.url, *arguments],
            env={**os.environ, "no_proxy": "127.0.0.1"}, capture_output=True, text=True,
            check=False, stdin=subprocess.DEVNULL)
        return result.returncode, result.stdout, result.stderr

    def names(self):
        return sorted(path.name for path in self.root.iterdir())

    def cut_short(self, count):
        """A download that the server breaks off after some bytes."""
        self.server.limit = count
        outcome = self.fetch("release")
        self.server.limit = None
        return outcome


@contextlib.contextmanager
def serving(**files):
    with tempfile.TemporaryDirectory(prefix="sbmt-fetch-") as folder:
        with Server({RELEASE: CONTENT, **files}) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield World(server, pathlib.Path(folder, "data"))
            finally:
                server.shutdown()
                thread.join()


def in_a_world(test):
    @functools.wraps(test)
    def run():
        with serving() as world:
            test(world)
    return run


@in_a_world
def test_fresh(world):
    path = world.root / RELEASE
    said = f"SHA-256 {SHA256}; no checksum of it is published\n"
    assert world.fetch("release") == (0, f"{path}: downloaded, {said}", "")
    assert path.read_bytes() == CONTENT and world.names() == [RELEASE]
    assert world.server.asked == [(RELEASE, None)], world.server.asked
    assert world.fetch("release") == (0, f"{path}: was there already, {said}", "")
    assert len(world.server.asked) == 1, "what is there is not fetched again"


@in_a_world
def test_server_gone_midway_and_resumed(world):
    assert world.cut_short(100000) == (1, "", (
        f"fetch-lra: {world.url}/{RELEASE}: the connection ended after 100000 of {LENGTH} bytes; "
        "run this again to go on from there\n"))
    assert world.names() == [RELEASE + ".part", RELEASE + ".part.version"], world.names()
    assert world.fetch("release")[0] == 0
    assert world.server.asked[1:] == [(RELEASE, "bytes=100000-")], world.server.asked
    assert (world.root / RELEASE).read_bytes() == CONTENT and world.names() == [RELEASE]


@in_a_world
def test_changed_on_the_server_since(world):
    world.cut_short(100000)
    world.server.tag, world.server.files[RELEASE] = '"two"', OTHER
    assert world.fetch("release")[0] == 0
    assert (world.root / RELEASE).read_bytes() == OTHER


@in_a_world
def test_part_of_an_unknown_version_is_not_resumed(world):
    world.root.mkdir()
    (world.root / (RELEASE + ".part")).write_bytes(b"something else")
    assert world.fetch("release")[0] == 0
    assert world.server.asked == [(RELEASE, None)], world.server.asked
    assert (world.root / RELEASE).read_bytes() == CONTENT


@in_a_world
def test_part_that_is_whole_or_too_long(world):
    for extra in (b"", b"more"):
        world.root.mkdir(exist_ok=True)
        (world.root / (RELEASE + ".part")).write_bytes(CONTENT + extra)
        (world.root / (RELEASE + ".part.version")).write_text(world.server.tag, encoding="ascii")
        assert world.fetch("release")[0] == 0
        assert (world.root / RELEASE).read_bytes() == CONTENT and world.names() == [RELEASE]
        (world.root / RELEASE).unlink()
    assert [asked for _, asked in world.server.asked] == [
        f"bytes={LENGTH}-", f"bytes={LENGTH + 4}-", None], world.server.asked


def test_wrong_checksum():
    found = hashlib.md5(CONTENT).hexdigest()
    published = "7c2ac02c03563afcf9b574c7e56c153a"
    with serving(**{IMDB: CONTENT}) as world:
        assert world.fetch("imdb") == (1, "", (
            f"fetch-lra: {world.url}/{IMDB}: its MD5 is {found}, published is {published}; the "
            "download is removed\n"))
        assert world.names() == []
        path = world.root / IMDB
        path.write_bytes(CONTENT)
        assert world.fetch("imdb") == (1, "", (
            f"fetch-lra: {path}: its MD5 is {found}, published is {published}; move it away and "
            "run this again\n"))
        assert path.read_bytes() == CONTENT, "what is there is never written to"
        assert len(world.server.asked) == 1


@in_a_world
def test_what_came_is_not_it(world):
    url, path = f"{world.url}/{RELEASE}", world.root / RELEASE
    page = b"<html>try later</html>"
    damaged = CONTENT[:1000] + bytes([CONTENT[1000] ^ 1]) + CONTENT[1001:-8] + bytes(8)
    for content in (page, b"", CONTENT[:1000], CONTENT[:-1], CONTENT + page, damaged):
        world.server.files[RELEASE] = content
        code, output, errors = world.fetch("release")
        assert (code, output) == (1, ""), content[:20]
        assert errors.startswith(f"fetch-lra: {url}: what came is no whole gzip file ("), errors
        assert errors.endswith("); the download is removed\n"), errors
        assert world.names() == [], world.names()
    for content in (CONTENT[:-1], b""):
        path.write_bytes(content)
        code, output, errors = world.fetch("release")
        assert (code, output) == (1, "")
        assert errors.startswith(f"fetch-lra: {path}: is no whole gzip file ("), errors
        assert path.read_bytes() == content, "what is there is never written to"


@in_a_world
def test_cut_short_by_a_server_that_tells_no_length(world):
    world.server.tells_length = False
    assert world.cut_short(100000) == (1, "", (
        f"fetch-lra: {world.url}/{RELEASE}: the connection ended after 100000 bytes, within the "
        "gzip data; run this again to go on from there\n"))
    assert world.fetch("release")[0] == 0
    assert (world.root / RELEASE).read_bytes() == CONTENT and world.names() == [RELEASE]


@in_a_world
def test_missing_on_the_server(world):
    code, output, errors = world.fetch()
    assert code == 1
    assert output.startswith(f"{world.root / RELEASE}: downloaded, "), output
    assert errors == "".join(f"fetch-lra: {world.url}/{name}: HTTP 404 Not Found\n"
                             for name in (IMDB, "cifar-10-binary.tar.gz")), errors
    assert world.names() == [RELEASE], "the others are fetched all the same"


@in_a_world
def test_no_server(world):
    world.url = "http://127.0.0.1:1"
    assert world.fetch("release") == (
        1, "", f"fetch-lra: http://127.0.0.1:1/{RELEASE}: Connection refused\n")
    assert world.names() == []


@in_a_world
def test_two_at_once(world):
    world.root.mkdir()
    with open(world.root / (RELEASE + ".part"), "wb") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        assert world.fetch("release") == (
            1, "", f"fetch-lra: {part.name}: another download of it is running\n")
    assert world.server.asked == []


@in_a_world
def test_root_that_is_a_file(world):
    world.root.write_bytes(b"")
    assert world.fetch("release") == (1, "", f"fetch-lra: {world.root}: File exists\n")


@in_a_world
def test_usage(world):
    code, output, errors = world.fetch("pathfinder")
    assert (code, output) == (2, "")
    assert errors.endswith("there is no 'pathfinder'; the names are release, imdb, cifar10\n")
    assert world.fetch("--help")[0] == 0


if __name__ == "__main__":
    tap.run(tap.functions(globals()))
