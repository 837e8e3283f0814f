"""Host aggregates, and the availability zones that they make."""
