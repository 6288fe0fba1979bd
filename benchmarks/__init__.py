"""How fast it is: ratios to a reference that is measured in the same run, on the same machine."""
