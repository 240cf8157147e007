"""Words reach the models that take them as they are: from a file of words to questions about words."""

import io

import numpy as np
import polars as pl
import pytest

import diorama
from diorama.workbench import MODELS, Preparation, Table, UnknownCategoryWarning, predictions, read_table, run, split

# Quinlan (1986), table 1
TENNIS = """outlook,temperature,humidity,windy,play
sunny,hot,high,false,no
sunny,hot,high,true,no
overcast,hot,high,false,yes
rain,mild,high,false,yes
rain,cool,normal,false,yes
rain,cool,normal,true,no
overcast,cool,normal,true,yes
sunny,mild,high,false,no
sunny,cool,normal,false,yes
rain,mild,normal,false,yes
sunny,mild,normal,true,yes
overcast,mild,high,true,yes
overcast,hot,normal,false,yes
rain,mild,high,true,no
"""
TAKERS = sorted(name for name, entry in MODELS.items() if entry.takes_categories)


@pytest.fixture(scope="module")
def tennis() -> Table:
    """The table of words, three times, so that every word is among the rows learned from."""
    table = read_table(io.BytesIO(TENNIS.encode()), format="csv")
    return Table("tennis", pl.concat([table.frame] * 3))


@pytest.fixture(scope="module")
def mixed() -> pl.DataFrame:
    random = np.random.default_rng(3)
    n = 120
    city = random.choice(["Oslo", "Bergen", "Tromsø", None], n, p=[0.4, 0.3, 0.2, 0.1])
    size = random.normal(size=n).round(2)
    return pl.DataFrame(
        {
            "size": [None if i % 15 == 0 else value for i, value in enumerate(size.tolist())],
            "city": city.tolist(),
            "member": [None if i % 20 == 0 else bool(i % 2) for i in range(n)],
            "remark": [f"the {i}th remark says {random.integers(1000)}" for i in range(n)],
            "price": np.where(city == "Bergen", 3.0, 1.0) + size,
            "kind": np.where((city == "Bergen") | (size > 1), "dear", "cheap").tolist(),
        }
    )


def target_of(name: str) -> tuple[str, str]:
    """The column of `mixed` that a model predicts, and the one that would give it away."""
    return ("kind", "price") if MODELS[name].task == "classification" else ("price", "kind")


def test_the_models_that_take_categories_are_those_that_ask_about_them():
    trees = ["C45Classifier", "CARTClassifier", "CARTRegressor"]
    boosted = ["GradientBoostingClassifier", "GradientBoostingRegressor"]
    assert sorted([*trees, *boosted, "ID3Classifier"]) == TAKERS


def test_id3_finds_quinlans_tree_in_a_file_of_words(tennis):
    rows = split(tennis.frame, "play", model="ID3Classifier", test=0.25)
    whole = Preparation(categories=True).fit(tennis.frame.drop("play"))
    model = MODELS["ID3Classifier"].make().fit(whole.transform(tennis.frame), tennis.frame["play"].to_numpy())
    np.testing.assert_allclose(model.gains_, [0.247, 0.029, 0.152, 0.048], atol=5e-4)
    assert model.get_n_leaves() == 5
    result = run(tennis, "play", "ID3Classifier")
    assert result.scores[0].values["accuracy"] == 1.0
    assert "If outlook is rain and windy is true, the answer is no" in " ".join(result.model.estimator.rules())
    assert rows.train.columns == ["outlook", "temperature", "humidity", "windy"]
    for part in ("outlook: text, as 3 categories", "windy: true or false, as categories"):
        assert part in result.notes
    assert "scikit-learn's DecisionTreeClassifier was given the categories as columns of 0 and 1" in result.notes


