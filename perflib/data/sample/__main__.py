"""Makes the sample anew: `python -m perflib.data.sample`."""

from perflib.data.places import shared_folder
from perflib.data.sample.files import write_tables
from perflib.data.sample.sample import make_sample

if __name__ == "__main__":
    write_tables(make_sample(), shared_folder("data") / "sample")
