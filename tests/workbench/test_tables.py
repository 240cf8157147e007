"""Tables in: what is read as what, and the sentence for each file that cannot be read."""

import io
import string

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diorama.datasets import BUILT_IN, load
from diorama.workbench import TableError, read_table


def read(data: bytes):
    return read_table(io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(TableError) as caught:
        read(data)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed(delimiter):
    rows = ["name,age,city", "Ada,36,London", "Emmy,53,Bryn Mawr"]
    table = read("\n".join(rows).replace(",", delimiter).encode())
    assert table.frame.rows() == [("Ada", 36, "London"), ("Emmy", 53, "Bryn Mawr")]


def test_text_with_other_delimiters_in_it_does_not_confuse_the_guess():
    assert read(b"a;b\n1;x, y, z\n2;p, q, r\n").frame.columns == ["a", "b"]


def test_numbers_stay_exact():
    table = read(b"x,n\n0.1,9007199254740993\n1e-300,2\n")
    assert table.frame["x"].to_list() == [0.1, 1e-300]
    assert table.frame["n"].to_list() == [9007199254740993, 2]


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "null", "?", "  "])
def test_missing_values_are_seen(missing):
    assert read(f"x,y\n1.5,a\n{missing},b\n".encode()).frame["x"].to_list() == [1.5, None]


def test_blanks_around_numbers_and_text_go():
    table = read(b"x, y\n 1 , a\n 2, b\n")
    assert table.frame.rows() == [(1.0, "a"), (2.0, "b")]


def test_a_decimal_comma_is_understood_and_said():
    table = read(b"x;y\n1,5;a\n2,25;b\n")
    assert table.frame["x"].to_list() == [1.5, 2.25]
    assert any("decimal comma" in note for note in table.notes)


def test_dates_and_truth_values_have_their_types():
    schema = read(b"d,b\n2020-01-02,true\n2021-03-04,false\n").frame.schema
    assert schema == {"d": pl.Date, "b": pl.Boolean}


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa,b\n1,2\n",  # a mark at the start that some programs write
        b"a,b\r\n1,2\r\n",
        b"a,b\r1,2\r",
        b"\n\na,b\n\n1,2\n\n",
        b'"a","b"\n"1","2"\n',
    ],
)
def test_the_same_table_in_other_clothes(text):
    assert read(text).frame.rows() == [(1, 2)]


def test_quoted_cells_may_hold_line_ends_and_marks():
    assert read(b'a,b\n"one\ntwo, three",4\n').frame.rows() == [("one\ntwo, three", 4)]


def test_a_column_without_a_name_gets_one():
    table = read(b",x\n0,1\n")
    assert table.frame.columns == ["column 1", "x"]
    assert "column 1" in table.notes[0]


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"", ["empty"]),
        (b" \n\n", ["empty"]),
        (b"a,b\n", ["a, b", "no rows"]),
        (b"a,b", ["a, b", "no rows"]),
        (b"a,b\n1,2\n3\n", ["line 3", "1 cell", "header has 2"]),
        (b"a,b\n1,2\n3,4,5\n", ["line 3", "3 cells", "header has 2"]),
        (b'a,b\n"x\ny",2\n3\n', ["line 4", "1 cell"]),
        (b"a,b\n1,caf\xe9\n", ["UTF-8", "line 2", "character 6", "0xe9"]),
        ("a,b\n1,2\n".encode("utf-16"), ["UTF-16", "UTF-8"]),
        (b"a,b\n1,\x00\n", ["binary", "byte 7"]),
        (b"PK\x03\x04rest", ["Excel", "CSV"]),
        (b"\x1f\x8brest", ["gzip"]),
        (b"a,b,a\n1,2,3\n", ["line 1", "columns 1 and 3", "'a'", "rename"]),
        (b"1,2\n3,4\n", ["line 1", "numbers", "names"]),
        (b'{"a": 1}\n{"a": \n', ["line 2", "JSON"]),
        (b'{"a": 1}\n[1]\n', ["line 2", "object"]),
        (b'{"a": 1, "a": 2}\n', ["line 1", "twice"]),
        (b'{"a": 1}\n{"a": "x"}\n', ["row 2", "'a'", "int and str"]),
        (b'{"a": [1]}\n', ["'a'", "one number or text"]),
        (b"PAR1 and no more", ["Parquet"]),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_each_bad_file_has_its_sentence(data, parts):
    said = refusal(data)
    for part in parts:
        assert part in said
    assert "\n" not in said


def test_a_ragged_line_is_found_with_and_without_quotes():
    plain = refusal(b"a,b\n1,2\n3\n4,5\n")
    quoted = refusal(b'a,b\n"1",2\n3\n4,5\n')
    assert plain == quoted


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    (tmp_path / "sales.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r"did you mean .*sales\.csv\?"):
        read_table(tmp_path / "salse.csv")
    with pytest.raises(TableError, match=r"did you mean iris\?"):
        read_table("irsi")


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(TableError, match="folder"):
        read_table(tmp_path)


def test_an_unknown_format_is_refused():
    with pytest.raises(TableError, match="known are csv"):
        read_table(io.BytesIO(b"a,b\n1,2\n"), format="xml")


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_every_format_gives_the_same_table(tmp_path, ending):
    frame = pl.DataFrame({"x": [1.5, None], "name": ["a", "b"]})
    path = tmp_path / f"table{ending}"
    {
        ".csv": frame.write_csv,
        ".tsv": lambda path: frame.write_csv(path, separator="\t"),
        ".parquet": frame.write_parquet,
        ".jsonl": frame.write_ndjson,
    }[ending](path)
    assert read_table(path).frame.equals(frame)
    # and the same without a telling name
    if ending != ".tsv":
        assert read(path.read_bytes()).frame.equals(frame)


def test_json_lines_may_leave_names_out_and_mix_whole_and_broken_numbers():
    frame = read(b'{"a": 1}\n\n{"a": 2.5, "b": true}\n').frame
    assert frame.to_dict(as_series=False) == {"a": [1.0, 2.5], "b": [None, True]}


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_built_in_tables_are_as_described(name):
    data, frame = BUILT_IN[name], load(name)
    assert frame.shape == (data.rows, data.columns)
    assert frame.columns[-1] == data.target
    assert frame[data.target].dtype == (pl.String if data.task == "classification" else pl.Float64)
    assert read_table(name).target == data.target


cells = st.text(alphabet=string.ascii_letters + string.digits + ' .-"\n;é', max_size=8)


@given(st.integers(1, 4), st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=6))
def test_what_polars_writes_is_read_with_the_same_shape(width, rows):
    frame = pl.DataFrame({f"c{i}": [row[i] for row in rows] for i in range(width)})
    data = frame.write_csv(quote_style="always").encode()
    assert read(data).frame.shape == frame.shape


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_sentence(data):
    said = ""
    try:
        table = read(data)
    except TableError as error:
        said = str(error)
    assert "\n" not in said
    assert said.strip() or table.frame.height > 0
