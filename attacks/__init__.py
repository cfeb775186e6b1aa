"""Attacks on a server of one's own, on loopback and with bounded counts, and what each costs."""
