"""The commands that call a running server; the command `triptych` imports each when it runs."""
