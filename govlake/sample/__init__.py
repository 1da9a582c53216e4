"""The sample city: a seeded generator that plays seven departments delivering files.

Everything is a function of (seed, date): the same call writes the same bytes, whenever it runs. The city does not
exist; its districts carry the unassigned area prefix 99.
"""
