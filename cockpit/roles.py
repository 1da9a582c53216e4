def open_pages(superset, bundle): pass
