"""What is handed out: wheels that carry compiled kernels."""
