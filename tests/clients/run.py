"""Runs the clients' tests of this folder and ends with a line like cargo's, for ../run.sh to count."""

import sys
import unittest
from pathlib import Path

tests = unittest.defaultTestLoader.discover(str(Path(__file__).parent), pattern="test_*.py")
result = unittest.TextTestRunner(verbosity=2).run(tests)
bad = len(result.failures) + len(result.errors)
word = "ok" if result.wasSuccessful() else "FAILED"
print(f"test result: {word}. {result.testsRun - bad} passed; {bad} failed", flush=True)
sys.exit(not result.wasSuccessful())
