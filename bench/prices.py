def price_tables() -> str:
    return ""
