"""Makes the sample anew: `python -m tools.sample`."""

from perflib.data.places import shared_folder
from tools.sample.abroad import FOLDER, write_lines
from tools.sample.files import write_tables
from tools.sample.sample import make_sample
from tools.sample.workbook import write_workbook

if __name__ == "__main__":
    sample = make_sample()
    write_tables(sample, shared_folder("data") / "sample")
    write_workbook(sample, shared_folder("data") / "sample-district-2023.xlsx")
    write_lines(shared_folder("data") / FOLDER)
