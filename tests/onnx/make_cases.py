"""Write cases/ and left_out.json: ONNX's own test cases for the operators that nnctl has a layer for.

They come with the package onnx, version 1.22.0 (Apache License 2.0), which only this needs, no test. Run by hand where
it is installed, another environment will do: `python -m tests.onnx.make_cases`. Cases of several operators in a row are
ONNX's own rewritings of others; they are not counted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

from tests.onnx import stored
from tests.onnx.case import Array, InapplicableError, OperatorCase, all_adapters

VERSION = "1.22.0"
NODES = Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"


def main() -> None:
    assert onnx.__version__ == VERSION, f"install onnx=={VERSION}; this is {onnx.__version__}"
    adapters = all_adapters()
    applicable: dict[str, list[OperatorCase]] = defaultdict(list)
    left_out: dict[str, dict[str, str]] = defaultdict(dict)
    for case in _cases(set(adapters)):
        try:
            adapters[case.operator](case)
        except InapplicableError as error:
            left_out[case.operator][case.name] = str(error)
        else:
            applicable[case.operator].append(case)
    stored.CASES.mkdir(exist_ok=True)
    for operator, cases in applicable.items():
        stored.write(operator, cases)
    stored.LEFT_OUT.write_text(json.dumps(left_out, indent=1, sort_keys=True) + "\n")
    for operator in adapters:
        print(f"{operator:20}{len(applicable[operator]):4} of {len(applicable[operator]) + len(left_out[operator])}")


def _cases(operators: set[str]) -> Iterator[OperatorCase]:
    for folder in sorted(NODES.glob("test_*")):
        graph = onnx.load(folder / "model.onnx").graph
        if len(graph.node) == 1 and graph.node[0].op_type in operators:
            node = graph.node[0]
            attributes = {attribute.name: _value(attribute) for attribute in node.attribute}
            inputs = _arrays(folder, "input", [given.name for given in graph.input])
            outputs = _arrays(folder, "output", [given.name for given in graph.output])
            yield OperatorCase(
                node.op_type,
                folder.name.removeprefix("test_"),
                attributes,
                tuple(inputs.get(name) for name in node.input),
                tuple(outputs.get(name) for name in node.output),
            )


def _value(attribute: onnx.AttributeProto) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (int, float)):
        return value
    return [part.decode() if isinstance(part, bytes) else part for part in value]


def _arrays(folder: Path, side: str, names: list[str]) -> dict[str, Array]:
    files = [folder / "test_data_set_0" / f"{side}_{index}.pb" for index in range(len(names))]
    return {name: onnx.numpy_helper.to_array(onnx.load_tensor(file)) for name, file in zip(names, files, strict=True)}


if __name__ == "__main__":
    main()
