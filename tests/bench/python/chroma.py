"""usage: chroma.py fill DIR BACKUP | read DIR RECORDS

Fills a Chroma collection with the records of a backup, or reads all of them back.
"""

import json
import sys

import chromadb
import numpy
from chromadb.config import Settings

from figures import print_figures

BATCH = 1000
SCALARS = (str, int, float, bool)


def fill(client, backup):
    with open(backup, "rb") as file:
        records = json.load(file)["data"]["docs"]["vectors"]
    collection = client.create_collection("docs", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        collection.add(
            ids=[record["id"] for record in batch],
            embeddings=numpy.array([record["vector"] for record in batch], dtype=numpy.float32),
            # Chroma takes no lists and no null.
            metadatas=[{k: v for k, v in record["metadata"].items() if isinstance(v, SCALARS)} for record in batch],
        )


def main():
    verb, directory, argument = sys.argv[1:]
    client = chromadb.PersistentClient(path=directory, settings=Settings(anonymized_telemetry=False))
    if verb == "fill":
        fill(client, argument)
        return
    collection = client.get_collection("docs")
    everything = print_figures(lambda: collection.get(include=["embeddings", "metadatas"]))
    assert len(everything["ids"]) == int(argument)


main()
