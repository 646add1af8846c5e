"""What is yours of comments. Gatewright leaves this folder alone."""
