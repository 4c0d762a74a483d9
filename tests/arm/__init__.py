"""`make test-arm`: nnctl on an emulated 64-bit Arm processor."""
