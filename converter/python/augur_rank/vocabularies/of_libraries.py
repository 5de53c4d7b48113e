"""The vocabularies of libraries: RecBole's field2token_id, FuxiCTR's feature_vocab.json, deepctr's vocabulary_path."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from .key_files import PathLike, read_key_file
from .sources import as_vocabulary
from .vocabulary import Vocabulary, VocabularyError


def recbole_vocabularies(source: Any) -> dict[str, Vocabulary]:
    """Field → Vocabulary, of a RecBole dataset, or of its field2token_id or field2id_token alone.

    source  an object with field2token_id or field2id_token; {field: {token: id}}; or {field: [token of id 0, …]}

    Tokens are str there, also where the data has numbers: for an app that gives integers, take as_vocabulary(…,
    keys="integer"). Raises VocabularyError.
    """
    fields = source
    if not isinstance(source, Mapping):
        fields = getattr(source, "field2token_id", None) or getattr(source, "field2id_token", None)
    if not isinstance(fields, Mapping) or not fields:
        raise VocabularyError(f"a {type(source).__name__} has no field2token_id: expected RecBole's dataset, or a dict "
                              "of its fields")
    return {str(field): as_vocabulary(tokens, name=f"RecBole's field {field}") for field, tokens in fields.items()}


def fuxictr_vocabularies(feature_vocab: PathLike, feature_map: PathLike | None = None) -> dict[str, Vocabulary]:
    """Field → Vocabulary, of FuxiCTR's feature_vocab.json; padding (__PAD__) and the unknown row (__OOV__) are named.

    feature_map  the feature_map.json beside it, by default that of the same folder, if it is there: each vocabulary is
                 compared with the vocab_size that it states

    Raises VocabularyError, which names the file and the field, and OSError.
    """
    path = os.fspath(feature_vocab)
    sizes = _sizes(path, feature_map)
    made = {}
    for field, value in _json_object(path).items():
        if not isinstance(value, (dict, list)):
            continue  # FuxiCTR writes nothing else for a field that has a vocabulary
        vocabulary = read_key_file(f"{path}#{field}")
        if field in sizes and vocabulary.largest_row >= sizes[field]:
            raise VocabularyError(f"{path}#{field}: has row {vocabulary.largest_row}, but feature_map.json states "
                                  f"vocab_size {sizes[field]}: the two files are of different trainings")
        made[field] = vocabulary
    if not made:
        raise VocabularyError(f"{path}: has no field with keys; is it FuxiCTR's feature_vocab.json?")
    return made


def _json_object(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        content = file.read()
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise VocabularyError(f"{path}: is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise VocabularyError(f"{path}: expected an object, found a {type(value).__name__}")
    return value


def _sizes(vocab: str, given: PathLike | None) -> dict[str, int]:
    path = os.fspath(given) if given is not None else os.path.join(os.path.dirname(vocab), "feature_map.json")
    if given is None and not os.path.exists(path):
        return {}
    features = _json_object(path).get("features")
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise VocabularyError(f"{path}: has no list \"features\" of objects; is it FuxiCTR's feature_map.json?")
    sizes = {}
    for feature in features:
        for name, spec in feature.items():
            size = spec.get("vocab_size") if isinstance(spec, dict) else None
            if isinstance(size, int):
                sizes[name] = size
    return sizes


def deepctr_vocabulary(vocabulary_path: PathLike) -> Vocabulary:
    """The file of a SparseFeat's vocabulary_path: ROW,KEY in every line. Row 0 is padding and unknown keys there.

    Raises VocabularyError, OSError.
    """
    return read_key_file(vocabulary_path, form="row_comma_key")
