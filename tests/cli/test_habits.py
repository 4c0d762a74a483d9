"""Command lines as users of other tools write them, and as a shell changes them: refused with what to write."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from nnctl.cli.main import _run
from nnctl.cli.other_tools import read, unknown_options
from nnctl.config.other_tools import OTHER_TOOLS_KEYS
from nnctl.config.run_config import RunConfig
from tests.support.command import nnctl
from tests.support.refusal import refusal_of

CONFIG = (
    "data: {source: d.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\nepochs: 1\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    (tmp_path / "run.yaml").write_text(CONFIG)
    (tmp_path / "sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.2]}\n")
    (tmp_path / "runs" / "a" / "checkpoints").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the refusal of a command line says, on one line."""
    assert _run(shlex.split(line)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return " ".join(captured.err.split())


# what is typed, what is wrong, what to do
LINES = [
    ("train run.yaml --epochs 5", "No such option: --epochs", "write epochs=5"),
    ("train run.yaml --epochs=5", "No such option: --epochs", "write epochs=5"),
    ("train --epochs 5 run.yaml", "No such option: --epochs", "write epochs=5"),
    ("train run.yaml --lr 0.1", "--lr", "write learning_rate=0.1"),
    ("train run.yaml -lr 0.1", "-lr", "write learning_rate=0.1"),
    ("train run.yaml --learning-rate 1e-3", "--learning-rate", "write learning_rate=1e-3"),
    ("train run.yaml --batch-size 32", "--batch-size", "write batch_size=32"),
    ("train run.yaml --batch_size=32", "--batch_size", "write batch_size=32"),
    ("train run.yaml --bs 32", "--bs", "write batch_size=32"),
    ("train run.yaml --num-epochs 5", "--num-epochs", "write epochs=5"),
    ("train run.yaml --max_epochs 5", "--max_epochs", "write epochs=5"),
    ("train run.yaml --epoch 5", "--epoch", "write epochs=5"),
    ("train run.yaml --random-state 5", "--random-state", "write seed=5"),
    ("train run.yaml --optimizer sgd", "--optimizer", "write optimizer=sgd"),
    ("train run.yaml --optimizer '{type: sgd}'", "--optimizer", "write 'optimizer={type: sgd}'"),
    ("train run.yaml --optimizer.momentum 0.9", "--optimizer.momentum", "write optimizer.momentum=0.9"),
    ("train run.yaml --weight-decay -1", "--weight-decay", "write optimizer.weight_decay=-1"),
    ("train run.yaml --patience 3", "--patience", "write early_stopping.patience=3"),
    ("train run.yaml --target y", "--target", "write data.target=y"),
    ("train run.yaml --data x.csv", "--data", "write data.source=x.csv"),
    ("train run.yaml --shuffle", "--shuffle", "write data.shuffle=true"),
    ("train --shuffle run.yaml", "--shuffle", "write data.shuffle=true"),
    ("train run.yaml --shuffle off", "--shuffle", "write data.shuffle=false"),
    ("train run.yaml --no-shuffle", "--no-shuffle", "write data.shuffle=false"),
    ("train run.yaml --no-early-stopping", "--no-early-stopping", "write early_stopping=null"),
    ("train run.yaml --units 64", "--units", "write layers.N.out_features=64"),
    ("train run.yaml --kernel-size 3", "--kernel-size", "write layers.N.kernel_size=3"),
    ("train run.yaml --layers.0.out-features 4", "--layers.0.out-features", "write layers.0.out_features=4"),
    ("train run.yaml --base b.yaml", "--base", "write base=b.yaml"),
    ("train run.yaml --seed", "--seed", "write seed=VALUE"),
    ("train --config run.yaml", "--config", "`nnctl train run.yaml`"),
    ("check -c run.yaml", "-c", "`nnctl check run.yaml`"),
    ("train run.yaml --output-dir x", "--output-dir", "write --run DIR"),
    ("train run.yaml --gpu", "--gpu", "write --device cuda"),
    ("train run.yaml --cv 5", "--cv", "write --folds N"),
    ("train run.yaml --thread 3", "--thread", "--threads"),
    ("train run.yaml --fast", "No such option: --fast", "see `nnctl"),
    ("check run.yaml --epochs 5", "--epochs", "write epochs=5"),
    ("prune runs/a --keep 0.1 --lr 0.1", "--lr", "write learning_rate=0.1"),
    ("prune runs/a keep=0.1", "--keep is missing", "write --keep 0.1"),
    ("sweep run.yaml --lr 0.1,0.2", "--lr", "write learning_rate=0.1,0.2"),
    ("sweep sweep.yaml --trials 5", "--trials", "write trials=5"),
    ("sweep sweep.yaml --time-limit 2h", "--time-limit", "write time_limit=2h"),
    ("run.yaml", "the name of a command is missing before run.yaml", "did you mean `nnctl train run.yaml`?"),
    ("run.yaml epochs=5", "missing before run.yaml", "`nnctl train run.yaml epochs=5`"),
    ("sweep.yaml", "missing before sweep.yaml", "`nnctl sweep sweep.yaml`"),
    ("runs/a", "missing before runs/a", "`nnctl eval runs/a`"),
    ("d.csv --target y", "missing before d.csv", "`nnctl init d.csv --target y`"),
    ("run run.yaml", "No such command 'run'", "`nnctl train run.yaml`"),
    ("run", "No such command 'run'", "`nnctl runs`"),
    ("fit run.yaml 'name=a b'", "No such command 'fit'", "`nnctl train run.yaml 'name=a b'`"),
    ("test runs/a", "No such command 'test'", "`nnctl eval runs/a`"),
    ("evaluate runs/a", "No such command 'evaluate'", "`nnctl eval runs/a`"),
    ("test run.yaml", "No such command 'test'", "`nnctl eval RUN`?"),
    ("tune sweep.yaml", "No such command 'tune'", "`nnctl sweep sweep.yaml`"),
    ("validate run.yaml", "No such command 'validate'", "`nnctl check run.yaml`"),
    ("infer runs/a d.csv", "No such command 'infer'", "`nnctl predict runs/a d.csv`"),
    ("version", "No such command 'version'", "`nnctl --version`"),
    ("trian run.yaml", "No such command 'trian'", "Did you mean 'train'?"),
    ("train run.yaml optimizer={type: sgd, eps: 1}", "split it at its spaces", "'optimizer={type: sgd, eps: 1}'"),
    ("train run.yaml layers=[relu, flatten] epochs=2", "in 2 arguments", "put it in quotes: 'layers=[relu, flatten]'"),
    ("check run.yaml data={source: d.csv, target: [x, y]}", "in 5 arguments", "'data={source: d.csv, target: [x, y]}'"),
    ("sweep run.yaml optimizer={type: sgd}", "split it at its spaces", "'optimizer={type: sgd}'"),
    ("train run.yaml loss=type:huber loss=delta:2", "the shell has made", "'loss={type: huber, delta: 2}'"),
    ("train run.yaml epochs = 5", "epochs = 5: is one setting in 3 arguments", "write epochs=5"),
    ("sweep run.yaml epochs = 5,6", "epochs = 5,6: is one setting in 3 arguments", "write epochs=5,6"),
    ("sweep run.yaml epochs: 5,6", "epochs: 5,6: is one setting in 2 arguments", "write epochs=5,6"),
    ("train run.yaml epochs= 5", "epochs= 5: is one setting in 2 arguments", "write epochs=5"),
    ("train run.yaml epochs =5", "epochs =5: is one setting in 2 arguments", "write epochs=5"),
    ("train run.yaml seed=1 epochs 5", "epochs 5: is one setting in 2 arguments", "write epochs=5"),
    ("train run.yaml optimizer = {type: sgd}", "in 4 arguments", "write 'optimizer={type: sgd}'"),
    ("train run.yaml epochs: 5", "epochs: 5: is one setting", "write epochs=5"),
    ("train run.yaml epochs:5", "epochs:5: is not a setting", "write epochs=5"),
    ("train run.yaml 'epochs: 5'", "epochs: 5: is not a setting", "write epochs=5"),
    ("train run.yaml optimizer.eps: 1e-3", "optimizer.eps: 1e-3", "write optimizer.eps=1e-3"),
    ("train run.yaml epochs", "epochs: is not a setting", "write KEY=VALUE"),
    ("train run.yaml decimal=.", "decimal: unknown key", "write data.decimal=."),
    ("train run.yaml 'columns={x: category}'", "columns: unknown key", "write 'data.columns={x: category}'"),
    ("check run.yaml columns.x=category", "columns: unknown key", "write data.columns.x=category"),
    ("train run.yaml data.epochs=3", "data.epochs: unknown key", "write epochs=3"),
    ("train run.yaml 'data={source: d.csv, target: y, epochs: 3}'", "data.epochs", "at the top level, not under data"),
    ("init d.csv y", "unexpected: y", "did you mean `nnctl init d.csv --target y`?"),
    ("init d.csv x y -o c.yaml", "unexpected: x y", "`nnctl init d.csv -o c.yaml --target x --target y`"),
    ("init d.csv target=y 'missing=n a'", "target=y missing=n a", "`nnctl init d.csv --target y --missing 'n a'`"),
    ("init d.csv --target x x", "unexpected: x", "`nnctl init d.csv --target x --target x`"),
    ("init d.csv --target x,y", "the table has no column x,y", "write --target x --target y"),
    ("init d.csv epochs=3", "epochs=3", "see `nnctl"),
    ("eval runs/a d.csv", "unexpected: d.csv", "`nnctl eval runs/a --data d.csv`"),
    ("predict runs/a d.csv out.csv", "out.csv does not exist", "`nnctl predict runs/a d.csv -o out.csv`"),
    ("predict runs/a d.csv e.csv out.csv", "out.csv does not exist", "`nnctl predict runs/a d.csv e.csv -o out.csv`"),
    ("train epochs=5 run.yaml", "in the place of the config", "`nnctl train run.yaml epochs=5`"),
    ("train epochs=5", "in the place of the config", "`nnctl train CONFIG epochs=5`"),
    ("train run.yaml learning_rate=0.1,0.01", "got '0.1,0.01'", "use `nnctl sweep run.yaml learning_rate=0.1,0.01`"),
    ("check run.yaml epochs=2,3,4 seed=1", "got '2,3,4'", "use `nnctl sweep run.yaml epochs=2,3,4 seed=1`"),
    ("train run.yaml optimizer=adam,sgd", "'adam,sgd'", "use `nnctl sweep run.yaml optimizer=adam,sgd`"),
    ("train run.yaml lr=0.1,0.01", "unknown key", "did you mean learning_rate?"),
    ("train run.yaml optimizer.betas=0.9,0.99", "expected a list", "use [0.9, 0.99]"),
    ("train run.yaml learning_rate=[0.1,0.01]", "got [0.1, 0.01]", "use `nnctl sweep run.yaml learning_rate=0.1,0.01`"),
    ("check run.yaml 'epochs=[2, 3]' seed=1", "got [2, 3]", "use `nnctl sweep run.yaml epochs=2,3 seed=1`"),
    ("train run.yaml --learning-rate 0.1,0.01", "--learning-rate", "use `nnctl sweep CONFIG learning_rate=0.1,0.01`"),
    ("sweep run.yaml --learning-rate 0.1,0.01", "--learning-rate", "write learning_rate=0.1,0.01"),
    ("train run.yaml --optimizer sgd,adam", "--optimizer", "write optimizer=sgd,adam"),
    ("train run.yaml optimizer=sgd,momentum=0.9", "without its braces", "write 'optimizer={type: sgd, momentum: 0.9}'"),
    ("train run.yaml loss=huber,delta=2.0", "without its braces", "write 'loss={type: huber, delta: 2.0}'"),
    ("train run.yaml epochs=5,lr=0.1", "several settings in one argument", "apart: epochs=5 learning_rate=0.1"),
    ("train run.yaml 'epochs=5, seed=1, name=a b'", "several settings", "apart: epochs=5 seed=1 'name=a b'"),
    ("train run.yaml optimizer=sgd,learning_rate=0.1", "several settings", "optimizer=sgd learning_rate=0.1"),
    ("train run.yaml EPOCHS=5", "EPOCHS: unknown key", "did you mean epochs?"),
    ("train run.yaml --val-split 0.2", "--val-split", "write data.validation=0.2"),
    ("train run.yaml --test-size 0.2", "--test-size", "write data.test=0.2"),
    ("train run.yaml --auto-lr-find", "--auto-lr-find", "write --find-lr"),
    ("train run.yaml --auto-scale-batch-size", "--auto-scale-batch-size", "write --find-batch-size"),
    ("train run", "run: does not exist", "did you mean run.yaml?"),
    ("check RUN.yaml", "RUN.yaml: does not exist", "did you mean run.yaml?"),
    ("train run.yaml learning_rate=0,5", "got '0,5'", "write 0.5; for several values use `nnctl sweep"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "what", "help"), LINES, ids=[line for line, _, _ in LINES])
def test_row_100_says_what_to_write(
    line: str, what: str, help: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(line, capsys)
    assert what in text
    assert help in text
    assert text.count("error:") == 1


@pytest.mark.parametrize("dash", ["-", "_"])
def test_every_key_and_its_other_names(dash: str) -> None:
    for key in [*RunConfig.model_fields, *OTHER_TOOLS_KEYS]:
        option = "--" + key.replace("_", dash)
        error = unknown_options("train", read("train", [option, "3"], {"--run": True}), {"--run": True})
        assert error is not None, option
        (problem,) = error.problems
        assert problem.help.startswith("write "), option
        is_switch = key in RunConfig.model_fields and RunConfig.model_fields[key].annotation is bool
        assert ("=true" if is_switch else "=3") in problem.help


def test_every_option_is_told_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said("train run.yaml --epochs 5 --fast --lr 0.1 --run x", capsys)
    assert text.count("error: ") == 3
    assert "write epochs=5" in text
    assert "--fast help: see `nnctl train --help`" in text
    assert "write learning_rate=0.1" in text


def test_other_mistakes_are_told_as_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said("train run.yaml epochs = 5 seed=x learning_rate=0", capsys)
    assert text.count("error: ") == 3
    assert "write epochs=5" in text
    assert "seed: expected a whole number, got 'x'" in text


def test_text_with_a_comma_is_text(folder: Path) -> None:
    (folder / "run.yaml").write_text(CONFIG.replace("d.csv", "'a,b.csv'"))
    (folder / "d.csv").rename(folder / "a,b.csv")
    assert _run(["check", "run.yaml", "name=a,b", "data.source=a,b.csv", "--json"]) == 0


@pytest.mark.slow
def test_row_100_by_command_and_what_to_write_works(folder: Path) -> None:
    refusal = refusal_of("train", "run.yaml", "--epochs", "2", "--lr", "0.1", cwd=folder, code=2)
    assert [problem["help"] for problem in refusal.problems] == ["write epochs=2", "write learning_rate=0.1"]
    refusal = refusal_of("train", "run.yaml", *["optimizer={type:", "sgd,", "momentum:", "0.9}"], cwd=folder, code=2)
    written = refusal.problems[0]["help"].removeprefix("put it in quotes: ")
    done = nnctl("train", "run.yaml", "epochs=2", "learning_rate=0.1", *shlex.split(written), cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_row_100_the_sweep_that_is_named_works(folder: Path) -> None:
    (problem,) = refusal_of("train", "run.yaml", "learning_rate=0.1,0.01", cwd=folder, code=2).problems
    command = problem["help"].removeprefix("for several values use `nnctl ").removesuffix("`")
    done = nnctl(*shlex.split(command), cwd=folder)
    assert done.returncode == 0, done.stderr
