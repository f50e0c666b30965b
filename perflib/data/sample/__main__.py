"""Makes the sample anew: `python -m perflib.data.sample`."""

from perflib.data.places import shared_folder
from perflib.data.sample.abroad import FOLDER, write_lines
from perflib.data.sample.files import write_tables
from perflib.data.sample.sample import make_sample
from perflib.data.sample.workbook import write_workbook

if __name__ == "__main__":
    sample = make_sample()
    write_tables(sample, shared_folder("data") / "sample")
    write_workbook(sample, shared_folder("data") / "sample-district-2023.xlsx")
    write_lines(shared_folder("data") / FOLDER)
