"""Sources: the places that know which of trunk's tests are disabled or failing."""
