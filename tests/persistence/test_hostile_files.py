"""Files that are damaged, foreign or made to do harm: each is refused with a sentence, and nothing in it runs."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import numpy as safetensors

import diorama
from diorama.clustering import KMeans
from diorama.persistence import LoadError
from diorama.persistence.allowed import OBJECTS, RECORDS, resolve
from diorama.persistence.container import write
from diorama.persistence.encoding import Encoder
from diorama.scenes import registry
from diorama.trees import CARTClassifier, ID3Classifier

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    return diorama.save(CARTClassifier(max_depth=2).fit(X, Y), folder / "tree.diorama").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "file.diorama"


def refusal(path: Path, data: bytes | None = None) -> str:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(LoadError) as caught:
        diorama.load(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


def forged(path: Path, graph, arrays=None) -> str:
    """The refusal of a file whose checksum is right and whose contents are not."""
    write(path, {"object": graph}, arrays or {})
    return refusal(path)


def envelope(**parts) -> dict[str, str]:
    return {"diorama": json.dumps({"format_version": 1, "checksum": "", "document": {}, **parts})}


def outcome(path: Path, data: bytes):
    path.write_bytes(data)
    try:
        return diorama.load(path)
    except LoadError:
        return None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_flipped_bits_give_a_sentence_or_the_same_model(whole, place, data):
    at = data.draw(st.integers(0, len(whole) - 1) | st.integers(0, 40))
    flipped = bytearray(whole)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    model = outcome(place, bytes(flipped))
    assert model is None or np.array_equal(model.predict(X), CARTClassifier(max_depth=2).fit(X, Y).predict(X))


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_every_shorter_file_is_refused(whole, place, share):
    refusal(place, whole[: int(share * len(whole))])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(place, data):
    refusal(place, data)


def test_a_longer_file_is_refused(whole, place):
    refusal(place, whole + b"\0")


@pytest.mark.parametrize("claim", [10 * 2**30, 2**63, 2**64 - 1])
def test_a_header_that_claims_more_than_is_there(claim, place):
    assert "cut short" in refusal(place, claim.to_bytes(8, "little") + b"{}")


def test_an_array_that_claims_more_than_is_there(place):
    tensor = {"dtype": "F64", "shape": [2**40], "data_offsets": [0, 2**43]}
    header = json.dumps({"__metadata__": envelope(), "a": tensor}).encode()
    assert "damaged" in refusal(place, len(header).to_bytes(8, "little") + header)


def test_other_formats_are_foreign(place):
    assert "no file that diorama.save wrote" in refusal(place, pickle.dumps({"a": 1}))
    assert "no file that diorama.save wrote" in refusal(place, safetensors.save({"a": np.zeros(3)}))
    assert "no file that diorama.save wrote" in refusal(place, b"a,b\n1,2\n")
    assert "no file that diorama.save wrote" in refusal(place, b"")


def test_a_newer_format_asks_for_a_newer_package(place):
    data = safetensors.save({}, envelope(format_version=2))
    assert "install the newest diorama" in refusal(place, data)


@pytest.mark.parametrize("version", ["", "1", None, 1.0, True])
def test_a_format_version_that_is_none(version, place):
    data = safetensors.save({}, envelope(format_version=version))
    assert "damaged" in refusal(place, data)


def test_a_folder_or_a_pipe_is_no_file(tmp_path):
    import os

    assert "regular file" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "regular file" in refusal(tmp_path / "pipe")


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "diorama.persistence.load",
        "pickle.Unpickler",
        "../../etc/passwd",
    ],
)
@pytest.mark.parametrize("kind", ["object", "record"])
def test_no_class_outside_the_list_is_named(name, kind, place):
    said = forged(place, {"$": kind, "class": name, "number": 0, "state": {}, "of": []})
    assert "does not load" in said
    assert resolve(name) is None


@pytest.mark.parametrize(
    "graph",
    [
        {"$": "code", "of": "1 + 1"},
        {"$": ["object"]},
        {"no kind": 1},
        {"$": "object", "class": "diorama.recording.Moment", "number": 0, "state": {}},
        {"$": "record", "class": "diorama.clustering.KMeans", "of": []},
        {"$": "record", "class": "diorama.recording.Moment", "of": [1]},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": 0, "state": []},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": "x", "state": {}},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": 0, "state": {"fit": 1}},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": 0, "state": {"__class__": 1}},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": 0, "state": {"not a name": 1}},
        {"$": "object", "class": "diorama.clustering.KMeans", "number": 0, "state": {}},
        {"$": "again", "number": 5},
        {"$": "array", "name": "array 0", "order": "C"},
        {"$": "items", "dtype": "<U1000000000", "shape": [1], "of": ["a"]},
        {"$": "items", "dtype": "O", "shape": [-1], "of": [1]},
        {"$": "items", "dtype": "O", "shape": [2**60], "of": [1]},
        {"$": "items", "dtype": "V8", "shape": [1], "of": [1]},
        {"$": "scalar", "dtype": "O", "value": 1},
        {"$": "scalar", "dtype": "f8", "value": {"$": "tuple", "of": []}},
        {"$": "float", "value": "1e5"},
        {"$": "dict", "of": [[[1], 2]]},
        {"$": "dict", "of": 3},
        {"$": "set", "of": [[1]]},
        {"$": "tuple", "of": {"a": 1}},
        {"$": "slice", "of": [1, 2, 3, 4]},
        {"$": "polars", "name": "Object", "unit": None, "zone": None, "class": False},
        {"$": "polars", "name": "Datetime", "unit": "years", "zone": None, "class": False},
        {"$": "number type", "name": "O"},
        {"$": "type", "name": "eval"},
        {"$": "surface", "name": "__import__", "gradient": False},
        {"$": "sparse", "class": "csr_matrix", "shape": [1, 1], "of": [1, 2, 3]},
    ],
    ids=lambda graph: json.dumps(graph)[:60],
)
def test_forged_contents_are_refused(graph, place):
    forged(place, graph)


def test_deep_nesting_is_refused(place):
    graph: object = 1
    for _ in range(300):
        graph = [graph]
    assert "nested too deeply" in forged(place, graph)
    deeper = envelope()["diorama"].replace("{}", '{"object": ' + "[" * 200_000 + "]" * 200_000 + "}")
    refusal(place, safetensors.save({}, {"diorama": deeper}))


def encoded(model):
    encoder = Encoder()
    return encoder.encode(model), encoder.arrays


def test_a_parameter_that_fit_would_refuse_is_refused(place):
    graph, arrays = encoded(KMeans(3))
    graph["state"]["n_clusters"] = -3
    forged(place, graph, arrays)


@pytest.mark.parametrize("centers", [np.zeros((3, 2)), np.zeros(3), np.zeros((3, 3), dtype=int)])
def test_centres_that_do_not_fit_the_features_never_reach_a_kernel(centers, place):
    model = KMeans(3, random_state=0).fit(X)
    model.cluster_centers_ = centers
    assert "cluster_centers_" in forged(place, *encoded(model))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("children_left", 10**6),
        ("children_right", 0),  # a way back to the root would never end
        ("children_left", -5),
        ("feature", 99),
    ],
)
def test_a_tree_that_leads_outside_itself_never_reaches_a_kernel(field, value, place):
    model = CARTClassifier(max_depth=2).fit(X, Y)
    column = getattr(model.tree_, field).copy()
    column[0] = value
    model.tree_ = model.tree_._replace(**{field: column})
    assert "of its tree does not fit" in forged(place, *encoded(model))


def test_a_tree_whose_columns_differ_in_length_is_refused(place):
    model = CARTClassifier(max_depth=2).fit(X, Y)
    model.tree_ = model.tree_._replace(threshold=model.tree_.threshold[:1])
    assert "of its tree does not fit" in forged(place, *encoded(model))


def test_every_allowed_name_exists():
    assert [name for name in OBJECTS | RECORDS if resolve(name) is None] == []


def test_every_state_with_a_scene_can_be_kept():
    kept = {resolve(name) for name in RECORDS}
    states = set(registry._scene.registry) - {object}
    assert states - kept == set()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parent", 2),  # a node below itself has no way to the root
        ("parent", -5),
        ("feature", 99),
    ],
)
def test_a_tree_of_many_answers_that_runs_in_circles_is_refused(field, value, place):
    model = ID3Classifier().fit(X > 0, Y)
    column = getattr(model.tree_, field).copy()
    column[2] = value
    model.tree_ = model.tree_._replace(**{field: column})
    assert "of its tree does not fit" in forged(place, *encoded(model))


def test_a_tree_that_is_none_is_refused(place):
    model = ID3Classifier().fit(X > 0, Y)
    model.tree_ = "oak"
    assert "the tree_ of its ID3Classifier does not fit" in forged(place, *encoded(model))
