"""usage: json_files.py dump json|orjson BACKUP OUT | load json|orjson BACKUP

Writes the records of a backup from numpy arrays and dicts to a durable JSON file, or reads one into them.
"""

import json
import os
import sys

import numpy
import orjson

from figures import print_figures


def records_of(document):
    return document["data"]["docs"]["vectors"]


def load(path, loads):
    with open(path, "rb") as file:
        records = records_of(loads(file.read()))
    for record in records:
        record["vector"] = numpy.array(record["vector"], dtype=numpy.float32)
    return records


def dump(records, library, path):
    if library == "json":
        plain = [{**record, "vector": record["vector"].tolist()} for record in records]
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    else:
        text = orjson.dumps(records, option=orjson.OPT_SERIALIZE_NUMPY)
    with open(path, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def main():
    verb, library, backup = sys.argv[1:4]
    if verb == "dump":
        records = load(backup, orjson.loads)
        print_figures(lambda: dump(records, library, sys.argv[4]))
    else:
        loads = json.loads if library == "json" else orjson.loads
        records = print_figures(lambda: load(backup, loads))
        assert records and records[0]["vector"].dtype == numpy.float32


main()
