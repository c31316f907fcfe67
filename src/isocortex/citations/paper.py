"""A reference, as a line of text and as an entry of BibTeX."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """What text and BibTeX need of a paper, or of a piece of software."""

    authors: str
    """As BibTeX has them: ``"Family, I. and Family, I. J."``, ``"and others"`` for the rest."""
    year: int
    title: str
    venue: str
    """Journal or proceedings."""
    where: str = ""
    """``"volume:page"``."""
    doi: str = ""
    url: str = ""
    """Where there is no DOI."""
    version: str = ""
    """Of software."""

    @property
    def link(self) -> str:
        """Where to find it, or nothing."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def text(self) -> str:
        """One line of a list of references."""
        names = self.authors.strip("{}").split(" and ")
        last = "et al." if names[-1] == "others" else f"& {names[-1]}"
        who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last}"
        place = f"Version {self.version}" if self.version else f"{self.venue} {self.where}".strip()
        return f"{who} ({self.year}). {self.title}. {place}. {self.link}".rstrip(". ")

    def bibtex(self, key: str) -> str:
        """One entry of a BibTeX file."""
        volume, _, pages = self.where.partition(":")
        proceedings = not self.where
        kind = "software" if self.version else "inproceedings" if proceedings else "article"
        fields = {
            "author": self.authors,
            "title": f"{{{self.title}}}",
            "booktitle" if proceedings else "journal": self.venue,
            "volume": volume,
            "pages": pages,
            "year": str(self.year),
            "version": self.version,
            "doi": self.doi,
            "url": self.url,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{kind}{{{key},", *lines, "}"])
