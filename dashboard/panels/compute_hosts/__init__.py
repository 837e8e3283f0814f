"""Hosts of servers: hypervisors, Nova's services, Placement's providers, and what is done to a whole host."""
