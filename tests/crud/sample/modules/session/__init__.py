"""What is yours of sessions. Gatewright leaves this folder alone."""
