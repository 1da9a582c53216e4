"""A first contract from a delivered file: how it is written, what its columns hold, as YAML a person finishes."""
