"""What leaders see: Superset as code. A compact spec becomes datasets, charts, pages and roles."""
