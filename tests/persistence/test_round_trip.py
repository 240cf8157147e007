"""What is saved comes back: every bit of its predictions, in a file that is written whole or not at all."""

import datetime
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.base import is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures, StandardScaler

import diorama
from diorama.clustering import KMeans
from diorama.linear import LinearRegression, LogisticRegression
from diorama.optimization import SURFACES, minimize
from diorama.persistence import LoadError, SaveError
from diorama.persistence.decoding import Decoder
from diorama.persistence.encoding import Encoder
from diorama.trees import CARTClassifier
from diorama.workbench import MODELS, Table, read_table, run

random = np.random.default_rng(0)
X = random.normal(size=(80, 4))
LABELS = np.array(["no", "maybe", "yes"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]


def target(model):
    return X[:, 0] * 3 + random.normal(size=80) if is_regressor(model) else LABELS


def table(model, kind=np.float64):
    """Rows that the model takes: counts, where it asks for them."""
    counts = model.__sklearn_tags__().input_tags.positive_only
    return (np.floor(np.exp(X)) if counts else X).astype(kind)


def round_trip(thing, folder: Path):
    return diorama.load(diorama.save(thing, folder / "thing.diorama"))


def same_outputs(model, loaded, rows) -> bool:
    methods = [name for name in ("predict", "predict_proba", "decision_function", "transform") if hasattr(model, name)]
    if not methods:  # a clustering that places no other rows has its labels
        return np.array_equal(model.labels_, loaded.labels_)
    return all(np.array_equal(getattr(model, name)(rows), getattr(loaded, name)(rows)) for name in methods)


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_every_model_predicts_the_same_bits(name, kind, tmp_path):
    model = MODELS[name].make()
    rows = table(model, kind)
    model.fit(rows, target(model))
    loaded = round_trip(model, tmp_path)
    assert type(loaded) is type(model)
    assert loaded.get_params() == model.get_params()
    assert vars(loaded).keys() == vars(model).keys()
    assert same_outputs(model, loaded, rows)


def test_an_unfitted_model_comes_back_unfitted(tmp_path):
    loaded = round_trip(KMeans(5, init="random"), tmp_path)
    assert loaded.get_params()["n_clusters"] == 5
    assert not hasattr(loaded, "cluster_centers_")


def test_a_loaded_model_can_go_on_learning(tmp_path):
    loaded = round_trip(KMeans(3, random_state=0).fit(X), tmp_path)
    loaded.cluster_centers_[:] = 0
    assert loaded.fit(X).inertia_ == KMeans(3, random_state=0).fit(X).inertia_


@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(StandardScaler(), PCA(2), LogisticRegression()),
        make_pipeline(SimpleImputer(), PolynomialFeatures(2), CARTClassifier(max_depth=3)),
        make_pipeline(
            ColumnTransformer([("scaled", StandardScaler(), [0, 1]), ("kinds", OneHotEncoder(), [2])]),
            CARTClassifier(random_state=0),
        ),
    ],
    ids=lambda pipeline: "-".join(type(step).__name__ for _, step in pipeline.steps),
)
def test_pipelines_of_common_transformers(pipeline, tmp_path):
    rows = np.column_stack([X[:, :2], np.round(X[:, 2])])
    pipeline.fit(rows, LABELS)
    assert same_outputs(pipeline, round_trip(pipeline, tmp_path), rows)


@pytest.fixture(scope="module")
def mixed() -> pl.DataFrame:
    n = 120
    start = datetime.datetime(2020, 1, 1, 3)
    return pl.DataFrame(
        {
            "size": random.normal(size=n),
            "age": [None if i % 10 == 0 else i for i in range(n)],
            "city": random.choice(["Oslo", "Bergen", "Tromsø"], n),
            "kind": pl.Series(random.choice(["a", "b"], n)).cast(pl.Categorical),
            "joined": [start.date() + datetime.timedelta(days=i) for i in range(n)],
            "seen": [start + datetime.timedelta(hours=i) for i in range(n)],
            "zoned": pl.Series([start + datetime.timedelta(hours=i) for i in range(n)]).dt.replace_time_zone("UTC"),
            "written": [f"2021-01-{i % 28 + 1:02d}" for i in range(n)],
            "member": random.random(n) > 0.5,
            "remark": [f"the {i}th remark says {random.integers(1000)}" for i in range(n)],
            "score": random.normal(size=n),
        }
    )


def test_a_table_model_keeps_its_preparation(mixed, tmp_path):
    model = run(Table("mixed", mixed), "score", "LinearRegression", record=False).model
    loaded = round_trip(model, tmp_path)
    assert np.array_equal(model.predict(mixed), loaded.predict(mixed))
    assert (loaded.columns, loaded.target, loaded.task) == (model.columns, "score", "regression")
    assert loaded.preparation.notes_ == model.preparation.notes_


