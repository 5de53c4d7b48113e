"""The C interface of libaugur (runtime/include/augur/augur.h) for ctypes: its structs, its functions, its version.

ctypes lets go of Python's global lock during a call, so that other threads go on while one ranks.
"""

from __future__ import annotations

import ctypes
import functools
from ctypes import POINTER, c_char, c_char_p, c_float, c_int, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

from .. import built
from .status import Unsupported

HEADER_VERSION = 600  # AUGUR_VERSION of the header that this file follows

_Digest = c_uint8 * 32


class Error(ctypes.Structure):
    """augur_error."""

    _fields_ = [("struct_size", c_size_t), ("required_bytes", c_size_t), ("message", c_char * 480)]


class Content(ctypes.Structure):
    """augur_content."""

    _fields_ = [("struct_size", c_size_t), ("file", c_char_p), ("table", c_char_p), ("data", c_void_p),
                ("bytes", c_size_t),
                ("model_id", _Digest), ("content_hash", _Digest)]


VerifyContent = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(Content))


class ModelOptions(ctypes.Structure):
    """augur_model_options."""

    _fields_ = [("struct_size", c_size_t), ("memory", c_void_p), ("memory_bytes", c_size_t), ("load", c_uint32),
                ("verify", c_uint32), ("verify_content", VerifyContent), ("verify_context", c_void_p)]


class TableSource(ctypes.Structure):
    """augur_table_source."""

    _fields_ = [("struct_size", c_size_t), ("path", c_char_p), ("data", c_void_p), ("bytes", c_size_t), ("fd", c_int),
                ("load", c_uint32), ("offset", c_uint64), ("length", c_uint64), ("memory", c_void_p),
                ("memory_bytes", c_size_t)]


class ModelInfo(ctypes.Structure):
    """augur_model_info."""

    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("producer", c_char_p), ("producer_version", c_char_p),
                ("id", _Digest), ("format", c_uint32), ("feature_count", c_uint32), ("candidate_field_count", c_uint32),
                ("stack_count", c_uint32), ("note_count", c_uint32), ("file_bytes", c_size_t),
                ("arena_bytes", c_size_t),
                ("arena_used_bytes", c_size_t), ("calibration_scale", c_float), ("calibration_offset", c_float),
                ("output", c_int), ("table_count", c_uint32), ("tables_with_other_rows", c_uint32),
                ("tables_with_unknown_rows", c_uint32), ("session_count", c_uint32), ("reserved", c_uint32),
                ("schema_id", _Digest)]


class TableInfo(ctypes.Structure):
    """augur_table_info."""

    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("rows", c_uint32), ("width", c_uint32),
                ("out_of_table", c_int), ("origin", c_int), ("rows_hash", _Digest), ("converted_rows_hash", _Digest),
                ("key_type", c_int), ("keys", c_uint32), ("deltas", c_uint32), ("padding_row", c_uint32),
                ("unknown_row", c_uint32), ("reserved", c_uint32), ("vocabulary_hash", _Digest), ("state", _Digest)]


class FieldInfo(ctypes.Structure):
    """augur_field_info."""

    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("kind", c_int), ("width", c_uint32),
                ("table", c_char_p),
                ("table_rows", c_uint32), ("out_of_table", c_int), ("key_type", c_int), ("reserved", c_uint32),
                ("column", c_char_p)]


class StackInfo(ctypes.Structure):
    """augur_stack_info."""

    _fields_ = [("struct_size", c_size_t), ("name", c_char_p), ("max_history", c_uint32), ("field_count", c_uint32),
                ("keeps_oldest", c_uint32)]


class SessionOptions(ctypes.Structure):
    """augur_session_options."""

    _fields_ = [("struct_size", c_size_t), ("max_history", c_uint32), ("tile", c_uint32), ("threads", c_uint32),
                ("streaming", c_uint32), ("max_ids_per_event", c_uint32), ("reserved", c_uint32),
                ("parallel_for", c_void_p), ("parallel_for_context", c_void_p)]


class String(ctypes.Structure):
    """augur_string."""

    _fields_ = [("data", c_void_p), ("length", c_size_t)]


