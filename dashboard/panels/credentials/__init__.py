"""EC2 credentials, the credentials that Keystone keeps of everybody, and OAuth consumers."""
