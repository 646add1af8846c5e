"""Your part of each table's code. Gatewright wrote it once and leaves it alone from then on."""
