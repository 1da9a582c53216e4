"""Gunicorn's settings for the cockpit: a worker per two cores, threads for the charts of one page."""

import os

workers = max(1, min(4, (os.cpu_count() or 1) // 2))
worker_class = "gthread"
threads = 8
timeout = 120
graceful_timeout = 2
keepalive = 5
# Heartbeat files on a disk can stall a worker; shared memory cannot.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
control_socket_disable = True
errorlog = "-"
accesslog = None
loglevel = "info"
