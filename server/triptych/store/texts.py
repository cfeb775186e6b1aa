"""What lists of projects are searched and filtered by."""

from __future__ import annotations

from collections.abc import Iterator

from triptych.store.queries import SEARCHED_CHARACTERS, fold_text
from triptych.store.records import Project


def repository_name(remote_uri: str) -> str:
    """Return the last path segment of a URL, of `host:path` or of a path, without `.git`; it may be empty."""
    _, is_url, rest = remote_uri.partition("://")
    if is_url:
        path = rest.partition("#")[0].partition("?")[0].partition("/")[2]
    else:
        host, has_host, rest = remote_uri.partition(":")
        path = rest if has_host and "/" not in host else remote_uri
    return path.rstrip("/").rpartition("/")[2].removesuffix(".git")


def remote_uris(project: Project) -> Iterator[str]:
    """Yield the remote URI of each git spec of the project."""
    for spec in project.initializer.specs:
        if spec.spec is not None and spec.spec.field == "git":
            yield spec.spec.value.remote_uri


def project_texts(project: Project) -> frozenset[str]:
    """Return what a search of projects looks at, folded."""
    names = {project.name}
    left = SEARCHED_CHARACTERS
    for uri in remote_uris(project):
        name = repository_name(uri)[:left]
        names.add(name)
        left -= len(name)
        if not left:
            break
    return frozenset(fold_text(name) for name in names if name)
