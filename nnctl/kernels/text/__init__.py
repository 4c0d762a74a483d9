"""Kernels that read text. They run on the processor, whatever the device."""
