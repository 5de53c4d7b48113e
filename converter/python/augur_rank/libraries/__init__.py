"""Live models of the libraries that train DIENs: from an object to a Dump.

A library is a module with three functions:

    recognises(model) -> bool                      by the modules of its class; imports nothing
    read(model, candidate_features) -> Dump        tensors, and the answers to the layout's questions
    observe(model, dump, sample, labels) -> None   fills requests, scores, logits, trace and labels by the library's own
                                                   forward pass in evaluation mode; the model is left as it was
"""

import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Optional

from ..errors import ExportError

MODULES = ("deepctr_torch", "recbole", "torch_rechub", "fuxictr", "own", "deepctr_keras", "dien_tf1")
NAMES = "DeepCTR, DeepCTR-Torch, FuxiCTR, RecBole, torch-rechub, the DIEN authors' code and augur_rank.training"


def module_of(model: Any) -> ModuleType:
    """The module that reads this model. Raises ExportError for one that no library here has made."""
    for module in _modules():
        if module.recognises(model):
            return module
    kind = f"{type(model).__module__}.{type(model).__qualname__}"
    inside = _inside(model)
    if inside is not None:
        raise ExportError(f"a {kind} is not a model of a library that is known, but its attribute {inside!r} is: "
                          "export that")
    raise ExportError(
        f"a {kind} is not a model of {NAMES}, so that it does not tell its architecture. Save its state dict, "
        "describe the "
        "network once (docs/description.md), and export both: augur_rank.export(\"weights.pt\", path, "
        "answers=\"description.json\"). If it is one of these libraries' under another name, give the library's layout "
        "and its answers in the place of a description: layout=..., answers=...")


def chosen_candidate_features(undecided: Sequence[str], given: Optional[Sequence[str]], library: str) -> list[str]:
    """Those of the undecided features that each candidate has its own value of.

    Raises ExportError if nothing was said and there is something to say, or if a name is not among them.
    """
    if given is None:
        if not undecided:
            return []
        raise ExportError(
            f"{library} does not tell which features belong to the user and which to each candidate. Undecided: "
            f"{', '.join(undecided)}. Name those that each candidate has its own value of, such as an item's brand: "
            "candidate_features=[…], or [] if none of them is")
    if isinstance(given, str):
        raise ExportError(f"candidate_features: expected a list of names, but it is the text {given!r}: write "
                          f"[{given!r}]")
    wrong = [name for name in given if name not in undecided]
    if wrong:
        raise ExportError(f"candidate_features: {', '.join(map(repr, wrong))}: expected some of "
                          f"{', '.join(undecided) or 'none: every feature is decided'}")
    return [name for name in undecided if name in given]


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f"{__name__}.{name}") for name in MODULES]


def _inside(model: Any) -> Optional[str]:
    """The attribute that holds a model of a library, such as a Lightning module's."""
    for name, child in list(getattr(model, "_modules", {}).items()):
        if child is not None and any(module.recognises(child) for module in _modules()):
            return str(name)
    return None
