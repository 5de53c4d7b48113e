"""One export: converts, ranks, compares, and says where a file departs from its library."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Union

import numpy as np

from ..arrays import Array
from ..errors import ExportError
from . import keys, trace
from .conversion import CommandFailed, Conversion
from .proof import ProofFiles, auc, flat
from .report import Agreement, Report
from .source import Source, merged_answers

ALIKE = 1e-3  # scores that differ by less
PathText = Union[str, "os.PathLike[str]"]


@dataclass
class _Ranked:
    """A model file that was written and ranked."""

    file: Path
    report: dict[str, Any]  # augur-convert's
    agreement: Optional[Agreement]


class Job:
    """One export."""

    def __init__(self, source: Source, given: dict[str, Any], folder: Path, say: Callable[[str], None],
                 tolerance: float, quantised_tolerance: float, keep_f32: Sequence[str] = ()):
        self.source, self.folder, self.say = source, folder, say
        self.keep_f32 = list(keep_f32)
        self.tolerances = {"f32": tolerance, "quantised": quantised_tolerance}
        self.notes = list(source.notes)
        stated = given.pop("layout", None)
        if stated and source.layout and stated != source.layout:
            raise ExportError(f"answers: layout is {stated!r}, but {source.name} is of {source.layout!r}; leave it out")
        layout = source.layout or stated or (None if _is_description(given) else "auto")
        answers = merged_answers(source, given)
        self.conversion = Conversion(folder, source.save, layout, answers, source.files)
        self.proof = source.proof
        self.calibration: Union[bool, PathText] = False  # True: the sample
        self.calibration_for_use: Optional[PathText] = None  # where the sample's is for the proof alone

    def calibrate(self, given: Union[None, bool, PathText]) -> None:
        """Has a Dice by batch statistics measured: on the sample, or on other requests.

        Where the library's scores hold for the sample's rows together, the proof takes these, whatever the file gets.
        """
        self.calibration = self.source.calibrate if given is None else given
        if self.calibration is True and self.proof is None:
            raise ExportError("calibrate: it takes the sample, which is missing")
        if self.source.calibrate and self.proof is not None and not isinstance(self.calibration, bool):
            self.calibration_for_use, self.calibration = self.calibration, True

    def _calibrate_for_use(self) -> None:
        """From here on, files have the statistics of other rows than the sample's, whose scores they do not give."""
        assert self.calibration_for_use is not None
        self.calibration, self.proof = self.calibration_for_use, None
        self.notes.append(f"the scores were compared with Dice's statistics of the sample, which the library used; the "
                          f"file has those of {os.fspath(self.calibration)}")

    def _calibrating(self) -> list[str]:
        """Options of augur-convert. The sample is written anew, because its rows may have become keys."""
        if self.calibration is False:
            return []
        if self.calibration is True:
            assert self.proof is not None
            return ["--calibrate", str(self.proof.write(self.folder, "calibrate", logits=False).requests)]
        return ["--calibrate", os.fspath(self.calibration)]

    def take_keys(self, given: Union[None, bool, Mapping[str, Any]]) -> None:
        """Puts vocabularies into the model. The sample's rows become keys, as the app will give them."""
        if given is True:
            raise ExportError("vocabularies: expected a dictionary from a table to its keys, or False, but it is True")
        if given is False:
            return
        vocabularies = self.source.vocabularies if given is None else given
        found = keys.read(vocabularies)
        if not found:
            return
        self.say("converting by rows, before keys are added")
        description = self._convert(self.folder / "rows.augur", "f32", "f32", {}).report["description"]
        tables = keys.by_table(found, description)
        if self.proof is not None:
            keys.refuse_shifted(vocabularies, found, description, self.proof)
            self.proof, notes = keys.in_keys(self.proof, description, tables)
            self.notes += notes
        self.conversion.add_vocabularies(tables)

    def write(self, path: Path, weights: str, embeddings: str, sidecars: dict[str, str], dry_run: bool) -> Report:
        """Writes the file, by way of f32 if that is not its type, and reports."""
        is_f32 = weights == embeddings == "f32"
        target = self.folder / "dry-run.augur" if dry_run else path
        tables = {name: str(self.folder / f"dry-run{at}.augurtable") if dry_run else file
                  for at, (name, file) in enumerate(sidecars.items())}
        proven = target if self.calibration_for_use is None else self.folder / "batch.augur"
        f32 = self._convert(proven if is_f32 else self.folder / "f32.augur", "f32", "f32", tables if is_f32 else {})
        last = f32 if is_f32 else self._convert(proven, weights, embeddings, tables)
        proof, agreement = self.proof, last.agreement
        if self.calibration_for_use is not None:
            self._calibrate_for_use()
            last = self._convert(target, weights, embeddings, tables)
        spread = None
        if proof is not None:
            spread = float(flat(proof.scores).min()), float(flat(proof.scores).max())
            if spread[1] - spread[0] < ALIKE:
                self.notes.append(f"the sample's scores are all alike ({spread[0]:.6g} to {spread[1]:.6g}), which "
                                  "proves little: was the model trained, and do the rows differ?")
        library_auc = None if proof is None or proof.labels is None else auc(proof.scores, proof.labels)
        if proof is not None and proof.labels is not None and library_auc is None:
            self.notes.append("no AUC: the labels are not 0 and 1, or they are all alike")
        return Report(
            title=self._title(last), source=self.source.name, path=str(path), written=not dry_run,
            layout=last.report["layout"], weights=weights, embeddings=embeddings, bytes=_bytes(last.file, tables),
            bytes_f32=_bytes(f32.file, tables if is_f32 else {}), rows=proof.rows if proof else 0, f32=f32.agreement,
            quantised=None if is_f32 else agreement, library_auc=library_auc,
            score_range=spread, sidecars=dict(sidecars),
            warnings=[_in_python(text) for text in last.report["warnings"]], notes=self.notes)

    def _title(self, ranked: _Ranked) -> str:
        """The source's own; of a checkpoint, what augur-convert found it to be."""
        title = self.source.title
        return title if not title.endswith(" checkpoint") else f"{ranked.report['model']['name']} ({title})"

    def _convert(self, out: Path, weights: str, embeddings: str, tables: dict[str, str]) -> _Ranked:
        """Converts and ranks. Raises ExportError if the scores are not the library's; `out` is then as it was."""
        is_f32 = weights == embeddings == "f32"
        tolerance = self.tolerances["f32" if is_f32 else "quantised"]
        options = self._options(weights, embeddings, tables)
        files = None if self.proof is None else self.proof.write(self.folder, "proof", logits=is_f32)
        self.say(f"converting to {weights}" + ("" if self.proof is None else f", proving it on {self.proof.rows} rows"))
        try:
            report = self.conversion.convert(out, files, tolerance, options)
        except CommandFailed as failure:
            if files is None:
                raise self._refusal(failure) from failure
            raise self._why(failure, files, weights, embeddings, tables) from failure
        if self.proof is None:
            return _Ranked(out, report, None)
        scores, logits = self.conversion.rank(out, self.proof, tables)
        types = weights if weights == embeddings else f"{weights}, tables {embeddings}"
        return _Ranked(out, report, self._agreement(types, tolerance, scores, logits))

    def _options(self, weights: str, embeddings: str, tables: Mapping[str, str]) -> list[str]:
        options = ["--weights-type", weights, "--embeddings", embeddings]
        options += [text for name, file in tables.items() for text in ("--sidecar", f"{name}={file}")]
        if not weights == embeddings == "f32":
            options += [text for part in self.keep_f32 for text in ("--keep-f32", part)]
        return options + self._calibrating()

    def _agreement(self, weights: str, tolerance: float, scores: list[Array], logits: list[Array]) -> Agreement:
        proof = self.proof
        assert proof is not None
        ours = flat(logits)
        theirs = flat(proof.logits) if proof.logits is not None else _logits_of(flat(proof.scores))
        logit = None if theirs is None else float(np.max(np.abs(ours - theirs), initial=0.0))
        score = float(np.max(np.abs(flat(scores) - flat(proof.scores)), initial=0.0))
        return Agreement(weights, score, logit, tolerance, None if proof.labels is None else auc(scores, proof.labels))

    def _why(self, failure: CommandFailed, files: ProofFiles, weights: str, embeddings: str,
             tables: Mapping[str, str]) -> ExportError:
        """Whether the conversion failed, or its scores differ; and then where."""
        proof = self.proof
        assert proof is not None
        plain = self.folder / "unproven.augur"
        copies = {name: str(self.folder / f"unproven{at}.augurtable") for at, name in enumerate(tables)}
        is_f32 = weights == embeddings == "f32"
        tolerance = self.tolerances["f32" if is_f32 else "quantised"]
        try:
            self.conversion.convert(plain, options=self._options(weights, embeddings, copies))
            scores, _ = self.conversion.rank(plain, proof, copies)
        except CommandFailed as refused:
            return self._refusal(refused)
        differences = [float(np.max(np.abs(one - other), initial=0.0)) for one, other in zip(scores, proof.scores)]
        worst = int(np.argmax(differences))
        beyond = sum(difference > tolerance for difference in differences)
        request = proof.requests[worst]["id"]
        text = (f"the {weights} file does not give the library's scores: {beyond} of {len(differences)} requests "
                f"differ by more than {tolerance:g}, the most {request!r}: {np.ravel(proof.scores[worst])[0]:.6g} was "
                f"expected, {np.ravel(scores[worst])[0]:.6g} came. Nothing was written.")
        if not beyond:
            again = {name: str(self.folder / f"again{at}.augurtable") for at, name in enumerate(tables)}
            try:
                self.conversion.convert(self.folder / "again.augur", files, tolerance,
                                        self._options(weights, embeddings, again))
            except CommandFailed:
                text = f"the logits of the {weights} file differ from the library's. Nothing was written."
            else:  # the scores agree: the file could not be written where it was to be
                return self._refusal(failure)
        if not is_f32:
            return ExportError(f"{text} In f32 they agree. Store more bits (embeddings=\"f32\", "
                               "weights=\"fp16\", or keep_f32=[\"head\"]), or let more pass: quantised_tolerance=")
        parts = (text, self._departure(plain, files), _hint(str(failure)))
        return ExportError("\n".join(part for part in parts if part))

    def _refusal(self, failure: CommandFailed) -> ExportError:
        """A conversion that failed for another reason than its scores; perhaps questions are open."""
        questions = self.conversion.ask()
        stated = next((line for line in str(failure).splitlines() if 'needs "' in line), "")
        needed = [name for name in re.findall(r'"(\w+)"', stated)
                  if f"?{name}" in questions and questions.get(name) is None]
        if not needed:
            return ExportError(_in_python(str(failure)), questions)
        lines = [f"{self.source.name} does not tell everything. Say it with answers={{…}}:"]
        lines += [_question(name, questions[f"?{name}"]) for name in needed]
        lines.append("This error's `questions` has all that is open as JSON to fill in, which answers= takes.")
        return ExportError("\n".join(lines), questions)

    def _departure(self, model: Path, files: ProofFiles) -> str:
        library = self.source.trace
        proof = self.proof
        if not library or proof is None:
            return ""
        try:
            lines = self.conversion.trace(model, files.requests)
        except CommandFailed as failure:
            return f"Where they depart could not be seen: {failure}"
        return trace.departure(library, lines, [request["id"] for request in proof.requests])


