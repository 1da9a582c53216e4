"""What the standards of the field say about one value, as SQL text that means the same on every engine.

Each module holds one theme. Functions take SQL (a column or an expression) and give SQL: no session, no UDF. A
`fault` is the name of the first thing that is wrong with a value, or null; `govlake/contracts/standards.py` says
each in words.
"""
