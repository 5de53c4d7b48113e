"""What an export says of itself."""

from dataclasses import asdict, dataclass, field
from typing import Any, Optional


@dataclass
class Agreement:
    """How near the scores of a model file come to the library's own, over all rows of the sample."""

    weights: str  # the type of the file's weights: "f32", "int8", ...
    score: float  # the largest difference of a score
    logit: Optional[float]  # the largest difference of a logit; None where the library's logits cannot be known
    tolerance: float  # the largest difference that was let pass
    auc: Optional[float]  # of this file, where labels were given


@dataclass
class Report:
    """What `augur_rank.export` did. `print(report)` is for people, `to_dict()` for programs."""

    title: str  # "DeepCTR-Torch 0.3.0 DIEN, gru_type AUGRU, 2 history features"
    source: str  # what it was read from: "the model", or a file
    path: str  # of the model file
    written: bool  # False after a dry run
    layout: Optional[str]  # what augur-convert calls the library
    weights: str
    embeddings: str
    bytes: int  # of the model file, and of its sidecar files
    bytes_f32: int  # the same in f32
    rows: int = 0  # rows of the sample, each one candidate; 0: the conversion is unproven
    f32: Optional[Agreement] = None
    quantised: Optional[Agreement] = None  # None where the weights are f32, and without a sample
    score_range: Optional[tuple[float, float]] = None  # the least and the greatest of the library's own scores
    library_auc: Optional[float] = None
    sidecars: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)  # of augur-convert
    notes: list[str] = field(default_factory=list)  # what the exporter noticed in the model

    @property
    def proven(self) -> bool:
        """Whether the library's own scores were compared."""
        return self.f32 is not None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, which json.dump takes."""
        return {**asdict(self), "proven": self.proven}

    def __str__(self) -> str:
        lines = [f"{self.title}        (read from {self.source})", f"{self._sizes()}; {self._proof()}"]
        if not self.written:
            lines.append("dry run: nothing was written")
        lines += [f"warning: {text}" for text in self.warnings]
        lines += [f"note: {text}" for text in self.notes]
        return "\n".join(lines)

    def _sizes(self) -> str:
        if self.bytes == self.bytes_f32:
            return size_text(self.bytes)
        return f"{size_text(self.bytes_f32)} → {size_text(self.bytes)}"

    def _proof(self) -> str:
        if self.f32 is None:
            return "unproven: give sample=, so that the library's own scores are compared"
        parts = [f"{difference_text(one.score)} ({one.weights})" for one in (self.f32, self.quantised) if one]
        text = f"{self.rows} of your rows: scores agree within {', '.join(parts)}"
        last = self.quantised or self.f32
        if self.library_auc is not None and last.auc is not None:
            text += f"; AUC {self.library_auc:.4f} → {last.auc:.4f}"
        return text


def size_text(count: int) -> str:
    """A number of bytes, such as "412 kB"."""
    if count < 1000:
        return f"{count} B"
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.3g} {unit}"


def difference_text(value: float) -> str:
    """A difference, such as "3.1e-07" or "0.004"."""
    return f"{value:.1e}" if value < 1e-3 else f"{value:.2g}"
