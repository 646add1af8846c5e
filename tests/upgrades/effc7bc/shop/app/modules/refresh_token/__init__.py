"""What is yours of refresh tokens. Gatewright leaves this folder alone."""
