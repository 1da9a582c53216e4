"""The control plane: settings, contracts, lake, engine, ledger, editions, connectors and the command line."""

__version__ = "0.1.0"
