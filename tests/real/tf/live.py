"""Exports live models of TensorFlow: python -m tf.live --results FILE [--only WORD]."""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from case import Case, Trained, run_cases  # noqa: E402  (after the setting above)

from . import deepctr_models  # noqa: E402


def cases() -> list[Case]:
    """DeepCTR's modes, and the authors' where the graph mode is on."""
    name = deepctr_models.LIBRARY + (", eager" if deepctr_models.EAGER else "")

    def deepctr(train) -> Trained:
        model, sample, labels, own = train()
        return Trained(model, sample, labels, {"candidate_features": own})

    def authors(train) -> Trained:
        model, session, sample, labels = train()
        return Trained((model, session), sample, labels)

    found = [Case(name, mode, lambda train=train: deepctr(train)) for mode, train in deepctr_models.MODES]
    if not deepctr_models.EAGER:
        from . import dien_tf1_models
        found += [Case(dien_tf1_models.LIBRARY, mode, lambda train=train: authors(train))
                  for mode, train in dien_tf1_models.MODES]
    return found


def main() -> int:
    """Runs what was asked for; the exit status is 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, type=Path)
    parser.add_argument("--only")
    given = parser.parse_args()
    return 1 if run_cases(cases(), given.results, given.only) else 0


if __name__ == "__main__":
    sys.exit(main())
