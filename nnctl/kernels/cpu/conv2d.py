"""Convolution in its three products. Images are channels last, (N, H, W, C); weights (KH, KW, C, O).

Each iteration of a parallel loop owns the rows it writes, and each element sums in a fixed order: the bits do not
depend on the number of threads. The innermost loops run along contiguous channels. Pairs are (height, width);
`before` is the padding above and to the left. An output's tap is the input that it meets at one place of the kernel.
"""

from __future__ import annotations

from nnctl.kernels.jit import Array, kernel, parallel_kernel, prange

Pair = tuple[int, int]


@kernel
def _inside(offset: int, stride: int, inputs: int, outputs: int) -> Pair:
    """first, last: for first <= o < last the tap lies inside the image, 0 <= o stride + offset < inputs."""
    return max(0, (stride - 1 - offset) // stride), min(outputs, (inputs - 1 - offset) // stride + 1)


@kernel
def _add_row(image: Array, weight: Array, row: Array, oh: int, stride: Pair, dilation: Pair, before: Pair) -> None:
    """row += the output row `oh` of one image. image: (H, W, C), row: (OW, O)."""
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for kh in range(kernel_h):
        h = oh * stride[0] + kh * dilation[0] - before[0]
        if 0 <= h < image.shape[0]:
            for kw in range(kernel_w):
                offset = kw * dilation[1] - before[1]
                first, last = _inside(offset, stride[1], image.shape[1], row.shape[0])
                for c in range(channels):
                    for ow in range(first, last):  # neighbours in turn: no sum waits for the one before it
                        factor = image[h, ow * stride[1] + offset, c]
                        for o in range(out_channels):
                            row[ow, o] += factor * weight[kh, kw, c, o]


@parallel_kernel
def forward(inputs: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair, before: Pair) -> None:
    """inputs: (N, H, W, C), weight: (KH, KW, C, O), outputs: (N, OH, OW, O)."""
    samples, rows = outputs.shape[:2]
    for task in prange(samples * rows):
        n, oh = task // rows, task % rows
        outputs[n, oh] = 0
        _add_row(inputs[n], weight, outputs[n, oh], oh, stride, dilation, before)


@parallel_kernel
def forward_bias(
    inputs: Array, weight: Array, bias: Array, outputs: Array, stride: Pair, dilation: Pair, before: Pair
) -> None:
    """As `forward`, plus bias: (O,)."""
    samples, rows = outputs.shape[:2]
    for task in prange(samples * rows):
        n, oh = task // rows, task % rows
        for ow in range(outputs.shape[2]):
            outputs[n, oh, ow] = bias
        _add_row(inputs[n], weight, outputs[n, oh], oh, stride, dilation, before)


@parallel_kernel
def backward_weight(
    inputs: Array, d_outputs: Array, d_weight: Array, stride: Pair, dilation: Pair, before: Pair
) -> None:
    """inputs: (N, H, W, C), d_outputs: (N, OH, OW, O), d_weight: (KH, KW, C, O), summed over samples in order."""
    samples, rows, columns, out_channels = d_outputs.shape
    kernel_h, kernel_w, channels, _ = d_weight.shape
    for task in prange(kernel_h * kernel_w * channels):
        kh, kw, c = task // (kernel_w * channels), task // channels % kernel_w, task % channels
        row = d_weight[kh, kw, c]
        row[:] = 0
        offset_h, offset_w = kh * dilation[0] - before[0], kw * dilation[1] - before[1]
        first_h, last_h = _inside(offset_h, stride[0], inputs.shape[1], rows)
        first_w, last_w = _inside(offset_w, stride[1], inputs.shape[2], columns)
        for n in range(samples):
            for oh in range(first_h, last_h):
                for ow in range(first_w, last_w):
                    factor = inputs[n, oh * stride[0] + offset_h, ow * stride[1] + offset_w, c]
                    for o in range(out_channels):
                        row[o] += factor * d_outputs[n, oh, ow, o]


@parallel_kernel
def transpose(weight: Array, out: Array) -> None:
    """Swap the channels. weight: (KH, KW, C, O), out: (KH, KW, O, C)."""
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for task in prange(kernel_h * kernel_w):
        kh, kw = task // kernel_w, task % kernel_w
        for o in range(out_channels):
            for c in range(channels):
                out[kh, kw, o, c] = weight[kh, kw, c, o]


@parallel_kernel
def backward_inputs(
    d_outputs: Array, transposed: Array, d_inputs: Array, stride: Pair, dilation: Pair, before: Pair
) -> None:
    """d_outputs: (N, OH, OW, O), transposed: (KH, KW, O, C), d_inputs: (N, H, W, C)."""
    _, rows, columns, out_channels = d_outputs.shape
    kernel_h, kernel_w, _, channels = transposed.shape
    samples, height, width, _ = d_inputs.shape
    for task in prange(samples * height):
        n, h = task // height, task % height
        row = d_inputs[n, h]
        row[:] = 0
        for kh in range(kernel_h):
            from_top = h + before[0] - kh * dilation[0]
            oh = from_top // stride[0]
            if from_top % stride[0] == 0 and 0 <= oh < rows:
                for kw in range(kernel_w):
                    offset = kw * dilation[1] - before[1]
                    first, last = _inside(offset, stride[1], width, columns)
                    for o in range(out_channels):
                        for ow in range(first, last):
                            factor = d_outputs[n, oh, ow, o]
                            for c in range(channels):
                                row[ow * stride[1] + offset, c] += factor * transposed[kh, kw, o, c]
