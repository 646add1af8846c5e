"""What is yours of users. Gatewright leaves this folder alone."""
