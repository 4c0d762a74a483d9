"""Text as sequences of characters, each with the next one as its target."""