class Column(ctypes.Structure):
    """augur_column."""

    _fields_ = [("struct_size", c_size_t), ("name", c_void_p), ("ids", c_void_p), ("values", c_void_p),
                ("counts", c_void_p), ("length", c_size_t), ("strings", c_void_p), ("id_form", c_uint32),
                ("reserved", c_uint32)]


class RestoreReport(ctypes.Structure):
    """augur_restore_report."""

    _fields_ = [("struct_size", c_size_t), ("by", c_int), ("reserved", c_uint32), ("unknown_ids", c_size_t),
                ("dropped_events", c_size_t)]


class EachOptions(ctypes.Structure):
    """augur_each_options."""

    _fields_ = [("struct_size", c_size_t), ("statuses", c_void_p)]


_P, _S, _U, _C = c_void_p, c_size_t, c_uint32, c_char_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "augur_version": (_U, []),
    "augur_is_compatible": (c_int, [_U]),
    "augur_status_name": (_C, [c_int]),
    "augur_model_open_file": (c_int, [_C, _P, _P, _P]),
    "augur_model_open_buffer": (c_int, [_P, _S, _P, _P, _P]),
    "augur_model_attach_table_from": (c_int, [_P, _C, _P, _P]),
    "augur_model_attach_delta": (c_int, [_P, _C, _P, _P]),
    "augur_model_detach_deltas": (c_int, [_P, _C, _U, _P]),
    "augur_model_close": (None, [_P]),
    "augur_model_get_info": (c_int, [_P, _P]),
    "augur_model_get_feature": (c_int, [_P, _U, _P]),
    "augur_model_get_candidate_field": (c_int, [_P, _U, _P]),
    "augur_model_get_stack": (c_int, [_P, _U, _P]),
    "augur_model_get_stack_field": (c_int, [_P, _U, _U, _P]),
    "augur_model_get_table": (c_int, [_P, _U, _P]),
    "augur_model_get_note": (_C, [_P, _U]),
    "augur_model_find_string": (c_int, [_P, _C, _C, _S, _P]),
    "augur_model_find_integer": (c_int, [_P, _C, c_int64, _P]),
    "augur_session_bytes": (_S, [_P, _P]),
    "augur_session_create": (c_int, [_P, _P, _P, _S, _P, _P]),
    "augur_session_destroy": (None, [_P]),
    "augur_session_error": (_C, [_P]),
    "augur_session_set_feature": (c_int, [_P, _P]),
    "augur_session_set_history": (c_int, [_P, _C, _P, _S, _S]),
    "augur_session_append": (c_int, [_P, _C, _P, _S, _S]),
    "augur_session_clear": (c_int, [_P]),
    "augur_session_history_length": (_S, [_P, _C]),
    "augur_session_save": (c_int, [_P, _P, _P]),
    "augur_session_restore_report": (c_int, [_P, _P, _S, _P]),
    "augur_rank": (c_int, [_P, _P, _S, _S, _P, _P]),
    "augur_rank_top_k": (c_int, [_P, _P, _S, _S, _S, _P, _P, _P]),
    "augur_rank_each": (c_int, [_P, _P, _S, _S, _P, _P, _P]),
    "augur_rank_top_k_each": (c_int, [_P, _P, _S, _S, _S, _P, _P, _P, _P]),
    "augur_explain": (c_int, [_P, _C, _P, _S, _S, _S, _P, _S, _P]),
    "augur_session_cancel": (None, [_P]),
}


@functools.cache
def library() -> ctypes.CDLL:
    """libaugur, loaded once. Raises AugurError if it is not there or of a version that does not serve this package."""
    path = built.library()
    loaded = ctypes.CDLL(path)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    if not loaded.augur_is_compatible(HEADER_VERSION):
        raise Unsupported(f"{path}: its version is {loaded.augur_version()}, which does not serve this package "
                          f"(version {HEADER_VERSION}); install both from the same release")
    return loaded


def version() -> str:
    """The version of libaugur, such as "0.6.0"."""
    number = library().augur_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def sized(kind: Any) -> Any:
    """An empty struct of that kind, with its struct_size."""
    made = kind()
    made.struct_size = ctypes.sizeof(kind)
    return made
