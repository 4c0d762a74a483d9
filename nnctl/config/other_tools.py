"""What other tools call the keys and the kinds of a config, and what a config has in place of what they have."""

from __future__ import annotations

from collections.abc import Collection

OTHER_TOOLS_KEYS = {
    "lr": "learning_rate",
    "learning_rate_init": "learning_rate",
    "units": "out_features",
    "n_units": "out_features",
    "num_units": "out_features",
    "filters": "out_channels",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "max_epochs": "epochs",
    "max_iter": "epochs",
    "bs": "batch_size",
    **dict.fromkeys(
        ("accumulate_grad_batches", "gradient_accumulation_steps", "accumulation"), "gradient_accumulation"
    ),
    "wd": "weight_decay",
    "epsilon": "eps",
    "rate": "p",
    "random_state": "seed",
    "random_seed": "seed",
    "dtype": "precision",
    "strides": "stride",
    "dilation_rate": "dilation",
    "pool_size": "kernel_size",
    "criterion": "loss",
    "class_weights": "class_weight",
    "pos_weight": "class_weight",
    "sample_weight": "weight",
    "sample_weights": "weight",
    "objective": "loss",
    "solver": "optimizer",
    "optim": "optimizer",
    "scheduler": "schedule",
    "lr_scheduler": "schedule",
    "max_norm": "clip_norm",
    "grad_clip": "clip_norm",
    "max_grad_norm": "clip_norm",
    "clipnorm": "clip_norm",
    **dict.fromkeys(("ema", "swa", "model_ema", "use_ema", "weight_averaging"), "averaging"),
    "clipvalue": "clip_value",
    "n_layers": "layers",
    **dict.fromkeys(("pretrained", "init_from", "load_from", "load_weights", "warm_start"), "initialize_from"),
    "val_split": "validation",
    "validation_split": "validation",
    "validation_fraction": "validation",
    "test_split": "test",
    "test_size": "test",
}
"""By what PyTorch, Keras, scikit-learn and others call it, the key."""

_FROM_INPUTS = "leave it out: it follows from the inputs"

