"""Vocabularies: which row of an embedding table each key of a catalogue has.

    from augur_rank.vocabularies import as_vocabulary

    as_vocabulary({"tents-104": 1, "tents-6": 2})      # a dict, a list, a column, an encoder, a file, …
    fuxictr_vocabularies("feature_vocab.json")         # field → Vocabulary
    vocabulary_arguments({"item": …}, folder)          # what augur-convert is given for them
"""

from .arguments import vocabulary_arguments
from .key_files import read_key_file, write_key_file
from .of_libraries import deepctr_vocabulary, fuxictr_vocabularies, recbole_vocabularies
from .sources import as_vocabulary
from .vocabulary import Key, Vocabulary, VocabularyError

__all__ = [
    "Key", "Vocabulary", "VocabularyError", "as_vocabulary", "deepctr_vocabulary", "fuxictr_vocabularies",
    "read_key_file", "recbole_vocabularies", "vocabulary_arguments", "write_key_file",
]
