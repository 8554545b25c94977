"""What lets a run near a live account: limits, a journal, a gate for every request, and cleaning up."""
