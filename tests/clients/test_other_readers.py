"""Readers that know nothing of VecVault get every bit: Python's json, numpy and jq read a backup."""

import decimal
import json
import subprocess
import unittest

import numpy as np
from vault import ROOT, Vault

DIMENSION = 48
ROWS = 2_000
EDGES = [0, 0x80000000, 1, 0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800000, 0x33800001]
# JSON that a reader which rebuilds it would change: digits beyond 2^53, spellings of numbers, escapes, spaces.
METADATA = '{"big": 12345678901234567890123, "float": 1.50, "power": 1E+2,"text":"\\u00e9 \\/ é", "deep":[[{}]]}'


def every_kind_of_float():
    """Rows of finite float32 with every exponent, from fixed random bits, the edges first."""
    bits = np.random.default_rng(20240115).integers(0, 2**32, (ROWS, DIMENSION), dtype=np.uint32)
    bits[(bits & 0x7F800000) == 0x7F800000] &= 0xBFFFFFFF
    bits[0, : len(EDGES)] = EDGES
    return bits


def spelled(row, number):
    """A vector as JSON: each number in its shortest spelling, or, every other row, in all its digits."""
    values = row.view(np.float32)
    spell = str if number % 2 == 0 else lambda value: f"{decimal.Decimal(float(value)):e}"
    return "[" + ",".join(map(spell, values)) + "]"


class OtherReaders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        vault = cls.enterClassContext(Vault())
        cls.bits = every_kind_of_float()
        lines = vault.write_lines("floats.jsonl", (
            f'{{"id":"{number:04}","vector":{spelled(row, number)},"metadata":{METADATA}}}'
            for number, row in enumerate(cls.bits)
        ))
        vault.run("import", "floats", lines, "--metric", "euclidean")
        cls.sample = ROOT / "native" / "sample" / "docs.jsonl"
        vault.run("import", "docs", cls.sample)
        backup = vault.run("create", "for other readers")
        cls.path = vault.backups / f"{backup['id']}.backup"
        cls.text = cls.path.read_text(encoding="utf-8")
        cls.backup = json.loads(cls.text)

    def collection(self, name):
        """Bits of the vectors of a collection by id, as numpy reads them from Python's json."""
        records = self.backup["data"][name]["vectors"]
        return {r["id"]: np.array(r["vector"], dtype=np.float32).view(np.uint32) for r in records}

    def test_python_reads_the_documented_members(self):
        members = ["id", "name", "date", "collections", "data", "size", "vecvault"]
        self.assertEqual(list(self.backup), members)
        self.assertEqual(self.backup["size"], self.path.stat().st_size)
        self.assertEqual(sorted(self.backup["collections"]), ["docs", "floats"])
        self.assertEqual(self.backup["data"]["floats"]["config"], {"dimension": DIMENSION, "metric": "euclidean"})

    def test_numpy_finds_every_bit_of_every_kind_of_float(self):
        found = self.collection("floats")
        self.assertEqual(len(found), ROWS)
        for number, row in enumerate(self.bits):
            np.testing.assert_array_equal(found[f"{number:04}"], row)

    def test_numpy_finds_every_bit_of_real_vectors(self):
        source = [json.loads(line) for line in self.sample.read_text(encoding="utf-8").splitlines()]
        found = self.collection("docs")
        self.assertEqual(len(found), len(source))
        for record in source:
            bits = np.array(record["vector"], dtype=np.float32).view(np.uint32)
            np.testing.assert_array_equal(found[record["id"]], bits)

    def test_metadata_stand_in_the_file_as_they_came(self):
        self.assertEqual(self.text.count(f'"metadata":{METADATA}'), ROWS)

    def test_jq_reads_every_vector(self):
        query = ".size, (.data.floats.vectors | length), (.data.floats.vectors[] | .vector)"
        done = subprocess.run(["jq", "-c", query, self.path], check=True, capture_output=True, text=True)
        size, count, *vectors = map(json.loads, done.stdout.splitlines())
        self.assertEqual((size, count), (self.path.stat().st_size, ROWS))
        # jq keeps numbers as doubles, which hold every float32, and its writer drops the sign of a zero.
        found = np.array(vectors, dtype=np.float32).view(np.uint32)
        unsigned_zero = np.where(self.bits == 0x80000000, 0, self.bits)
        np.testing.assert_array_equal(np.where(found == 0x80000000, 0, found), unsigned_zero)


if __name__ == "__main__":
    unittest.main()