KEYS_INSIDE = {
    **dict.fromkeys(("units", "n_units", "num_units", "hidden_dim", "hidden_units", "n_hidden"), "hidden_size"),
    **dict.fromkeys(("layers", "n_layers"), "num_layers branches"),
    **dict.fromkeys(("input_dim", "vocab_size", "num_tokens", "num_words", "num_categories"), "num_embeddings"),
    **dict.fromkeys(("output_dim", "embed_dim", "dim"), "embedding_dim"),
    **dict.fromkeys(("n_out", "out_dim", "output_size", "neurons"), "out_features hidden_size"),
    **dict.fromkeys(("n_filters", "num_filters", "channels"), "out_channels"),
    **dict.fromkeys(("use_bias", "bias_initializer", "beta_initializer"), "bias"),
    **dict.fromkeys(
        ("kernel_initializer", "weight_initializer", "embeddings_initializer", "gamma_initializer"), "weight"
    ),
    "recurrent_initializer": "recurrent_weight",
    **dict.fromkeys(
        ("kernel_regularizer", "weight_regularizer", "activity_regularizer", "embeddings_regularizer"), "regularization"
    ),
    **dict.fromkeys(("kernel_constraint", "weight_constraint"), "regularization"),
    **dict.fromkeys(("negative_slope", "alpha", "init", "alpha_initializer"), "slope weight"),
    **dict.fromkeys(("scale_factor", "size"), "scale embedding_dim"),
    "factor": "scale embedding_dim amount",
    **dict.fromkeys(("brightness", "contrast", "max_delta", "limit", "brightness_limit", "contrast_limit"), "amount"),
    **dict.fromkeys(("angle", "max_angle", "rotation", "rotation_range", "rotate", "rotate_limit"), "degrees"),
    **dict.fromkeys(("zoom", "zoom_range", "scale_range", "scale_limit"), "scale"),
    **dict.fromkeys(("translate", "translation", "shift_limit", "width_shift_range", "height_shift_range"), "shift"),
    **dict.fromkeys(("pixels", "pad"), "padding"),
    **dict.fromkeys(("hole_size", "mask_size", "crop_size"), "size"),
    "direction": "axis",
    "interpolation": "mode",
    "mode": "axis",
    **dict.fromkeys(("dims", "order", "perm"), "axes"),
    **dict.fromkeys(("target_shape", "unflattened_size", "output_shape"), "shape"),
    **dict.fromkeys(("nonlinearity", "act", "activation_fn"), "activation"),
    **dict.fromkeys(("merge", "merge_mode", "aggregation"), "join"),
    **dict.fromkeys(("skip", "downsample"), "shortcut"),
    **dict.fromkeys(("times", "count", "n"), "repeat"),
    **dict.fromkeys(("depth_multiplier", "channel_multiplier"), "multiplier"),
    **dict.fromkeys(("time", "time_mask_param", "time_mask", "max_shift", "shift"), "steps padding"),
    **dict.fromkeys(("freq", "freq_mask_param", "freq_mask", "frequency"), "features"),
    **dict.fromkeys(("stddev", "sigma"), "std"),
    **dict.fromkeys(("prob", "probability", "drop_prob", "dropout_rate"), "p dropout"),
    **dict.fromkeys(("is_causal", "use_causal_mask"), "causal"),
    "activity_l1": "l1",
    "pct_start": "rise",
    "anneal_strategy": "annealing",
    **dict.fromkeys(("t_0", "t_max", "first_decay_steps"), "period"),
    **dict.fromkeys(("t_mult", "t_mul"), "multiplier"),
    **dict.fromkeys(("eta_min", "min_lr", "end_learning_rate"), "minimum"),
    **dict.fromkeys(("warmup_epochs", "warmup_steps", "num_warmup_steps"), "warmup"),
    **dict.fromkeys(("milestones", "boundaries"), "epochs"),
    **dict.fromkeys(("gammas", "values"), "factors"),
    "step_size": "every",
    "min_delta": "threshold",
    **dict.fromkeys(("activity_l2", "l2"), "l2 weight_decay"),
    "maxnorm": "max_norm",
}
"""The same inside a layer or an optimizer, where the first key that is there is meant."""

_REMEDIES = {
    "return_sequences": ("return", "write `return: sequence` for true, `return: last` for false"),
    "batch_first": ("", "leave it out: a sample is the first axis"),
    "data_format": ("", "leave it out: channels are last"),
    "freeze": ("", "leave it out: `freeze: true` is for layers that have weights"),
    **dict.fromkeys(("trainable", "requires_grad"), ("freeze", "write `freeze: true` for false")),
    "learning_rate_scale": ("", "leave it out: it is for layers that have weights"),
    "mask_zero": ("num_embeddings", "leave it out: save an array `lengths` beside the inputs"),
    "key_dim": ("heads", "leave it out: each head takes an equal part of the features"),
    **dict.fromkeys(("affine", "elementwise_affine"), ("eps", "leave it out; `bias: false` takes the bias away")),
    **dict.fromkeys(
        ("in_features", "in_channels", "input_shape", "input_size", "input_dim", "num_features", "normalized_shape"),
        ("", _FROM_INPUTS),
    ),
    **dict.fromkeys(
        ("num_channels", "num_parameters", "embed_dim", "d_model", "batch_input_shape"), ("", _FROM_INPUTS)
    ),
    "nonlinearity": ("recurrent_weight", "leave it out: its gates have functions of their own; an rnn takes one"),
    "dropout": ("heads", "put a dropout layer behind this one"),
    "mode": ("patience", "leave it out: whether higher is better follows from the monitored number"),
    "threshold_mode": ("threshold", "leave it out: the threshold is a share of the best value"),
    "max_lr": ("rise", "write `learning_rate` at the top level: it is the largest one"),
    "div_factor": ("rise", "write `start`, a share of the learning rate: 0.04 for 25"),
    "final_div_factor": ("rise", "write `minimum`, a share of the learning rate: 4e-6 for 1e4 after a start of 0.04"),
    "max_norm": ("clip_norm", "write `clip_norm` for gradients, or `regularization: {max_norm: …}` for weights"),
}
"""By what others call it, a key that must be there, if any, and what to do in its place."""

