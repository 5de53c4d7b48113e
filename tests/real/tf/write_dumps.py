"""Trains models where augur_rank cannot run, and writes each with augur_dump.py. Python 2.7 and later.

    python -m tf.write_dumps deepctr|authors FOLDER [--only WORD]

FOLDER/modes.json then lists [library, mode, file or null, error or null].
"""
from __future__ import division, print_function

import json
import os
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import augur_dump  # noqa: E402  (after the setting above; its folder is in PYTHONPATH)


def write_deepctr(train, path):
    """A dump of one of DeepCTR's modes."""
    model, sample, labels, own = train()
    augur_dump.deepctr(model, path, sample=sample, labels=labels, candidate_features=own)


def write_authors(train, path):
    """A dump of one of the authors' models."""
    model, session, sample, labels = train()
    augur_dump.authors(model, session, path, sample=sample, labels=labels)


def main(what, folder, only=""):
    """Writes all modes with the word `only`."""
    if what == "deepctr":
        from . import deepctr_models as models
        write = write_deepctr
    else:
        from . import dien_tf1_models as models
        write = write_authors
    found = []
    for number, (mode, train) in enumerate(models.MODES):
        if only.lower() not in ("%s %s" % (models.LIBRARY, mode)).lower():
            continue
        path, error = os.path.join(folder, "%s-%d.npz" % (what, number)), None
        try:
            write(train, path)
        except Exception as reason:  # a mode must not end the run
            error = "%s: %s" % (type(reason).__name__, reason)
            if not isinstance(reason, augur_dump.DumpError):
                traceback.print_exc()
        print("%s: %s" % (mode, error or "written"))
        sys.stdout.flush()
        found.append([models.LIBRARY, mode, None if error else path, error])
    with open(os.path.join(folder, "modes.json"), "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if one != "--only"]
    main(*given)
