"""How scenarios are made: the scenario type and its files, walks, the covering suite, minimisation on the model."""