KINDS = {
    **dict.fromkeys(("dense", "fc", "fullyconnected", "affine", "innerproduct", "perceptron", "mlp"), "linear"),
    "swish": "silu",
    **dict.fromkeys(("heaviside", "threshold", "sign"), "step"),
    "logistic": "sigmoid",
    **dict.fromkeys(("simplernn", "elman"), "rnn"),
    **dict.fromkeys(("gap", "globalpool", "globalpooling"), "global_avg_pool"),
    **{f"adaptiveavgpool{axes}": "global_avg_pool" for axes in ("", "1d", "2d")},
    **{f"adaptivemaxpool{axes}": "global_max_pool" for axes in ("", "1d", "2d")},
    **dict.fromkeys(("dropout1d", "dropout2d", "featuredropout"), "spatial_dropout"),
    **dict.fromkeys(("add", "sum", "concat", "concatenate", "merge", "inception", "branches"), "parallel"),
    **dict.fromkeys(("skip", "shortcut", "resnet", "resblock"), "residual"),
    **dict.fromkeys(("positionalencoding", "positionalembedding", "positionembedding", "posenc"), "positions"),
    **dict.fromkeys(("activityregularization", "activityregularizer"), "activity_penalty"),
    **dict.fromkeys(("specaugment", "timemasking", "frequencymasking", "spanmask"), "random_mask"),
    **dict.fromkeys(("randomhorizontalflip", "randomverticalflip", "horizontalflip", "verticalflip"), "random_flip"),
    **dict.fromkeys(("flip", "hflip", "vflip", "randommirror"), "random_flip"),
    **dict.fromkeys(("randomrotation", "randomrotate", "rotation", "rotate"), "random_affine"),
    **dict.fromkeys(("randomzoom", "zoom", "randomscale", "randomresizedcrop", "shiftscalerotate"), "random_affine"),
    **dict.fromkeys(("randomtranslation", "randomtranslate", "translate", "shift"), "random_affine"),
    **dict.fromkeys(("crop", "centercrop"), "random_crop"),
    **dict.fromkeys(("brightness", "adjustbrightness"), "random_brightness"),
    **dict.fromkeys(("contrast", "adjustcontrast"), "random_contrast"),
    **dict.fromkeys(("randomerasing", "erasing", "coarsedropout", "randomcutout"), "cutout"),
    **dict.fromkeys(("noise", "gaussnoise", "randomnoise", "randomgaussiannoise"), "gaussian_noise"),
    **dict.fromkeys(("mha", "transformer"), "attention"),
    **dict.fromkeys(("deconv", "deconv2d", "convtranspose", "conv2dtranspose"), "conv_transpose2d"),
    **dict.fromkeys(("bn", "batchnormalization"), "batch_norm"),
    "ln": "layer_norm",
    **dict.fromkeys(("transpose", "swapaxes"), "permute"),
    **dict.fromkeys(("view", "unflatten"), "reshape"),
    **dict.fromkeys(("l2", "meansquarederror", "squarederror"), "mse"),
    **dict.fromkeys(("l1", "meanabsoluteerror"), "mae"),
    **dict.fromkeys(("bce", "logloss", "bcewithlogits", "binarycrossentropy"), "binary_cross_entropy"),
    **dict.fromkeys(
        ("nll", "ce", "softmaxcrossentropy", "categoricalcrossentropy", "sparsecategoricalcrossentropy"),
        "cross_entropy",
    ),
    "smoothl1": "huber",
    **dict.fromkeys(("momentum", "nesterov"), "sgd"),
    **dict.fromkeys(("cosineannealing", "cosineannealinglr", "cosinedecay"), "cosine"),
    **dict.fromkeys(("cosineannealingwarmrestarts", "cosinedecayrestarts", "sgdr"), "cosine"),
    "steplr": "step",
    **dict.fromkeys(("multistep", "multisteplr", "piecewiseconstant", "piecewiseconstantdecay"), "piecewise"),
    **dict.fromkeys(("polynomiallr", "polynomialdecay", "linearlr", "lineardecay"), "polynomial"),
    **dict.fromkeys(("noam", "invsqrt", "rsqrt"), "inverse_sqrt"),
    **dict.fromkeys(("onecyclelr", "superconvergence"), "one_cycle"),
    **dict.fromkeys(("plateau", "reducelronplateau"), "reduce_on_plateau"),
    **dict.fromkeys(("acc", "categoricalaccuracy", "binaryaccuracy"), "accuracy"),
    "rootmeansquarederror": "rmse",
}
"""By what others call it, in small letters and without anything between them, the kind: that of any family."""

