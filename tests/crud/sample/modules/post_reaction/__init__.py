"""What is yours of post reactions. Gatewright leaves this folder alone."""
