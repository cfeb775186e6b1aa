"""Files that cannot be used: each names the file, the line and the field, and nothing is loaded."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from seed.support import LoadFile, LoadText
from triptych.seed import SeedError

KEYS = (
    "organizations, users, service_accounts, groups, runners, environment_classes,"
    " projects, environments, tokens, documents"
)
SINGULARS = (
    "organization, user, service_account, group, runner, environment_class, project, environment, token,"
    " document"
)
NOT_PLAIN = "anchors (&), aliases (*) and tags (!) are not allowed"

FILES: dict[str, tuple[str, str | bytes, str]] = {
    "empty YAML": ("a.yaml", "", "a.yaml: holds nothing to load"),
    "comments only": ("a.yaml", "# x\n", "a.yaml: holds nothing to load"),
    "null": ("a.yaml", "---\n", "a.yaml: holds nothing to load"),
    "empty sections": ("a.yaml", "users:\nprojects: []\n", "a.yaml: holds nothing to load"),
    "empty JSON": ("a.json", " \n", "a.json: holds nothing to load"),
    "empty object": ("a.json", '{"users": null}', "a.json: holds nothing to load"),
    "empty NDJSON": ("a.ndjson", "\n\n", "a.ndjson: holds nothing to load"),
    "YAML in Latin-1": ("a.yaml", b"users:\n- name: J\xfcrgen", "a.yaml:2: not UTF-8"),
    "JSON in UTF-16": ("a.json", '{"users": []}'.encode("utf-16"), "a.json:1: not UTF-8"),
    "NDJSON in Latin-1": ("a.jsonl", b'\n{"user": {"name": "J\xfcrgen"}}', "a.jsonl:2: not UTF-8"),
    "other name": (
        "a.toml",
        "x",
        "a.toml: the name of a seed file ends in one of .yaml .yml .json .ndjson .jsonl",
    ),
    "YAML syntax": (
        "a.yaml",
        "users:\n- name: a: b",
        "a.yaml:2:10: not valid YAML: mapping values are not allowed in this context",
    ),
    "YAML control character": (
        "a.yaml",
        "users:\n- name: é\x07",
        "a.yaml:2: not valid YAML: control characters are not allowed",
    ),
    "YAML list": ("a.yaml", "\n- a", "a.yaml:2: must hold an object"),
    "YAML depth": ("a.yaml", "users: " + "[" * 99, "a.yaml:1: nested more than 50 levels deep"),
    "YAML documents": ("a.yaml", "users: []\n---\nusers: []", "a.yaml:2: a second document is not allowed"),
    "YAML anchor": ("a.yaml", "users:\n- &x {name: a}", f"a.yaml:2: {NOT_PLAIN}"),
    "YAML alias": ("a.yaml", "users:\n- name: *x", f"a.yaml:2: {NOT_PLAIN}"),
    "YAML tag": ("a.yaml", "users: !!python/object:os.system {}", f"a.yaml:1: {NOT_PLAIN}"),
    "YAML key twice": (
        "a.yaml",
        "users:\n- name: a\n  name: b",
        "a.yaml:3: the key name is given more than once",
    ),
    "YAML number as key": ("a.yaml", "users:\n- 1: b", "a.yaml:2: a key must be text"),
    "YAML list as key": ("a.yaml", "users:\n- [a]: b", "a.yaml:2: a key must be text"),
    "YAML section twice": (
        "a.yaml",
        "serviceAccounts: []\nservice_accounts: []",
        "a.yaml:2: service_accounts: is given more than once",
    ),
    "YAML unknown section": ("a.yaml", "\nusres: []", f"a.yaml:2: the key usres is none of {KEYS}"),
    "YAML section of text": ("a.yaml", "users: x", "a.yaml:1: users: must be a list"),
    "YAML item of text": ("a.yaml", "users:\n- x", "a.yaml:2: users[0]: must be an object"),
    "JSON syntax": (
        "a.json",
        '{"users": [\n  {"name": }]}',
        "a.json:2:12: not valid JSON: Expecting value",
    ),
    "JSON between items": (
        "a.json",
        '{"organizations": [\n{"name": "a"} {}]}',
        "a.json:2:15: not valid JSON: Expecting ',' delimiter",
    ),
    "JSON between sections": (
        "a.json",
        '{"users": [] 1}',
        "a.json:1:14: not valid JSON: Expecting ',' delimiter",
    ),
    "JSON after the end": ("a.json", '{"users": []}\n}', "a.json:2:1: not valid JSON: Extra data"),
    "JSON without colon": ("a.json", '{"users" []}', "a.json:1:10: not valid JSON: Expecting ':' delimiter"),
    "JSON number as key": (
        "a.json",
        "{1: 2}",
        "a.json:1:2: not valid JSON: Expecting property name enclosed in double quotes",
    ),
    "JSON depth": ("a.json", '{"users": ' + "[" * 99999, "a.json:1: nested more than 50 levels deep"),
    "JSON list": ("a.json", "\n[]", "a.json:2: must hold an object"),
    "JSON key twice": (
        "a.json",
        '{"users": [\n{"name": "a"},\n{"name": "a", "name": "b"}]}',
        "a.json:3: the key name is given more than once",
    ),
    "JSON field": (
        "a.json",
        '{"users": [{\n"name": "a\\n",\n\t"email": [1]}]}',
        "a.json:3: users[0].email: must be a string, not an array",
    ),
    "JSON rule": (
        "a.json",
        '{"users": [\n{"id":\n"1",\n"name": "a"}]}',
        "a.json:2: users[0].id: must be a UUID such as 01970000-0000-7000-8000-000000000063",
    ),
    "JSON number": (
        "a.json",
        '{"users": [\n{"name": 1e999}]}',
        "a.json:2: not valid JSON: NaN, or a number that large",
    ),
    "JSON constant": (
        "a.json",
        '{"users": [\n{"name": NaN}]}',
        "a.json:2: not valid JSON: NaN, or a number that large",
    ),
    "JSON surrogate": (
        "a.json",
        '{"users": [\n{"name": "\\ud800"}]}',
        "a.json:2: users[0].name: holds half of a surrogate pair, which is no Unicode text",
    ),
    "JSON section twice": (
        "a.json",
        '{"users": [], "users": []}',
        "a.json:1: the key users is given more than once",
    ),
    "JSON unknown section": ("a.json", '{\n"a b": []}', f"a.json:2: a key is none of {KEYS}"),
    "JSON section of text": ("a.json", '{"users": "x"}', "a.json:1: users: must be a list"),
    "NDJSON syntax": (
        "a.ndjson",
        '{"organization": {"name": "a"}}\n{"user": {"name"}}',
        "a.ndjson:2:17: not valid JSON: Expecting ':' delimiter",
    ),
    "NDJSON after the end": ("a.ndjson", '{"user": {}} {}', "a.ndjson:1:14: not valid JSON: Extra data"),
    "NDJSON depth": (
        "a.ndjson",
        '\n{"user": ' + "[" * 99999,
        "a.ndjson:2: nested more than 50 levels deep",
    ),
    "NDJSON key twice": (
        "a.ndjson",
        '{"user": {"name": "a", "name": "b"}}',
        "a.ndjson:1: user.name: is given more than once",
    ),
    "NDJSON without key": ("a.ndjson", "\n{}", f"a.ndjson:2: must have one of the keys {SINGULARS}"),
    "NDJSON with two keys": (
        "a.ndjson",
        '{"user": {"name": "a"}, "group": {"name": "a"}}',
        "a.ndjson:1: group: must not be given together with another field of the oneof item",
    ),
    "NDJSON unknown key": (
        "a.ndjson",
        '{"users": {}}',
        "a.ndjson:1: users: is no field of triptych.seed.v1.SeedLine",
    ),
    "NDJSON field": (
        "a.ndjson",
        '{"organization": {"name": "a"}}\n{"user": {"name": 5}}',
        "a.ndjson:2: user.name: must be a string, not 5",
    ),
    "NDJSON rule": ("a.ndjson", '{"user": {}}', "a.ndjson:1: user.name: must not be empty"),
}


@pytest.mark.parametrize("case", FILES)
async def test_what_cannot_be_read(case: str, load_text: LoadText) -> None:
    name, text, expected = FILES[case]
    with pytest.raises(SeedError) as error:
        await load_text(name, text)
    assert str(error.value) == expected


async def test_missing_file(load_file: LoadFile, tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(SeedError) as error:
        await load_file(path)
    assert str(error.value) == f"{path}: cannot be read: No such file or directory"


async def test_folder(load_file: LoadFile, tmp_path: Path) -> None:
    path = tmp_path / "folder.yaml"
    path.mkdir()
    with pytest.raises(SeedError) as error:
        await load_file(path)
    assert str(error.value) == f"{path}: cannot be read: Is a directory"


async def test_all_that_is_malformed_in_an_item_is_told(load_text: LoadText) -> None:
    text = """\
        projects:
          - name: 5
            initializer:
              specs:
                - git:
                    remote_uri: [a]
                  contextUrl: {}
            recommendedEditors:
              editors:
                "my ide": {versions: [1]}
            createdAt: 2025-01-01
            colour: red
        """
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", dedent(text))
    assert str(error.value).splitlines() == [
        "a.yaml:2: projects[0].name: must be a string, not 5",
        "a.yaml:6: projects[0].initializer.specs[0].git.remote_uri: must be a string, not an array",
        (
            "a.yaml:7: projects[0].initializer.specs[0].context_url:"
            " must not be given together with another field of the oneof spec"
        ),
        'a.yaml:10: projects[0].recommended_editors.editors["my ide"].versions[0]: must be a string, not 1',
        (
            'a.yaml:11: projects[0].created_at: must be a timestamp such as "2024-05-01T12:00:00Z",'
            ' of the years 0001 to 9999, not "2025-01-01"'
        ),
        "a.yaml:12: projects[0].colour: is no field of triptych.seed.v1.SeedProject",
    ]


async def test_all_rules_that_an_item_breaks_are_told(load_text: LoadText) -> None:
    text = """\
        projects:
          - id: 1-2-3
            initializer:
              specs:
                - {}
            devcontainer_file_path: /x
            prebuildConfiguration:
              enabled: true
              timeout: 1s
        """
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", dedent(text))
    assert str(error.value).splitlines() == [
        "a.yaml:2: projects[0].id: must be a UUID such as 01970000-0000-7000-8000-000000000063",
        (
            "a.yaml:2: projects[0].creator_id: must be a UUID such as 01970000-0000-7000-8000-000000000063,"
            " and not be empty"
        ),
        "a.yaml:2: projects[0].name: must not be empty",
        "a.yaml:5: projects[0].initializer.specs[0].spec: one of the fields git, context_url is required",
        "a.yaml:6: projects[0].devcontainer_file_path: must be a relative path: it must not start with /",
        ("a.yaml:9: projects[0].prebuild_configuration.timeout: must be from 300s to 7200s"),
    ]


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("two words", 3),
        ("dots.in.it", 3),
        (r"\"quoted\"", 3),
        (r"back\\slash", 3),
        ("[0]", 3),
        ("k" * 99, 3),
        (r"\x01" * 60, 2),  # so long a path is cut, and leads to the item only
    ],
)
async def test_strange_keys_have_lines_too(key: str, line: int, load_text: LoadText) -> None:
    with pytest.raises(SeedError) as error:
        await load_text("a.yaml", f'users:\n- name: X\n  "{key}": 1')
    assert str(error.value).startswith(f"a.yaml:{line}: users[0]")
