"""What is yours of papers. Gatewright leaves this folder alone."""
