"""From a table or pictures to a config that trains well on them: what is predicted, from what, with which network."""
