"""What administrators see of the network: agents, addresses, quotas."""