def test_the_header_says_what_is_inside_without_loading(mixed, tmp_path):
    model = run(Table("mixed", mixed), "score", "LinearRegression", record=False).model
    data = diorama.save(model, tmp_path / "m.diorama").read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    document = json.loads(header["__metadata__"]["diorama"])["document"]
    assert document["packages"]["diorama"] == diorama.__version__
    assert document["describes"]["columns"] == model.columns
    assert document["describes"]["preprocessing"] == model.preparation.notes_


@pytest.mark.parametrize("name", sorted(MODELS))
def test_recordings_come_back_with_every_state(name, tmp_path):
    model = MODELS[name].make()
    _, recording = diorama.watch(model, table(model), target(model))
    loaded = diorama.Recording.load(recording.save(tmp_path / "fit.diorama"))
    assert len(loaded) == len(recording) > 1
    first, second = Encoder(), Encoder()
    assert first.encode(loaded) == second.encode(recording)
    for key, array in first.arrays.items():
        np.testing.assert_array_equal(array, second.arrays[key])


def test_a_recorded_descent_on_a_surface_comes_back(tmp_path):
    surface = next(iter(SURFACES.values()))
    with diorama.record() as recording:
        minimize(surface, surface.start)
    loaded = round_trip(recording, tmp_path)
    assert loaded.fits[0].fit.subject.fun is surface
    for moment, again in zip(recording.fits[0].moments, loaded.fits[0].moments, strict=True):
        assert np.array_equal(moment.state.x, again.state.x)


def test_a_recording_is_not_taken_for_a_model(tmp_path):
    path = diorama.save(LinearRegression().fit(X, X[:, 0]), tmp_path / "m.diorama")
    with pytest.raises(ValueError, match="not a recording"):
        diorama.Recording.load(path)


@pytest.mark.parametrize(
    ("thing", "parts"),
    [
        (make_pipeline(FunctionTransformer(np.log1p), LinearRegression()), ["FunctionTransformer", "steps[0]"]),
        (KMeans(init=lambda X, k, random_state: X[:k]), ["model.init", "the function <lambda>"]),
        (object(), ["model is builtins.object"]),
        (np.array([1 + 2j]), ["complex128"]),
    ],
    ids=["function", "lambda", "object", "complex"],
)
def test_what_cannot_be_kept_says_where_it_is(thing, parts, tmp_path):
    with pytest.raises(SaveError) as caught:
        diorama.save(thing, tmp_path / "thing.diorama")
    for part in parts:
        assert part in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_something_within_itself_is_refused(tmp_path):
    knot: list = []
    knot.append(knot)
    with pytest.raises(SaveError, match="nested"):
        diorama.save(knot, tmp_path / "knot.diorama")


def test_nothing_is_lost_when_writing_fails(tmp_path, monkeypatch):
    path = diorama.save(LinearRegression(), tmp_path / "m.diorama")
    before = path.read_bytes()

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SaveError, match="No space left"):
        diorama.save(KMeans(), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_have_their_sentence(tmp_path):
    with pytest.raises(SaveError, match="does not exist"):
        diorama.save(KMeans(), tmp_path / "no" / "m.diorama")
    with pytest.raises(SaveError, match="is a folder"):
        diorama.save(KMeans(), tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SaveError, match="is a file and not a folder"):
        diorama.save(KMeans(), tmp_path / "file" / "m.diorama")


def test_a_missing_file_has_its_sentence(tmp_path):
    with pytest.raises(LoadError, match="there is no file"):
        diorama.load(tmp_path / "none.diorama")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=12,
)


@given(plain)
def test_plain_values_come_back_as_they_were(value):
    encoder = Encoder()
    node = json.loads(json.dumps(encoder.encode(value)))
    again = Decoder(encoder.arrays).decode(node)
    assert again == value
    assert repr(again) == repr(value)


@given(arrays.arrays(dtype=st.sampled_from(["f8", "f4", "i8", "u1", "?", "<U5", ">f8"]), shape=arrays.array_shapes()))
def test_arrays_come_back_with_their_type_and_layout(value):
    for layout in (value, np.asfortranarray(value)):
        encoder = Encoder()
        again = Decoder(encoder.arrays).decode(encoder.encode(layout))
        np.testing.assert_array_equal(again, layout)
        assert again.dtype == layout.dtype.newbyteorder("=")
        if layout.dtype.kind != "U":
            assert again.flags.f_contiguous == layout.flags.f_contiguous
            assert again.flags.c_contiguous == layout.flags.c_contiguous


def test_what_is_shared_stays_shared(tmp_path):
    scaler, row = StandardScaler().fit(X), np.arange(3.0)
    first, second, third, fourth = round_trip([scaler, scaler, row, row], tmp_path)
    assert first is second
    assert third is fourth


def test_the_same_model_gives_the_same_file(tmp_path):
    model = read_table("iris")
    fitted = run(model, None, "CARTClassifier", record=False).model
    first, second = (diorama.save(fitted, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