def test_questions_about_words_are_drawn_in_words(tennis):
    scene = run(tennis, "play", "CARTClassifier").recording.scene()
    asked = set(scene.frames[-1].data["questions"]["text"]) | {frame.narration for frame in scene.frames}
    assert any("outlook is overcast" in text for text in asked)
    assert "overcast" in str(scene.spec)
    scene = run(tennis, "play", "ID3Classifier").recording.scene()
    assert any("outlook is rain" in frame.narration for frame in scene.frames)


@pytest.mark.parametrize("model", TAKERS)
def test_a_mixed_table_is_learned_kept_and_used_again_bit_for_bit(model, mixed, tmp_path):
    target, other = target_of(model)
    data = Table("mixed", mixed.drop(other))
    result = run(data, target, model)
    assert any(note.startswith("city: text, as 3 categories, ") for note in result.notes)
    assert any(note.startswith("remark: text, as 30 columns") for note in result.notes)
    ours, baseline, twin = (score.values["accuracy" if target == "kind" else "R²"] for score in result.scores)
    assert ours > baseline
    assert ours > twin - 0.15
    path = tmp_path / "model.diorama"
    diorama.save(result.model, path)
    kept = diorama.load(path)
    np.testing.assert_array_equal(kept.predict(mixed), result.model.predict(mixed))
    assert result.recording.scene().frames


@pytest.mark.parametrize("model", TAKERS)
def test_unknown_and_missing_categories_at_prediction(model, mixed):
    target, other = target_of(model)
    fitted = run(Table("mixed", mixed.drop(other)), target, model, record=False).model
    rows = mixed.head(6).with_columns(city=pl.Series(["Paris", None, "Oslo", "Bergen", None, "Tromsø"]))
    with pytest.warns(UnknownCategoryWarning, match="column 'city': 'Paris' did not occur.*takes them for unknown"):
        made = fitted.predict(rows)
    assert len(made) == 6
    # each row is predicted as it would be alone: an unknown word changes no other row
    known = fitted.predict(rows[1:])
    np.testing.assert_array_equal(made[1:], known)
    noted = predictions(fitted, Table("rows", rows)).notes
    assert any("Paris" in note for note in noted)


def test_truth_values_may_come_as_words_or_be_missing(tennis):
    preparation = Preparation(categories=True).fit(tennis.frame.drop("play"))
    assert preparation.transform(tennis.frame)["windy"].unique().sort().to_list() == ["false", "true"]
    nobody = tennis.frame.head(2).with_columns(windy=pl.Series([None, None], dtype=pl.String))
    assert preparation.transform(nobody)["windy"].to_list() == [None, None]


@pytest.mark.parametrize("model", ["ID3Classifier", "CARTClassifier", "GradientBoostingClassifier"])
def test_the_code_hands_words_on_too(model, tennis, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("diorama.Recording.save", lambda self, path: None)
    path = tmp_path / "tennis.csv"
    tennis.frame.write_csv(path)
    result = run(read_table(path), "play", model, record=False)
    assert "categories=True" in result.code
    exec(compile(result.code, "code", "exec"), {})
    assert float(capsys.readouterr().out) == result.scores[0].values["accuracy"]


def test_who_asks_for_no_categories_gets_columns_of_0_and_1(tennis):
    result = run(tennis, "play", "CARTClassifier", {"categorical_features": "none"}, record=False)
    assert "outlook: 3 categories, as 3 columns of 0 and 1" in result.notes
    assert "categories=False" in result.code
    assert not any("was given the categories" in note for note in result.notes)


def test_models_that_take_no_words_get_columns_of_0_and_1(tennis):
    result = run(tennis, "play", "RandomForestClassifier", {"n_estimators": "5"}, record=False)
    assert "outlook: 3 categories, as 3 columns of 0 and 1" in result.notes


def test_numbers_are_scaled_and_words_are_left():
    frame = pl.DataFrame({"x": [0.0, 4.0], "word": ["a", "b"]})
    made = Preparation(scale=True, categories=True).fit(frame).transform(frame)
    assert made.to_dict(as_series=False) == {"x": [-1.0, 1.0], "word": ["a", "b"]}
