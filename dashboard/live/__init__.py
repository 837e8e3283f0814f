"""What changed: snapshots of a project's resources in Redis, and the Celery tasks that keep them fresh."""
