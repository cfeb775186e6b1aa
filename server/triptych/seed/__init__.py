"""The data that a server starts with, from a file in the form of `triptych.seed.v1.Seed`.

- `files`, with `yaml_nodes` and `json_slices`: a file becomes checked messages, each with its place.
- `items`: a message with its place, and how a place becomes an error.
- `loader` and `subjects`: messages become records, references are looked up.
"""

from triptych.seed.errors import SeedError
from triptych.seed.files import read_seed
from triptych.seed.items import SeedItem
from triptych.seed.load import SeedSummary, load, load_seed_file

__all__ = ["SeedError", "SeedItem", "SeedSummary", "load", "load_seed_file", "read_seed"]
