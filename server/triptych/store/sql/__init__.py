"""What the stores that speak SQL share: rows of records, statements of two dialects, pages, migrations."""
