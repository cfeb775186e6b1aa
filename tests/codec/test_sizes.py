"""What is said of the size of a message holds in every form of it."""

from __future__ import annotations

import pytest
from protobuf import Message, Oneof

from triptych.codec.json import ProtoJsonWriter
from triptych.codec.sizes import Room, most_bytes
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.writer import JsonWriter
from triptych_api.factify.api.v1beta import document_pb
from triptych_api.gitpod.v1 import environment_initializer_pb as initializers
from triptych_api.gitpod.v1 import project_pb
from triptych_api.gitpod.v1.identity_pb import Principal, Subject
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken

WRITERS = [ProtoJsonWriter(), JsonWriter(EnumNames())]
CHARACTERS = "".join(chr(code) for code in range(0x3100) if not 0xD800 <= code < 0xE000)


def project(text: str) -> project_pb.Project:
    """Return a project that has as much beside its texts as it can."""
    modes = list(initializers.GitInitializer.CloneTargetMode)
    git = initializers.GitInitializer(
        remote_uri=text, target_mode=max(modes, key=lambda each: len(each.name))
    )
    specs = [initializers.EnvironmentInitializer.Spec(spec=Oneof("git", git)) for _ in range(20)]
    classes = [
        project_pb.ProjectEnvironmentClass(environment_class=Oneof("environment_class_id", text), order=1)
        for _ in range(30)
    ]
    users = [Subject(id=text, principal=Principal.SERVICE_ACCOUNT) for _ in range(10)]
    return project_pb.Project(
        initializer=initializers.EnvironmentInitializer(specs=specs),
        environment_classes=classes,
        used_by=project_pb.Project.UsedBy(total_subjects=10, subjects=users),
    )


@pytest.mark.parametrize("text", ["", "x", *(CHARACTERS[at : at + 500] for at in range(0, 0x3100, 500))])
@pytest.mark.parametrize("writer", WRITERS)
def test_no_form_is_larger(text: str, writer: ProtoJsonWriter | JsonWriter) -> None:
    messages: list[Message] = [
        project(text),
        initializers.EnvironmentInitializer(specs=[initializers.EnvironmentInitializer.Spec()] * 20),
        document_pb.Document(title=text, processing_status=document_pb.ProcessingStatus.PROCESSING),
        PersonalAccessToken(description=text),
    ]
    for message in messages:
        written = writer.write(message)
        assert len(written) <= most_bytes(message.to_binary(), [message])


def test_the_first_message_always_fits() -> None:
    room = Room(8000)
    assert [room.take(10**6), room.take(1), room.take(1)] == [True, False, False]
    room = Room(8000)
    assert [room.take(3000), room.take(5000), room.take(3000), room.take(0)] == [True, False, True, True]
