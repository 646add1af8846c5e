"""Writing a revision: from the steps between two designs to source that a person would have written."""
