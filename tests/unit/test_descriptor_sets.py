"""The descriptor sets of the contract, and the options by which generators name what they make."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from tools.check_breaking import with_names
from triptych_client.descriptor_set import descriptor_set, files_of, for_clients

GEN = Path(__file__).parents[2] / "gen"
OWN = ("gitpod/", "factify/", "triptych/")
NAMED = ("csharp_namespace", "go_package", "java_outer_classname", "java_package", "objc_class_prefix")


def read(name: str) -> list[FileDescriptorProto]:
    return list(FileDescriptorSet.FromString((GEN / name).read_bytes()).file)


FULL, CLIENT = read("triptych.binpb"), read("triptych-client.binpb")


def messages(nested: Iterable[DescriptorProto], prefix: str) -> Iterator[str]:
    for message in nested:
        yield prefix + message.name
        yield from messages(message.nested_type, f"{prefix}{message.name}_")


def classes(file: FileDescriptorProto) -> Iterator[str]:
    """Yield the classes and enums that Objective-C gets for a file."""
    prefix = file.options.objc_class_prefix
    yield f"{prefix}{file.name.rpartition('/')[2].removesuffix('.proto').title().replace('_', '')}Root"
    yield from messages(file.message_type, prefix)
    yield from (prefix + enum.name for enum in file.enum_type)


@pytest.mark.parametrize(
    "file", [each for each in FULL if each.name.startswith(OWN)], ids=lambda each: each.name
)
def test_every_file_names_its_packages(file: FileDescriptorProto) -> None:
    options = file.options
    assert [name for name in NAMED if not getattr(options, name)] == []
    assert options.java_multiple_files
    assert not options.java_outer_classname.endswith("OuterClass")
    assert options.go_package.partition(";")[0].endswith(file.package.replace(".", "/"))


def test_objective_c_gets_no_class_twice() -> None:
    counted = Counter(name for file in FULL if file.name.startswith(OWN) for name in classes(file))
    assert [name for name, count in counted.items() if count > 1] == []


def test_both_sets_have_what_errors_hold_and_import_before_use() -> None:
    for files in (FULL, CLIENT):
        names = [file.name for file in files]
        assert {f"google/rpc/{name}.proto" for name in ("status", "code", "error_details")} <= {*names}
        assert all(names.index(each) < names.index(file.name) for file in files for each in file.dependency)


def test_the_set_for_clients_has_all_messages_of_the_services_and_nothing_of_the_server() -> None:
    names = {file.name for file in CLIENT}
    assert not [name for name in names if name.startswith(("buf/", "google/api/", "triptych/"))]
    assert {file.name for file in FULL if file.name.startswith(("gitpod/", "factify/"))} <= names
    assert not [file.name for file in CLIENT if b"buf.validate" in file.SerializeToString()]
    comments = [location.leading_comments for file in CLIENT for location in file.source_code_info.location]
    assert any("Lists the projects of the caller" in comment for comment in comments)


def test_buf_is_told_which_files_are_imports() -> None:
    """It generates nothing for those: Go has them in modules of its own."""
    marked = {file.name: file.SerializeToString().endswith(b"\xd2\xf6\x03\x02\x08\x01") for file in FULL}
    assert {name for name, mark in marked.items() if not mark} == {
        name for name in marked if name.startswith(OWN)
    }


def test_protoc_takes_the_set_for_clients(tmp_path: Path) -> None:
    names = [file.name for file in CLIENT if file.name.startswith(OWN)]
    options = [f"--descriptor_set_in={GEN / 'triptych-client.binpb'}", f"--python_out={tmp_path}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *options, *names], check=True)
    assert (tmp_path / "gitpod/v1/project_service_pb2.py").is_file()


def test_what_an_imported_file_imports_publicly_is_found_by_its_new_place() -> None:
    options = FileDescriptorProto(name="options.proto", dependency=["google/protobuf/descriptor.proto"])
    options.extension.add(name="mark", number=50000, extendee=".google.protobuf.FieldOptions", type=9)
    base = FileDescriptorProto(name="base.proto")
    service = FileDescriptorProto(
        name="service.proto", dependency=["options.proto", "base.proto"], public_dependency=[1]
    )
    service.service.add(name="Service")
    encoded = FileDescriptorSet(file=[options, base, service]).SerializeToString()
    made = FileDescriptorSet.FromString(descriptor_set(for_clients(files_of(encoded))))
    assert [file.name for file in made.file] == ["base.proto", "service.proto"]
    assert list(made.file[1].public_dependency) == [0]


def test_a_package_of_generated_code_may_be_named_once_and_not_changed() -> None:
    now = FileDescriptorProto(name="a.proto")
    now.options.go_package, now.options.java_package = "example.com/new", "com.new"
    earlier = FileDescriptorProto(name="a.proto")
    earlier.options.java_package = "com.old"
    seen = FileDescriptorSet.FromString(
        with_names(*(FileDescriptorSet(file=[each]).SerializeToString() for each in (earlier, now)))
    )
    assert (seen.file[0].options.go_package, seen.file[0].options.java_package) == (
        "example.com/new",
        "com.old",
    )


def test_the_document_lists_the_files_of_the_set_for_clients() -> None:
    text = (GEN.parent / "docs/clients.md").read_text()
    listed = text.partition("<!-- files: begin -->")[2].partition("<!-- files: end -->")[0]
    assert listed.split()[1:-1] == [file.name for file in CLIENT]
