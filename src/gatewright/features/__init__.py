"""One folder for each thing that an account can do. `gatewright.app` has the list of what is switched on."""
