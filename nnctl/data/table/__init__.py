"""Tables: columns of numbers and words, read, understood, and turned into what a network takes."""