KIND_REMEDIES = {
    "bidirectional": "write `bidirectional: true` in a rnn, gru or lstm",
    "timedistributed": "leave it out: a linear layer takes each step by itself",
    "masking": "leave it out: save an array `lengths` beside the inputs",
    "separableconv2d": "write a depthwise_conv2d, and a conv2d with `kernel_size: 1` behind it",
    **dict.fromkeys(
        ("colorjitter", "randombrightnesscontrast"), "write random_brightness and random_contrast, one after the other"
    ),
    **dict.fromkeys(
        ("randaugment", "autoaugment", "trivialaugment", "trivialaugmentwide", "augmix", "augmentation"),
        "write the layers of augmentation one after the other: random_flip, random_crop, random_affine, cutout, …",
    ),
    "sequential": "write its layers one after the other",
    "identity": "leave it out",
    **dict.fromkeys(("input", "inputs"), "leave it out: the data have a shape"),
    **dict.fromkeys(
        ("transformerencoder", "transformerblock"),
        "write two residual layers, one around layer_norm and attention, one around layer_norm and two linear layers",
    ),
    **dict.fromkeys(("zeropadding1d", "zeropadding2d"), "set `padding` in the convolution behind it"),
}
"""By what others call it, what to do where there is no such kind."""


def key_of(word: str, known: Collection[str]) -> str | None:
    """The key that others call so, among those that there are."""
    word = word.lower()
    meant = OTHER_TOOLS_KEYS.get(word, ""), *KEYS_INSIDE.get(word, "").split()
    return next((key for key in meant if key in known), None)


def remedy_for_key(word: str, known: Collection[str]) -> str:
    """What to do in place of a key of others that has no like here. known: the keys that there are."""
    needed, remedy = _REMEDIES.get(word.lower(), ("", ""))
    return remedy if not needed or needed in known else ""


def kind_of(word: str, known: Collection[str]) -> str | None:
    """The kind that others call so, among those that there are."""
    return next((KINDS[bare] for bare in _bare(word) if KINDS.get(bare) in known), None)


def remedy_for_kind(word: str) -> str:
    """What to do where there is no kind like one of others."""
    return next((KIND_REMEDIES[bare] for bare in _bare(word) if bare in KIND_REMEDIES), "")


def _bare(word: str) -> tuple[str, ...]:
    """Its letters alone, and those without an ending: `mean_squared_error` and `MeanSquaredErrorLoss` are one word."""
    bare = "".join(letter for letter in word.casefold() if letter.isalnum())
    return bare, bare.removesuffix("layer").removesuffix("loss")
