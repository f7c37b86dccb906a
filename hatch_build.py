"""HTTPTRACE_COMPILE=1 pip install . : the same package, its hot modules compiled by mypyc (docs/adr/0022).

Without that variable nothing happens here, and the package is pure Python. Editable installs are never compiled: a
compiled module beside its source would be imported in its place, and hide every edit.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "HTTPTRACE_COMPILE"

WITHOUT = f"""
httptrace could not be compiled: {{why}}
Compiling takes a C compiler and Python's headers (Debian: apt install gcc python3-dev). The pure package needs
neither and gives the same output: install it without {SWITCH}=1."""


def asked_for() -> bool:
    """Whether compiling was asked for."""
    return os.environ.get(SWITCH, "0") not in ("", "0")


class CompiledModules(BuildHookInterface[Any]):
    """Compiles the modules that pyproject.toml lists, into the wheel and nowhere else."""

    def dependencies(self) -> list[str]:
        # The records' types are msgspec's; what else only runs is not needed here (see _compile).
        return ["mypy==2.4.*", "setuptools>=77", "msgspec>=0.19"] if asked_for() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not asked_for():
            return
        if version == "editable":
            self.app.display_warning("An editable install is not compiled: its edits would not be seen.")
            return
        self._room = TemporaryDirectory(prefix="httptrace-")
        for made, place in self._compile(Path(self._room.name)):
            build_data["force_include"][str(made)] = place
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if build_data["pure_python"] is False:
            self._room.cleanup()

    def _compile(self, room: Path) -> list[tuple[Path, str]]:
        """The compiled modules, and where each belongs in the wheel."""
        from mypyc.build import mypycify
        from setuptools import Distribution
        from setuptools.errors import BaseError, CompileError, LinkError

        root = Path(self.root)
        modules = sorted({path for pattern in self.config["modules"] for path in root.glob(pattern)})
        names = [str(path.relative_to(root)) for path in modules if path.name != "__init__.py"]
        here = Path.cwd()
        os.chdir(root)  # mypy names modules by their path from here
        try:
            extensions = mypycify(
                # What only runs, and is not compiled, may be missing here: its types are not needed.
                ["--config-file=", "--ignore-missing-imports", f"--cache-dir={room / 'types'}", *names],
                group_name="httptrace",
                opt_level="1",
                debug_level="0",
                target_dir=str(room / "c"),
            )
            command: Any = Distribution({"name": "httptrace", "ext_modules": extensions}).get_command_obj("build_ext")
            command.build_lib, command.build_temp = str(room / "lib"), str(room / "objects")
            command.ensure_finalized()
            command.run()
        except SystemExit:
            self.app.abort(WITHOUT.format(why="mypy refused the modules, see above."))
        except (BaseError, CompileError, LinkError, OSError) as error:
            self.app.abort(WITHOUT.format(why=error))
        finally:
            os.chdir(here)
        return [(made, str(made.relative_to(room / "lib"))) for made in map(Path, command.get_outputs())]