def _is_description(answers: Mapping[str, Any]) -> bool:
    """Whether it is the description of a network (docs/description.md), and no answers to a layout's questions."""
    return "tables" in answers and "head" in answers


def _question(name: str, about: Mapping[str, Any]) -> str:
    """A question of augur-convert --ask in a line."""
    choices = f", one of {', '.join(about['choices'])}" if "choices" in about else f" ({about['type']})"
    where = f"; look at {about['where']}" if about.get("where") else ""
    return f"  {name}{choices}: {about['question']}{where}"


def _in_python(message: str) -> str:
    """A message of augur-convert, with the argument of export in the place of its option."""
    return re.sub(r"--keep-f32 ([\w.\[\]]+)", r'keep_f32=["\1"]', message)


def _logits_of(scores: Array) -> Optional[Array]:
    """Logits of probabilities, in float64; None where a score is none, or so near to 0 or 1 that f32 lost it."""
    if not ((scores > 1e-4) & (scores < 1 - 1e-4)).all():
        return None
    logits: Array = np.log(scores) - np.log1p(-scores)
    return logits


def _bytes(model: Path, tables: Mapping[str, str]) -> int:
    return sum(os.path.getsize(file) for file in (str(model), *tables.values()))


def _hint(message: str) -> str:
    """What augur-convert found by trying likely mistakes out."""
    found = [line.strip() for line in message.splitlines() if "they agree within" in line]
    return "\n".join(found)
