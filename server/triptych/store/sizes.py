"""How large what is stored is: what it was sent as, without what every record has."""

from __future__ import annotations

from triptych.store.records import Document, Project, Token


def project_size(project: Project) -> int:
    """Return the bytes of a project."""
    texts = (
        project.name,
        project.devcontainer_file_path,
        project.automations_file_path,
        project.technical_description,
    )
    messages = (project.initializer, project.prebuild_configuration, project.recommended_editors)
    size = sum([len(text.encode()) for text in texts])
    return size + sum([len(message.to_binary()) for message in messages if message is not None])


def document_size(document: Document) -> int:
    """Return the bytes of a document: of its texts and of its files."""
    return len(document.title.encode()) + len((document.description or "").encode()) + document.file_bytes


def token_size(token: Token) -> int:
    """Return the bytes of a token."""
    return len(token.description.encode())
