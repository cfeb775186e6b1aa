"""The data that a server starts with, from a file in the form of `triptych.seed.v1.Seed`.

- `files`: a file becomes items, which are checked messages with their places. `yaml_nodes`, `json_slices` and
  `whole_files` know the formats, `item_reader` reads one item, `items` turns a place into an error.
- `load`: items become records, in an order in which `references` can be looked up. `writer`, `projects`,
  `environments` and `documents` know the kinds, `document_contents` the files that are named.
"""

from triptych.seed.errors import SeedError
from triptych.seed.files import read_seed
from triptych.seed.items import SeedItem
from triptych.seed.load import SeedSummary, load, load_seed_file

__all__ = ["SeedError", "SeedItem", "SeedSummary", "load", "load_seed_file", "read_seed"]
