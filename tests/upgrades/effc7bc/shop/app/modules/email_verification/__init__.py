"""What is yours of email verifications. Gatewright leaves this folder alone."""
