"""Compiled loops: arrays in, arrays out. They know no layer and no config."""
