"""The folder checks/ is run by test_sdks.py, in the environments of the SDKs, and not collected here."""

collect_ignore = ["checks"]
