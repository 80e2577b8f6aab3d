"""VecVault for the clients' tests: the built programs, and a server in a temporary directory."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED_PORT = 15002
START_SECONDS = 60

# No proxy stands between the examples and localhost.
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1"


@cache
def programs():
    """Paths of the binary `vecvault` and of the example `make_backup`, built as `cargo test` builds them."""
    command = ["cargo", "build", "--workspace", "--bins", "--examples", "--message-format=json"]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {
        message["target"]["name"]: message["executable"]
        for message in messages
        if message["reason"] == "compiler-artifact" and message.get("executable")
    }


def documented_port_is_free():
    """Whether the examples can run against the very address that they print."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DOCUMENTED_PORT))
        except OSError:
            return False
    return True


class Vault:
    """A directory with `data` and `backups`, the command line on it, and a server while `serving`."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="vecvault-clients-")
        self.path = Path(self.directory.name)
        self.backups = self.path / "backups"
        self.server = None
        self.url = None
        self.log = self.path / "server.log"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.directory.cleanup()

    def run(self, *arguments):
        """Runs `vecvault --json …` in the directory; its document."""
        done = subprocess.run(
            [programs()["vecvault"], "--json", *map(str, arguments)], cwd=self.path, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"vecvault {arguments}: exit {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def write_lines(self, name, records):
        """A file of JSON lines; a record is a dict, or a line as it shall stand."""
        file = self.path / name
        lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return file

    def serve(self, port):
        """Starts a server; port 0 takes a free one. The address is what the server says it is."""
        with open(self.log, "wb") as output:
            self.server = subprocess.Popen(
                [programs()["vecvault"], "serve", "--addr", f"127.0.0.1:{port}"],
                cwd=self.path, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.server.poll() is None:
            said = re.search(r"http://127\.0\.0\.1:\d+", self._said())
            if said and self._answers(said[0]):
                self.url = said[0]
                return
            time.sleep(0.02)
        raise RuntimeError(f"the server does not start: {log.read_text(errors='replace')}")

    def stop(self):
        """Ends the server as an operator does, and its exit code must be 0."""
        if self.server is None:
            return
        self.server.terminate()
        code = self.server.wait(START_SECONDS)
        self.server = None
        if code != 0:
            raise RuntimeError(f"the server ended with exit code {code}: {self._said()}")

    def _said(self):
        return self.log.read_text(errors="replace")

    @staticmethod
    def _answers(url):
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False
