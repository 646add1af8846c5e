"""What is yours of posts. Gatewright leaves this folder alone."""
