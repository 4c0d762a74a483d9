"""From a table to a config that trains well on it: what its columns are, what is predicted, with which network."""
