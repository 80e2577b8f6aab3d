"""Runs the clients' tests of this folder and ends with a line like cargo's, for ../run.sh to count."""

import sys
import unittest
from pathlib import Path

tests = unittest.defaultTestLoader.discover(str(Path(__file__).parent), pattern="test_*.py")
result = unittest.TextTestRunner(verbosity=2).run(tests)
# A class that cannot be set up or torn down is one failure more, and none of the tests that ran.
bad = result.failures + result.errors
good = result.testsRun - sum(isinstance(test, unittest.TestCase) for test, _ in bad)
word = "ok" if result.wasSuccessful() else "FAILED"
print(f"test result: {word}. {good} passed; {len(bad)} failed", flush=True)
sys.exit(not result.wasSuccessful())
