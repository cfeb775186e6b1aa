"""Install the package into a clean environment, start the installed server and make a call."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

SECONDS = 60


def main() -> None:
    """Install, start, call, stop."""
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        venv.create(environment, with_pip=True)
        bin = environment / "bin"
        pip = [bin / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", root / "constraints.txt", root], check=True, cwd=folder)
        subprocess.run([bin / "triptych", "--help"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        command = [bin / "triptych", "serve", "--http-port", "0", "--grpc-port", "0"]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            check(server, bin)
        finally:
            server.terminate()
            code = server.wait(SECONDS)
    if code != 0:
        sys.exit(f"the server ended with {code} after SIGTERM")
    print("the installed package serves")


def check(server: subprocess.Popen[str], bin: Path) -> None:
    """Call the server with what its banner says, and with the installed command."""
    assert server.stdout is not None
    banner = ""
    while "grpcweb" not in banner:
        line = server.stdout.readline()
        if not line:
            sys.exit(f"the server did not start: {banner}")
        banner += line
    url = re.search(r"http://[0-9.]+:\d+", banner)
    token = re.search(r"trp_[0-9A-Za-z]{43}", banner)
    schema = re.search(r"--schema (\S+)", banner)
    if url is None or token is None or schema is None:
        sys.exit(f"the banner does not tell how to call: {banner}")
    assert Path(schema[1]).is_file(), schema[1]
    request = urllib.request.Request(
        f"{url[0]}/gitpod.v1.UserService/GetAuthenticatedUser",
        data=b"{}",
        headers={"Authorization": f"Bearer {token[0]}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        assert json.load(response)["user"]["name"] == "Administrator"
    for path in ("/docs", "/docs/swagger-ui-bundle.js", "/openapi.json", "/openapi/connect.json"):
        with urllib.request.urlopen(url[0] + path, timeout=SECONDS) as response:
            assert b"Lists documents" in response.read() or path.startswith("/docs")
    listed = subprocess.run([bin / "triptych", "descriptors"], check=True, stdout=subprocess.PIPE)
    assert b"gitpod/v1/project_service.proto" in listed.stdout
    command = [bin / "triptych", "users", "me", "--server", url[0], "--token", token[0]]
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=SECONDS)
    assert json.loads(shown.stdout)["name"] == "Administrator"


if __name__ == "__main__":
    main()
