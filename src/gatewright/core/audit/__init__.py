"""The audit log: recording, chaining, reading and verifying it."""
