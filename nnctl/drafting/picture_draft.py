"""Pictures in, the text of a commented config out."""

from __future__ import annotations

from nnctl.drafting.convolutions import Convolutions, convolutions_for
from nnctl.drafting.draft import LEAST_TO_SPLIT
from nnctl.drafting.pictures import Pictures
from nnctl.drafting.writing import as_comment, inline, run_name
from nnctl.text import listed

VALIDATION, TEST = 0.1, 0.2
RARE = 10  # times fewer pictures than of the most frequent class, for a class to count more


def draft_pictures(pictures: Pictures, source: str) -> str:
    """A config that learns what these pictures show. source: their path as the config is to name it."""
    validation, test = _shares(pictures)
    sound = max(1, pictures.counts["train"] - pictures.looked.damaged)
    network = convolutions_for(pictures.looked.frame, int(sound * (1 - test) * (1 - validation)))
    lines = [
        *_head(pictures, source),
        *_data(pictures, source, validation, test),
        *_layers(pictures, network),
        *_training(pictures, network, is_validated=validation > 0 or "validation" in pictures.counts),
    ]
    return "\n".join(lines) + "\n"


def _shares(pictures: Pictures) -> tuple[float, float]:
    """Of the pictures to train on, to validate with and to test on; 0 where there are folders of them, or too few."""
    if pictures.counts["train"] < LEAST_TO_SPLIT:
        return 0.0, 0.0
    has_folders = len(pictures.counts) > 1
    return 0.0 if "validation" in pictures.counts else VALIDATION, 0.0 if has_folders else TEST


def _head(pictures: Pictures, source: str) -> list[str]:
    what = listed(pictures.targets) if pictures.targets else "classes"
    about = f"{what} of pictures: {sum(pictures.counts.values()):,} of them, drafted by nnctl init"
    return [f"# {as_comment(about)}", f"name: {inline(run_name(source, 'pictures'))}", "seed: 0"]


def _data(pictures: Pictures, source: str, validation: float, test: float) -> list[str]:
    looked, task = pictures.looked, pictures.task
    names = f": {listed(pictures.names)}" if pictures.classes else ""
    about = as_comment(f"{task.about}{names}")
    lines = ["data:", f"  source: {inline(source)}{'' if pictures.targets else f' # {about}'}"]
    if pictures.targets:
        target = pictures.targets[0] if len(pictures.targets) == 1 else list(pictures.targets)
        lines += [f"  file: {inline(pictures.file)} # names the pictures", f"  target: {inline(target)} # {about}"]
        lines += [f"  target_transform: {inline(list(task.transform))} # undone in predictions"] * bool(task.transform)
    size = (
        "as all have" if not looked.sizes else f"the pictures have {looked.sizes}; larger shows more, and takes longer"
    )
    mode = "one number a pixel" if looked.frame.mode == "grey" else "three numbers a pixel; grey: one"
    lines += [
        f"  size: {list(looked.frame.size)} # height and width; {size}",
        f"  mode: {looked.frame.mode} # {mode}",
    ]
    lines += ["  damaged: skip # files that are no pictures are left out, and named"] * bool(looked.damaged)
    if pictures.counts["train"] < LEAST_TO_SPLIT and len(pictures.counts) == 1:
        return [*lines, "  # validation, test: too few pictures to keep some of them back"]
    if validation:
        lines += [f"  validation: {validation} # of each class; measured after every epoch, never trained on"]
    return [*lines, *[f"  test: {test} # of each class; kept for nnctl eval"] * bool(test)]


def _layers(pictures: Pictures, network: Convolutions) -> list[str]:
    lines = ["layers:"]
    lines += ["  - random_flip # in training; remove it where left and right differ: letters, digits, signs"]
    if any(network.shift):
        height, width = network.shift
        padding = height if height == width else [height, width]
        lines += [f"  - {{type: random_crop, padding: {padding}}} # shifted by so many pixels at most, in training"]
    for block, channels in enumerate(network.channels):
        lines += [
            f"  - {{type: conv2d, out_channels: {channels}, kernel_size: 3, padding: same, bias: false}}",
            "  - {type: batch_norm, activation: relu}",
        ]
        lines += ["  - {type: max_pool2d, kernel_size: 2}"] * (block < network.halved)
    each = "a class" if pictures.classes else "a target"
    return [
        *lines,
        "  - flatten",
        f"  - {{type: dropout, p: {network.dropout}}}",
        f"  - {{type: linear, out_features: {pictures.task.outputs}}} # one {each}",
    ]


def _training(pictures: Pictures, network: Convolutions, *, is_validated: bool) -> list[str]:
    lines = ["loss: {type: cross_entropy, label_smoothing: 0.1}" if pictures.classes else f"loss: {pictures.task.loss}"]
    counts = [splits["train"] for splits in pictures.classes.values() if splits["train"]]
    if counts and max(counts) >= RARE * min(counts):
        lines += [f"class_weight: balanced # {min(counts):,} to {max(counts):,} pictures of a class: all count alike"]
    lines += [
        "optimizer: {type: adamw, weight_decay: 0.05}",
        "learning_rate: 0.003",
        "schedule: {type: cosine, warmup: 1}",
        f"batch_size: {network.batch_size}",
        f"epochs: {network.epochs}",
    ]
    if is_validated:
        lines += [f"early_stopping: {{monitor: val_loss, patience: {network.patience}}}"]
    return [*lines, f"metrics: {inline(list(pictures.task.metrics))}"]
