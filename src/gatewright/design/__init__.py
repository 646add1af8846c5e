"""The design document: typed objects, reading, writing, checking and comparing them. No SQL runs here."""
