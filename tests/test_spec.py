"""Every class that a config can name says what it is and what each of its keys means."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from nnctl.averaging.averaging import Averaging
from nnctl.config.run_config import EarlyStopping, RunConfig
from nnctl.data.source import Source
from nnctl.initializers.initializer import Initializer
from nnctl.layers.layer import Layer
from nnctl.losses.loss import Loss
from nnctl.metrics.metric import Metric
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.schedule import Schedule
from nnctl.spec import ConfigPath, OneOf, Spec, TextFrom, described, kind_named, kinds

FAMILIES: list[type[Spec]] = [Layer, Loss, Optimizer, Schedule, Averaging, Initializer, Metric, Source]
SPECS = [RunConfig, EarlyStopping, *(kind for family in FAMILIES for kind in kinds(family).values())]
NAMED = [(family, name) for family in FAMILIES if family is not Source for name in kinds(family)]


def one_of(family: type[Spec], value: Any) -> Spec:
    made: Spec = TypeAdapter(Annotated[family, OneOf()]).validate_python(value)
    return made


def test_the_kinds_are_found_in_their_folder() -> None:
    for family in FAMILIES:
        names = list(kinds(family))
        assert len(names) >= 2
        assert names == sorted(names)
        assert all(kinds(family)[name].model_fields[family.tag].default == name for name in names)
        assert all(kinds(family)[name].__module__.endswith(f".{name}") for name in names), "found without the others"
    assert {"linear", "conv2d", "relu", "dropout"} <= set(kinds(Layer))


FILES = {
    "shape": "from nnctl.spec import Spec\nclass Shape(Spec):\n    pass\n",
    "circle": "from typing import Literal\nfrom shapes.shape import Shape\n"
    "class Circle(Shape):\n    type: Literal['circle'] = 'circle'\n    radius: float = 1.0\n",
    "cornered": "from typing import Literal\nfrom shapes.shape import Shape\n"
    "class Square(Shape):\n    type: Literal['square'] = 'square'\n",
}


@pytest.fixture
def shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Spec]]:
    """A family: a kind in a file of its name, and one in a file of another name."""
    (tmp_path / "shapes").mkdir()
    for name, text in {"__init__": "", **FILES}.items():
        (tmp_path / "shapes" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    base: type[Spec] = importlib.import_module("shapes.shape").Shape
    yield base
    for name in [name for name in sys.modules if name.partition(".")[0] == "shapes"]:
        del sys.modules[name]


def test_a_kind_is_imported_alone_and_built_when_it_is_named(shape: type[Spec]) -> None:
    adapter: TypeAdapter[Spec] = TypeAdapter(Annotated[shape, OneOf()])
    assert "shapes.circle" not in sys.modules
    assert adapter.validate_python({"type": "circle", "radius": 2.0}).model_dump() == {"type": "circle", "radius": 2.0}
    assert "shapes.cornered" not in sys.modules


def test_a_kind_in_a_file_of_another_name_is_found_as_well(shape: type[Spec]) -> None:
    square = kind_named(shape, "square")
    assert square is not None
    assert one_of(shape, "square") == square()


@pytest.mark.parametrize("name", ["triangle", "shape", "", ".circle", "circle.radius", "../shapes/circle"])
def test_what_names_no_kind(shape: type[Spec], name: str) -> None:
    assert kind_named(shape, name) is None
    with pytest.raises(ValidationError) as raised:
        one_of(shape, {"type": name})
    (error,) = raised.value.errors()
    assert (error["type"], error["loc"], error["ctx"]["expected_tags"]) == (
        *("union_tag_invalid", ()),
        "'circle', 'square'",
    )


@pytest.mark.parametrize(("value", "kind"), [({}, "union_tag_not_found"), (3, "model_attributes_type")])
def test_what_does_not_say_which_kind(shape: type[Spec], value: Any, kind: str) -> None:
    with pytest.raises(ValidationError) as raised:
        one_of(shape, value)
    assert [(error["type"], error["loc"]) for error in raised.value.errors()] == [(kind, ())]


def test_the_place_of_a_mistake_has_the_name_of_the_kind(shape: type[Spec]) -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(list[Annotated[shape, OneOf()]]).validate_python(["circle", {"type": "circle", "radius": "wide"}])
    assert [(error["type"], error["loc"]) for error in raised.value.errors()] == [
        ("float_type", (1, "circle", "radius"))
    ]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_class_and_every_key_is_described(spec: type[Spec]) -> None:
    assert spec.__doc__
    assert spec.__doc__ != Spec.__doc__
    for name, field in described(spec).items():
        assert name == spec.tag or (field.description or "").strip(), name


@pytest.mark.parametrize(("family", "name"), NAMED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bare_word_is_the_kind_with_its_defaults_or_says_what_is_missing(family: type[Spec], name: str) -> None:
    required = {key for key, field in kinds(family)[name].model_fields.items() if field.is_required()}
    if not required:
        assert one_of(family, name) == kinds(family)[name]()
        return
    with pytest.raises(ValidationError) as raised:
        one_of(family, name)
    assert {(found["type"], found["loc"][-1]) for found in raised.value.errors()} == {
        ("missing", key) for key in required
    }


class Example(Spec):
    """For the tests below."""

    type: Literal["example"] = "example"
    count: int = Field(default=1, ge=1)
    rate: float = 0.5
    path: ConfigPath = "a"


@pytest.mark.parametrize(
    "wrong", [{"other": 1}, {"count": 1.0}, {"count": True}, {"count": "3"}, {"rate": float("nan")}, {"rate": "0.1"}]
)
def test_nothing_is_coerced_and_nothing_unknown_is_taken(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(wrong)


def test_a_whole_number_may_stand_for_a_number() -> None:
    assert Example.model_validate({"rate": 2}).rate == 2.0


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Example().count = 2


def test_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")

    def path(text: str) -> str:
        return Example.model_validate({"path": text}, context={"folder": Path("/configs")}).path

    assert path("b/../c") == "/configs/c"
    assert path("/b") == "/b"
    assert path("~/b") == "/home/somebody/b"
    assert path(TextFrom("b", tmp_path)) == str(tmp_path / "b")
    assert Example.model_validate({"path": "b"}).path == str(tmp_path / "b")
