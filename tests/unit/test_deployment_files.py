"""What docs/deployment tells containers to run is what the server takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from triptych.cli.serve import serve
from triptych.transport.http.probes import PROBE_PATHS

FOLDER = Path(__file__).parents[2] / "docs/deployment"
OPTIONS = {name for parameter in serve.params for name in parameter.opts}


def container() -> dict[str, Any]:
    """Return the server's container of the Deployment."""
    deployment, _ = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())
    [one] = deployment["spec"]["template"]["spec"]["containers"]
    return dict(one)


def test_the_arguments_in_kubernetes_are_options() -> None:
    names = {argument.partition("=")[0] for argument in container()["args"]}
    assert names
    assert names <= OPTIONS


def test_the_probes_ask_what_is_there() -> None:
    paths = {container()[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe")}
    assert paths <= PROBE_PATHS


def test_kubernetes_waits_for_the_end_of_a_stop() -> None:
    deployment, _ = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())
    values = dict(argument.split("=") for argument in container()["args"])
    seconds = float(values["--drain-seconds"]) + float(values["--shutdown-grace"])
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > seconds


def test_the_image_starts_a_server_on_all_addresses() -> None:
    found = re.search(r"^ENTRYPOINT (.*)$", (FOLDER / "Dockerfile").read_text(), re.MULTILINE)
    assert found is not None
    program, command, *arguments = json.loads(found[1])
    assert (program, command) == ("triptych", "serve")
    assert {argument for argument in arguments if argument.startswith("--")} <= OPTIONS
