"""Files that can't be read say why, in both languages; the others give their cells."""

import io
import zipfile

import pytest

from perflib.data.errors import DataError
from perflib.data.files import decode, read_grids


def failing(path, **options):
    with pytest.raises(DataError) as caught:
        read_grids(path, **options)
    return caught.value.sentence("zh"), caught.value.sentence("en"), caught.value.exit_code


def zipped(**members) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "zh", "en"),
    [
        ("a.csv", b"", "是空的", "is empty"),
        ("a.xlsx", b" \n", "是空的", "is empty"),
        ("a.csv", zipped(data_txt="x"), "压缩包，内含：data.txt", "zip archive and holds: data.txt"),
        ("a.csv", zipped(xl__workbook_xml="x"), "其实是 Excel 工作簿", "really a workbook"),
        ("a.xlsx", zipped(data_txt="x"), "已损坏", "is damaged"),
        ("a.xlsx", b"PK\x03\x04 broken", "已损坏", "is damaged"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "设有打开密码", "protected with a password"),
        ("a.ods", zipped(content_xml="x", **{"META-INF__manifest_xml": "<encryption-data/>"}), "设有打开密码", "protected with a password"),
        ("a.csv", b"name,year\n\0\0\0", "不是文本文件", "not a text file"),
        ("a.doc", b"hello", "不认识文件", "is not known"),
        ("a.parquet", b"PAR1 broken", "已损坏", "is damaged"),
        ("a.csv", "项目名称,年度\n锟斤拷,2022\n".encode(), "第 2 行含有乱码", "Row 2 of `a.csv` holds characters that were lost"),
        ("a.csv", "name,year\nPe\xf1a\xff,2022\n".encode("latin-1"), "文字编码无法识别", "encoding of `a.csv` is not known"),
        ("a.csv", "name,cr\xe9dito\nEducaci\xf3n,5\n".encode("latin-1"), "文字编码无法识别", "encoding of `a.csv` is not known"),
    ],
)  # fmt: skip
def test_why_a_file_cannot_be_read(tmp_path, name, content, zh, en):
    path = tmp_path / name
    path.write_bytes(content)
    said = failing(path)
    assert zh in said[0] and en in said[1] and said[2] == 3
    assert name in said[0] and name in said[1]


def test_missing_file(tmp_path):
    zh, en, _ = failing(tmp_path / "nowhere.xlsx")
    assert "找不到文件" in zh and "There is no file" in en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_the_usual_encodings(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("项目名称,年度\n鄠邑道路,2022\n".encode(encoding))
    grid = read_grids(path)[0]
    assert grid.cells.tolist() == [["项目名称", "年度"], ["鄠邑道路", "2022"]]
    assert grid.encoding == {"utf-8-sig": "utf-8-bom"}.get(encoding, encoding)


def test_gb18030_bytes_are_not_read_as_the_utf_8_that_a_mapping_declares(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("项目名称,年度\n".encode("gb18030"))
    zh, en, _ = failing(path, encodings=("utf-8",))
    assert "已试过：utf-8" in zh and "tried: utf-8" in en


def test_encodings_are_tried_in_turn():
    assert decode("Peña".encode("cp1252"), "a", ("utf-8", "cp1252")) == ("Peña", "cp1252")
    assert decode(b"\x81\xf1", "a", ("utf-8", "cp1252", "latin-1"))[1] == "latin-1"


def test_separator_quotes_and_ragged_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a;b\n"x;""y""";2;3\n\n', "utf-8")
    assert read_grids(path)[0].cells.tolist() == [["a", "b", ""], ['x;"y"', "2", "3"], ["", "", ""]]
