"""Other forms that a design can be taken in from."""
