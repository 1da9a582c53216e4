"""The ways of writing dates and times that have a name, because no pattern says them."""

# Of days, with or without a time.
MOMENTS = ("roc", "excel", "epoch_s", "epoch_ms", "chinese", "clock12")
# Of times of day; clock12 is both.
TIMES = ("hms_seconds", "clock12")
NAMED = tuple(dict.fromkeys((*MOMENTS, *TIMES)))
# Those that are no local time.
ZONED = ("epoch_s", "epoch_ms")
