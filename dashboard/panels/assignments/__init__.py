"""Who can do what where, and the matrix that changes it."""
