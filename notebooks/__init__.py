"""Looking, never running: each notebook answers one question from the edition that leaders see."""
